import Dispatch
import PeerEvents
import PeerRuntime
import Synchronization
import TestSupport
import Testing
import TorrentCore
import TorrentIO

/// A node that is stopped while whole pieces are with its workers.
@Suite struct StoppingTests {
    private static let payload = Payload(name: "half", files: [("a", 1_500_000), ("b", 1_500_000)], seed: 5)

    @Test func thePiecesWithTheWorkersAreInTheRecord() async throws {
        let stage = try NodeStage(Self.payload)
        try FileTree.write([], to: "\(stage.source)/half/b")
        let gate = Gate(letsPass: 8)
        let (seeder, leecher) = try await stage.nodes(hash: gate.hash)
        defer { seeder.node.stop() }
        try #require(try await eventually(within: .seconds(20)) { gate.isHolding })
        let outcome = try await Self.stop(leecher, seeder, gate)
        #expect(outcome.failures.isEmpty && outcome.unfinished == 1)

        let again = try TestNode(stage.metainfo, folder: stage.target, role: .leech)
        again.node.start()
        let verified = try await again.verified()
        #expect(verified.fromResumeRecord)
        #expect(verified.goodPieces == gate.pieces)
        again.node.stop()
        _ = try await again.waitUntilStopped()
    }

    @Test func aDownloadWhoseLastPiecesAreWithTheWorkersIsComplete() async throws {
        let stage = try NodeStage(Self.payload)
        let gate = Gate(letsPass: 0)
        let (seeder, leecher) = try await stage.nodes(hash: gate.hash)
        defer { seeder.node.stop() }
        try await leecher.wait("last byte") { event in
            if case .progress(let torrents) = event, torrents[0].downloaded == Self.payload.length { () } else { nil }
        }
        let outcome = try await Self.stop(leecher, seeder, gate)
        #expect(outcome.failures.isEmpty && outcome.unfinished == 0)
        #expect(leecher.events.contains { if case .complete = $0 { true } else { false } })
        #expect(try stage.differences == [])
    }

    /// Opens the gate only when the leecher is on its way out: the seeder has seen it go.
    private static func stop(
        _ leecher: TestNode, _ seeder: TestNode, _ gate: Gate
    ) async throws -> PeerNode.Outcome {
        leecher.node.stop()
        try await seeder.wait("parting") { event in
            if case .progress(let all) = event, all[0].uploaded > 0, all[0].peers == 0 { () } else { nil }
        }
        gate.open()
        return try await leecher.waitUntilStopped()
    }
}

/// Hashes a number of pieces, and holds the rest up until it is opened.
private final class Gate: Sendable {
    private struct State {
        var pieces = 0
        var isHolding = false
    }

    private let letsPass: Int
    private let state = Mutex(State())
    private let opened = DispatchSemaphore(value: 0)

    init(letsPass: Int) {
        self.letsPass = letsPass
    }

    /// Pieces that have come so far.
    var pieces: Int { state.withLock(\.pieces) }
    var isHolding: Bool { state.withLock(\.isHolding) }

    var hash: HashFunction {
        { [self] buffers in
            let waits = state.withLock { state in
                state.pieces += buffers.count
                if state.pieces > letsPass { state.isHolding = true }
                return state.isHolding
            }
            if waits {
                opened.wait()
                opened.signal()
            }
            return HashAndStoreWorkers.bestKernel(buffers)
        }
    }

    func open() { opened.signal() }
}
