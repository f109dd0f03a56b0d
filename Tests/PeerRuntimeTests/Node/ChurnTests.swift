import ByteStrings
import Glibc
import PeerEvents
import TestSupport
import Testing
import TorrentCore
import TorrentIO

@testable import PeerRuntime

/// Torrents come, pause, go on and go, again and again, while others move: nothing is lost, and nothing left behind.
struct Churn {
    let stage: LiveStage
    let moving: [LiveStage.Share]
    let passing: [LiveStage.Share]
    private let port: UInt16

    /// Two torrents move, of so many bytes each, no faster than `rate`; `count` others come and go.
    init(_ count: Int, movingBytes: Int, rate: Int) async throws {
        // All that is told in a long run would be most of its memory.
        let stage = try await LiveStage(keeps: { if case .listening = $0 { true } else { false } })
        self.stage = stage
        port = try await stage.seeder.port()
        moving = try (0..<2).map { try stage.share("moving\($0)", bytes: movingBytes, seed: UInt64($0 + 1)) }
        passing = try (0..<count).map { number in
            try stage.share("passing\(number)", bytes: 40_000 + number, seed: UInt64(number + 3))
        }
        for share in moving { try stage.fetch(share, limits: TransferLimits(download: rate)) }
        for share in moving { try await stage.wait("connected", of: share) { $0.progress.peers > 0 } }
    }

    private var node: PeerNode { stage.leecher.node }

    /// All that the passing torrents have left.
    struct Remains: Equatable {
        var descriptors: Int
        var connections: Int
        /// Buffers of pieces; the moving torrents have some.
        var bufferBytes: Int
    }

    func remains() throws -> Remains {
        let moving = moving.map { "\(stage.target)/\($0.payload.name)" }
        let descriptors = Footprint.descriptors.filter { $0.hasPrefix(stage.target) && !moving.contains($0) }
        return Remains(
            descriptors: descriptors.count, connections: try Footprint.connections(at: port),
            bufferBytes: node.context.shared.buffers.figures.used)
    }

    /// All come at once; every other one is paused, and of these every other one goes on; then all go. What is there of
    /// each from an earlier round stays there.
    func round() async throws {
        for share in passing { try stage.fetch(share) }
        try await wait(passing, "complete") { $0.progress.state == .seeding && $0.progress.left == 0 }
        let pausing = passing.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
        for share in pausing { try node.pause(share.infoHash) }
        try await wait(pausing, "paused") { $0.progress.state == .paused }
        let resuming = pausing.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
        for share in resuming { try node.resume(share.infoHash) }
        try await wait(resuming, "seeding") { $0.progress.state == .seeding }
        for share in passing { try node.remove(share.infoHash) }
    }

    private func wait(
        _ shares: [LiveStage.Share], _ what: String, _ condition: (TorrentStatus) -> Bool
    ) async throws {
        let names = Set(shares.map(\.infoHash))
        let holds = try await eventually(within: .seconds(180), every: .milliseconds(50)) {
            node.torrents.allSatisfy { !names.contains($0.infoHash) || condition($0) }
        }
        guard holds else {
            let other = node.torrents.first { names.contains($0.infoHash) && !condition($0) }
            throw TestFailure("not all \(what): \(other.map { "\($0)" } ?? "")")
        }
    }

    /// The limits go, and both torrents come to their ends.
    func finish() async throws {
        for share in moving { try node.setLimits(TransferLimits(), for: share.infoHash) }
        for share in moving {
            try await stage.waitUntilComplete(share, within: .seconds(120))
            #expect(try stage.isSame(share))
        }
        for share in passing { #expect(try stage.isSame(share)) }
    }
}

@Suite struct ChurnTests {
    @Test func nothingIsLeftBehind() async throws {
        let churn = try await Churn(20, movingBytes: 4_000_000, rate: 2_000)
        defer { churn.stage.stop() }
        var before = try churn.remains()
        before.bufferBytes = 0
        for _ in 0..<5 { try await churn.round() }
        var after = before
        // Sessions are let go of by their last timer, after more than a second.
        let isSame = try await eventually(within: .seconds(20)) {
            after = try churn.remains()
            // Each of those that move has a few pieces open.
            if after.bufferBytes <= 1 << 20 { after.bufferBytes = 0 }
            return after == before
        }
        #expect(isSame, "\(after) after, \(before) before")
        #expect(churn.stage.leecher.node.torrents.count == 2)
        try await churn.finish()
        let isIdle = try await eventually(within: .seconds(20)) {
            churn.stage.leecher.node.context.shared.buffers.figures == PieceBufferPool.Figures()
        }
        #expect(isIdle)
    }

    /// For optimised builds: set P2P_BIG_NODES=1, and run it by itself, with TMPDIR in memory: each torrent flushes its
    /// files, for which a disk takes its time.
    @Test(.enabled(if: getenv("P2P_BIG_NODES") != nil))
    func fiveHundredTorrentsComeAndGoAHundredTimes() async throws {
        let churn = try await Churn(500, movingBytes: 40_000_000, rate: 60_000)
        defer { churn.stage.stop() }
        let begun = MonotonicClock.now()
        func report(_ round: Int) async throws {
            // What the last round left is on its way.
            try await Task.sleep(for: .seconds(3))
            let seconds = Int((MonotonicClock.now() - begun).inSeconds)
            let remains = try churn.remains()
            print(
                "round \(round), \(seconds) s: \(try Footprint.residentBytes() >> 10) KiB resident,",
                "\(Footprint.descriptors.count) descriptors, \(remains.connections) ends of connections,",
                "\(remains.bufferBytes >> 10) KiB in piece buffers")
            fflush(nil)
        }
        try await report(0)
        for round in 1...100 {
            try await churn.round()
            if [1, 10, 50, 100].contains(round) { try await report(round) }
        }
        try await churn.finish()
    }
}
