import ByteStrings
import PeerEvents
import TestSupport
import Testing
import TorrentCore
import TorrentIO

@testable import PeerRuntime

/// Torrents come, go, pause and go on while others move.
@Suite struct LiveNodeTests {
    private static let slow = TransferLimits(download: 16_384)

    @Test func aTorrentIsAddedWhileAnotherMoves() async throws {
        let bench = try await LiveBench()
        defer { bench.stop() }
        let large = try bench.share("large", bytes: 3_000_001)
        try bench.fetch(large, limits: Self.slow)
        try await bench.wait("moving", of: large) { $0.progress.downloaded > 0 }
        let small = try bench.share("small", bytes: 300_001, seed: 2)
        #expect(try bench.fetch(small) == small.infoHash)
        try await bench.waitUntilComplete(small)
        #expect(try bench.isSame(small))
        #expect(bench.leecher.node.torrents.map(\.infoHash) == [large.infoHash, small.infoHash])
        #expect(try bench.leecher.node.status(of: large.infoHash).progress.state == .leeching)
        try bench.leecher.node.setLimits(TransferLimits(), for: large.infoHash)
        try await bench.waitUntilComplete(large)
        #expect(try bench.isSame(large))
    }

    @Test func aPausedTorrentHoldsNothingAndGoesOnFromItsRecord() async throws {
        let bench = try await LiveBench()
        defer { bench.stop() }
        let share = try bench.share("paused", bytes: 3_000_001)
        try bench.fetch(share, limits: TransferLimits(download: 400_000))
        try await bench.wait("moving", of: share) { $0.progress.downloaded > 300_000 }
        try bench.leecher.node.pause(share.infoHash)
        try await bench.wait("paused", of: share) { $0.progress.state == .paused }
        let paused = try bench.leecher.node.status(of: share.infoHash).progress
        #expect(paused.peers == 0 && paused.downloadRate == 0)
        #expect(paused.left > 0 && paused.left < 3_000_001)
        // The session's last timer lets go of it.
        let holdsNothing = try await eventually(within: .seconds(10)) {
            Footprint.descriptors(below: bench.target) == 0
        }
        #expect(holdsNothing)
        #expect(bench.leecher.node.context.shared.buffers.figures.used == 0)
        try await bench.seeder.wait("parting") { event in
            if case .progress(let all) = event, all[0].uploaded > 0, all[0].peers == 0 { () } else { nil }
        }

        try bench.leecher.node.setLimits(TransferLimits(), for: share.infoHash)
        try bench.leecher.node.resume(share.infoHash)
        try await bench.waitUntilComplete(share)
        #expect(try bench.isSame(share))
        let checks = bench.leecher.events.compactMap { event in
            if case .verified(_, let content) = event { content } else { nil }
        }
        #expect(checks.count == 2 && checks.last?.fromResumeRecord == true)
        let missing = Int64(3_000_001) - (checks.last?.goodBytes ?? 0)
        #expect(missing == paused.left)
        // Bytes of both sessions are counted, and none twice.
        let done = try bench.leecher.node.status(of: share.infoHash).progress
        #expect(done.downloaded >= 3_000_001 && done.downloaded < 3_500_000)
    }

    @Test func theSameTorrentIsAddedAgain() async throws {
        let bench = try await LiveBench()
        defer { bench.stop() }
        let share = try bench.share("again", bytes: 500_001)
        let node = bench.leecher.node
        for _ in 0..<3 {
            try bench.fetch(share)
            #expect(throws: NodeError.alreadyThere(share.infoHash, name: "again")) { try bench.fetch(share) }
            try await bench.waitUntilComplete(share)
            try node.remove(share.infoHash)
            // It is not done with leaving yet, but is no longer there.
            #expect(throws: NodeError.unknownTorrent(share.infoHash)) { try node.status(of: share.infoHash) }
            #expect(throws: NodeError.unknownTorrent(share.infoHash)) { try node.remove(share.infoHash) }
        }
        try bench.fetch(share)
        try node.remove(share.infoHash)
        try bench.fetch(share)
        try await bench.waitUntilComplete(share)
        #expect(try bench.isSame(share))
        #expect(bench.count { $0.isEnd(of: share.infoHash) } >= 3)
        let failed = bench.count { if case .failed = $0 { true } else { false } }
        #expect(failed == 0)
    }

    /// Nothing on the disk is deleted, and another process may take over: nothing stays locked.
    @Test func aRemovedTorrentLeavesItsFilesAndItsRecord() async throws {
        let bench = try await LiveBench()
        defer { bench.stop() }
        let share = try bench.share("left", bytes: 500_001)
        try bench.fetch(share)
        try await bench.waitUntilComplete(share)
        try bench.leecher.node.remove(share.infoHash)
        try await bench.leecher.wait("end") { $0.isEnd(of: share.infoHash) ? () : nil }
        #expect(bench.leecher.node.torrents.isEmpty)
        #expect(try bench.isSame(share))
        let other = try TestNode(share.metainfo, folder: bench.target, role: .leech)
        other.node.start()
        #expect(try await other.verified().fromResumeRecord)
        other.node.stop()
        _ = try await other.waitUntilStopped()
    }

