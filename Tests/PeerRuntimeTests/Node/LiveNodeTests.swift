import ByteStrings
import PeerEvents
import TestSupport
import Testing
import TorrentCore
import TorrentIO

@testable import PeerRuntime

/// Torrents come, go, pause and go on while others move.
@Suite struct LiveNodeTests {
    /// Hours for what the tests fetch: a test may be kept waiting for minutes where many run at once.
    private static let slow = TransferLimits(download: 200)

    @Test func aTorrentIsAddedWhileAnotherMoves() async throws {
        let stage = try await LiveStage()
        defer { stage.stop() }
        let large = try stage.share("large", bytes: 3_000_001)
        try stage.fetch(large, limits: Self.slow)
        try await stage.wait("connected", of: large) { $0.progress.peers > 0 }
        let small = try stage.share("small", bytes: 300_001, seed: 2)
        #expect(try stage.fetch(small) == small.infoHash)
        try await stage.waitUntilComplete(small)
        #expect(try stage.isSame(small))
        #expect(stage.leecher.node.torrents.map(\.infoHash) == [large.infoHash, small.infoHash])
        #expect(try stage.leecher.node.status(of: large.infoHash).progress.state == .leeching)
        try stage.leecher.node.setLimits(TransferLimits(), for: large.infoHash)
        try await stage.waitUntilComplete(large)
        #expect(try stage.isSame(large))
    }

    @Test func aPausedTorrentHoldsNothingAndGoesOnFromItsRecord() async throws {
        let stage = try await LiveStage()
        defer { stage.stop() }
        let share = try stage.share("paused", bytes: 12_000_001)
        try stage.fetch(share, limits: TransferLimits(download: 20_000))
        try await stage.wait("moving", of: share) { $0.progress.left < 12_000_001 }
        try stage.leecher.node.pause(share.infoHash)
        try await stage.wait("paused", of: share) { $0.progress.state == .paused }
        let paused = try stage.leecher.node.status(of: share.infoHash).progress
        #expect(paused.peers == 0 && paused.downloadRate == 0)
        #expect(paused.left > 0 && paused.left < 12_000_001)
        // The session's last timer lets go of it.
        let holdsNothing = try await eventually(within: .seconds(60)) {
            Footprint.descriptors(below: stage.target) == 0
        }
        #expect(holdsNothing)
        #expect(stage.leecher.node.context.shared.buffers.figures.used == 0)
        try await stage.seeder.wait("parting") { event in
            if case .progress(let all) = event, all[0].uploaded > 0, all[0].peers == 0 { () } else { nil }
        }

        try stage.leecher.node.setLimits(TransferLimits(), for: share.infoHash)
        try stage.leecher.node.resume(share.infoHash)
        try await stage.waitUntilComplete(share)
        #expect(try stage.isSame(share))
        let checks = stage.leecher.events.compactMap { event in
            if case .verified(_, let content) = event { content } else { nil }
        }
        #expect(checks.count == 2 && checks.last?.fromResumeRecord == true)
        let missing = Int64(12_000_001) - (checks.last?.goodBytes ?? 0)
        #expect(missing == paused.left)
        // Bytes of both sessions are counted, and none twice.
        let done = try stage.leecher.node.status(of: share.infoHash).progress
        #expect(done.downloaded >= 12_000_001 && done.downloaded < 12_500_000)
    }

    @Test func theSameTorrentIsAddedAgain() async throws {
        let stage = try await LiveStage()
        defer { stage.stop() }
        let share = try stage.share("again", bytes: 500_001)
        let node = stage.leecher.node
        for _ in 0..<3 {
            try stage.fetch(share)
            #expect(throws: NodeError.alreadyThere(share.infoHash, name: "again")) { try stage.fetch(share) }
            try await stage.waitUntilComplete(share)
            try node.remove(share.infoHash)
            // It is not done with leaving yet, but is no longer there.
            #expect(throws: NodeError.unknownTorrent(share.infoHash)) { try node.status(of: share.infoHash) }
            #expect(throws: NodeError.unknownTorrent(share.infoHash)) { try node.remove(share.infoHash) }
        }
        try stage.fetch(share)
        try node.remove(share.infoHash)
        try stage.fetch(share)
        try await stage.waitUntilComplete(share)
        #expect(try stage.isSame(share))
        #expect(stage.count { $0.isEnd(of: share.infoHash) } >= 3)
        let failed = stage.count { if case .failed = $0 { true } else { false } }
        #expect(failed == 0)
    }

    /// Paused and let go on before its turn has come, it still waits for that turn, and has its content to itself.
    @Test(arguments: [false, true])
    func whatWaitsForItsTurnWaitsThroughAPause(resumesLate: Bool) async throws {
        let stage = try await LiveStage()
        defer { stage.stop() }
        let share = try stage.share("waiting", bytes: 2_000_001)
        let node = stage.leecher.node
        try stage.fetch(share, limits: Self.slow)
        try await stage.wait("connected", of: share) { $0.progress.peers > 0 }
        try node.remove(share.infoHash)
        try stage.fetch(share)
        try node.pause(share.infoHash)
        if resumesLate {
            try await stage.leecher.wait("end") { $0.isEnd(of: share.infoHash) ? () : nil }
            try await stage.wait("paused", of: share) { $0.progress.state == .paused }
        }
        try node.resume(share.infoHash)
        try await stage.waitUntilComplete(share)
        let events = stage.leecher.events
        let end = try #require(events.firstIndex { $0.isEnd(of: share.infoHash) })
        let check = events.lastIndex { if case .verified(share.infoHash, _) = $0 { true } else { false } }
        #expect(try #require(check) > end)
        let complete = events.compactMap { event -> Double? in
            if case .complete(share.infoHash, _, let seconds, _) = event { seconds } else { nil }
        }
        #expect(complete.count == 1 && complete[0] < 600)
        try node.pause(share.infoHash)
        try await stage.wait("paused", of: share) { $0.progress.state == .paused }
        // Nobody else may write there.
        #expect(throws: NodeError.self) { try TestNode(share.metainfo, folder: stage.target, role: .leech) }
    }

    /// Nothing on the disk is deleted, and another process may take over: nothing stays locked.
    @Test func aRemovedTorrentLeavesItsFilesAndItsRecord() async throws {
        let stage = try await LiveStage()
        defer { stage.stop() }
        let share = try stage.share("left", bytes: 500_001)
        try stage.fetch(share)
        try await stage.waitUntilComplete(share)
        try stage.leecher.node.remove(share.infoHash)
        try await stage.leecher.wait("end") { $0.isEnd(of: share.infoHash) ? () : nil }
        #expect(stage.leecher.node.torrents.isEmpty)
        #expect(try stage.isSame(share))
        let other = try TestNode(share.metainfo, folder: stage.target, role: .leech)
        other.node.start()
        #expect(try await other.verified().fromResumeRecord)
        other.node.stop()
        _ = try await other.waitUntilStopped()
    }

    @Test func limitsHoldFromTheMomentOn() async throws {
        let stage = try await LiveStage { $0.limits.download = Self.slow.download }
        defer { stage.stop() }
        let share = try stage.share("limited", bytes: 4_000_000)
        // Of the node's limit and its own the stricter one holds: at the node's this takes hours.
        try stage.fetch(share, limits: TransferLimits(download: 8_000_000))
        try await stage.wait("connected", of: share) { $0.progress.peers > 0 }
        #expect(try stage.leecher.node.status(of: share.infoHash).progress.downloadRate < 100_000)
        try stage.leecher.node.setLimits(TransferLimits(), for: share.infoHash)
        try stage.leecher.node.setLimits(TransferLimits(download: 1_000_000))
        let begun = MonotonicClock.now()
        try await stage.waitUntilComplete(share)
        #expect(MonotonicClock.now() - begun > .seconds(2))
        #expect(throws: NodeError.badLimits) { try stage.leecher.node.setLimits(TransferLimits(upload: 0)) }
    }

    /// A sender that waits for its time under the old limit goes on under the new one.
    @Test func aSenderNeedNotWaitForTheOldLimit() async throws {
        let stage = try await LiveStage()
        defer { stage.stop() }
        let share = try stage.share("sent", bytes: 1_000_000)
        try stage.seeder.node.setLimits(TransferLimits(upload: 100), for: share.infoHash)
        try stage.fetch(share)
        try await stage.wait("moving", of: share) { $0.progress.peers == 1 && $0.progress.downloaded > 0 }
        // The next block is due in minutes.
        try stage.seeder.node.setLimits(TransferLimits(), for: share.infoHash)
        try await stage.waitUntilComplete(share, within: .seconds(15))
    }

    @Test func aPausedCheckIsBegunAgain() async throws {
        let stage = try await LiveStage()
        defer { stage.stop() }
        let share = try stage.share("checked", bytes: 2_000_000)
        try stage.fetch(share)
        for _ in 0..<20 {
            try stage.leecher.node.pause(share.infoHash)
            try stage.leecher.node.resume(share.infoHash)
        }
        try await stage.waitUntilComplete(share)
        try stage.leecher.node.pause(share.infoHash)
        try await stage.wait("paused", of: share) { $0.progress.state == .paused }
        try stage.leecher.node.remove(share.infoHash)
        try await stage.leecher.wait("end") { $0.isEnd(of: share.infoHash) ? () : nil }
    }

    @Test func aConnectionFindsItsTorrentAmongMany() async throws {
        let stage = try await LiveStage()
        defer { stage.stop() }
        let shares = try (0..<20).map { try stage.share("many\($0)", bytes: 40_000 + $0, seed: UInt64($0 + 1)) }
        try stage.seeder.node.remove(shares[7].infoHash)
        for share in shares { try stage.fetch(share) }
        for share in shares where share.infoHash != shares[7].infoHash {
            try await stage.waitUntilComplete(share)
            #expect(try stage.isSame(share))
        }
        // The seeder hangs up on whoever asks for what it has no more.
        try await stage.leecher.wait("refusal") { event in
            if case .peer(shares[7].infoHash, let news) = event, case .failed = news.kind { () } else { nil }
        }
        #expect(try stage.leecher.node.status(of: shares[7].infoHash).progress.left == 40_007)
    }