    @Test func limitsHoldFromTheMomentOn() async throws {
        let bench = try await LiveBench { $0.downloadLimit = 16_384 }
        defer { bench.stop() }
        let share = try bench.share("limited", bytes: 4_000_000)
        // Of the node's limit and its own the stricter one holds: at the node's this takes four minutes.
        try bench.fetch(share, limits: TransferLimits(download: 8_000_000))
        try await bench.wait("moving", of: share) { $0.progress.downloaded > 0 }
        #expect(try bench.leecher.node.status(of: share.infoHash).progress.downloadRate < 100_000)
        try bench.leecher.node.setLimits(TransferLimits(), for: share.infoHash)
        try bench.leecher.node.setLimits(TransferLimits(download: 1_000_000))
        let begun = MonotonicClock.now()
        try await bench.waitUntilComplete(share)
        #expect(MonotonicClock.now() - begun > .seconds(2))
        #expect(throws: NodeError.badLimits) { try bench.leecher.node.setLimits(TransferLimits(upload: 0)) }
    }

    /// A sender that waits for its time under the old limit goes on under the new one.
    @Test func aSenderNeedNotWaitForTheOldLimit() async throws {
        let bench = try await LiveBench()
        defer { bench.stop() }
        let share = try bench.share("sent", bytes: 1_000_000)
        try bench.seeder.node.setLimits(TransferLimits(upload: 100), for: share.infoHash)
        try bench.fetch(share)
        try await bench.wait("moving", of: share) { $0.progress.peers == 1 && $0.progress.downloaded > 0 }
        // The next block is due in minutes.
        try bench.seeder.node.setLimits(TransferLimits(), for: share.infoHash)
        try await bench.waitUntilComplete(share, within: .seconds(15))
    }

    @Test func aPausedCheckIsBegunAgain() async throws {
        let bench = try await LiveBench()
        defer { bench.stop() }
        let share = try bench.share("checked", bytes: 2_000_000)
        try bench.fetch(share)
        for _ in 0..<20 {
            try bench.leecher.node.pause(share.infoHash)
            try bench.leecher.node.resume(share.infoHash)
        }
        try await bench.waitUntilComplete(share)
        try bench.leecher.node.pause(share.infoHash)
        try await bench.wait("paused", of: share) { $0.progress.state == .paused }
        try bench.leecher.node.remove(share.infoHash)
        try await bench.leecher.wait("end") { $0.isEnd(of: share.infoHash) ? () : nil }
    }

    @Test func aConnectionFindsItsTorrentAmongMany() async throws {
        let bench = try await LiveBench()
        defer { bench.stop() }
        let shares = try (0..<20).map { try bench.share("many\($0)", bytes: 40_000 + $0, seed: UInt64($0 + 1)) }
        try bench.seeder.node.remove(shares[7].infoHash)
        for share in shares { try bench.fetch(share) }
        for share in shares where share.infoHash != shares[7].infoHash {
            try await bench.waitUntilComplete(share)
            #expect(try bench.isSame(share))
        }
        // The seeder hangs up on whoever asks for what it has no more.
        try await bench.leecher.wait("refusal") { event in
            if case .peer(shares[7].infoHash, let news) = event, case .failed = news.kind { () } else { nil }
        }
        #expect(try bench.leecher.node.status(of: shares[7].infoHash).progress.left == 40_007)
    }

    @Test func aNodeStaysAliveWithoutTorrents() async throws {
        let bench = try await LiveBench()
        let node = bench.leecher.node
        async let ended = node.outcome { $0.waitUntilStopped() }
        let share = try bench.share("late", bytes: 100_000)
        try bench.fetch(share)
        try await bench.waitUntilComplete(share)
        try node.remove(share.infoHash)
        try await bench.leecher.wait("end") { $0.isEnd(of: share.infoHash) ? () : nil }
        try bench.fetch(share)
        try await bench.waitUntilComplete(share)
        bench.stop()
        let outcome = await ended
        #expect(outcome.failures.isEmpty && outcome.unfinished == 0)
        #expect(throws: NodeError.isStopping) { try bench.fetch(share) }
        #expect(throws: NodeError.isStopping) { try node.pause(share.infoHash) }
    }

    @Test func whatHasEndedIsRemovedAndAddedAnew() async throws {
        let bench = try await LiveBench()
        defer { bench.stop() }
        let share = try bench.share("ended", bytes: 100_000)
        // Its file is in the way.
        try FileTree.write(Array(repeating: 7, count: 200_000), to: "\(bench.target)/ended")
        try bench.fetch(share)
        try await bench.wait("failed", of: share) { $0.failure != nil && $0.progress.state == .stopped }
        let error = NodeError.hasEnded(share.infoHash, name: "ended")
        #expect(throws: error) { try bench.leecher.node.resume(share.infoHash) }
        #expect(throws: error) { try bench.leecher.node.pause(share.infoHash) }
        try bench.leecher.node.remove(share.infoHash)
        try FileTree.write([], to: "\(bench.target)/ended")
        try bench.fetch(share)
        try await bench.waitUntilComplete(share)
        #expect(try bench.isSame(share))
    }
}