    @Test func aNodeStaysAliveWithoutTorrents() async throws {
        let stage = try await LiveStage()
        let node = stage.leecher.node
        async let ended = node.outcome { $0.waitUntilStopped() }
        let share = try stage.share("late", bytes: 100_000)
        try stage.fetch(share)
        try await stage.waitUntilComplete(share)
        try node.remove(share.infoHash)
        try await stage.leecher.wait("end") { $0.isEnd(of: share.infoHash) ? () : nil }
        try stage.fetch(share)
        try await stage.waitUntilComplete(share)
        stage.stop()
        let outcome = await ended
        #expect(outcome.failures.isEmpty && outcome.unfinished == 0)
        #expect(throws: NodeError.isStopping) { try stage.fetch(share) }
        #expect(throws: NodeError.isStopping) { try node.pause(share.infoHash) }
    }

    @Test func whatHasEndedMovesNoMore() async throws {
        let stage = try await LiveStage { $0.ends.whenDone = true }
        defer { stage.stop() }
        let share = try stage.share("done", bytes: 4_000_000)
        try stage.fetch(share)
        try await stage.wait("ended", of: share) { $0.progress.state == .stopped }
        let end = try stage.leecher.node.status(of: share.infoHash).progress
        #expect(end.left == 0 && end.downloaded >= 4_000_000)
        #expect(end.downloadRate == 0 && end.uploadRate == 0 && end.peers == 0 && end.seeds == 0)
    }

    @Test func whatHasEndedIsRemovedAndAddedAnew() async throws {
        let stage = try await LiveStage()
        defer { stage.stop() }
        let share = try stage.share("ended", bytes: 100_000)
        // Its file is in the way.
        try FileTree.write(Array(repeating: 7, count: 200_000), to: "\(stage.target)/ended")
        try stage.fetch(share)
        try await stage.wait("failed", of: share) { $0.failure != nil && $0.progress.state == .stopped }
        let error = NodeError.hasEnded(share.infoHash, name: "ended")
        #expect(throws: error) { try stage.leecher.node.resume(share.infoHash) }
        #expect(throws: error) { try stage.leecher.node.pause(share.infoHash) }
        try stage.leecher.node.remove(share.infoHash)
        try FileTree.write([], to: "\(stage.target)/ended")
        try stage.fetch(share)
        try await stage.waitUntilComplete(share)
        #expect(try stage.isSame(share))
    }

    /// Four threads do whatever they like with the same torrents. In the end all of them can be fetched, nothing is
    /// left open, and the node comes to its end.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func verbsComeFromAllSidesAtOnce(seed: UInt64) async throws {
        let stage = try await LiveStage()
        defer { stage.stop() }
        let shares = try (0..<4).map { try stage.share("any\($0)", bytes: 400_000 + $0, seed: UInt64($0 + 1)) }
        await withTaskGroup(of: Void.self) { group in
            for thread in UInt64(0)..<4 {
                group.addTask {
                    var generator = SplitMix64(seed: seed << 8 | thread)
                    let node = stage.leecher.node
                    for _ in 0..<150 {
                        let share = shares[Int.random(in: shares.indices, using: &generator)]
                        // Many of these are refused: somebody else was quicker.
                        switch Int.random(in: 0..<8, using: &generator) {
                        case 0: try? node.remove(share.infoHash)
                        case 1, 2: try? node.pause(share.infoHash)
                        case 3, 4: try? node.resume(share.infoHash)
                        case 5:
                            let rate = [nil, 1_000, 1_000_000][Int.random(in: 0..<3, using: &generator)]
                            try? node.setLimits(TransferLimits(download: rate, peers: 2), for: share.infoHash)
                        case 6: _ = node.torrents
                        default: _ = try? stage.fetch(share)
                        }
                        await Task.yield()
                    }
                }
            }
        }
        let node = stage.leecher.node
        for share in shares {
            _ = try? stage.fetch(share)
            try node.setLimits(TransferLimits(), for: share.infoHash)
        }
        for share in shares {
            // One that others let go is resumed; for one at work that means nothing.
            let isComplete = try await eventually(within: .seconds(60)) {
                let status = try node.status(of: share.infoHash)
                if status.progress.state == .paused { try node.resume(share.infoHash) }
                return status.progress.state == .seeding && status.progress.left == 0
            }
            let status = try node.status(of: share.infoHash)
            #expect(isComplete, "\(status)")
            #expect(try stage.isSame(share))
        }
        #expect(stage.count { if case .failed = $0 { true } else { false } } == 0)
        async let ended = node.outcome { $0.waitUntilStopped() }
        node.stop()
        #expect(await ended.failures.isEmpty)
        let isAllClosed = try await eventually(within: .seconds(60)) {
            Footprint.descriptors(below: stage.target) == 0
        }
        #expect(isAllClosed)
    }
}
