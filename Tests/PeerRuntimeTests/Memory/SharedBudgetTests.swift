import PeerEvents
import TestSupport
import Testing
import TorrentCore
import TorrentIO

@testable import PeerRuntime

/// Torrents that have room for two pieces of theirs together.
@Suite struct SharedBudgetTests {
    private static let piece = 12 << 20

    /// Two that hardly move have the memory first. They give it up to those that wait, and have their turn again later.
    @Test func whoDoesNotMoveGivesWayAndTheBudgetIsKept() async throws {
        let stage = try await LiveStage()
        defer { stage.stop() }
        let shares = try (0..<6).map { number in
            try stage.share("payload \(number)", bytes: Self.piece, seed: UInt64(number), pieceLength: Self.piece)
        }
        let memory = stage.leecher.node.context.shared
        #expect(memory.bufferBudget / Self.piece == 2)
        let (slow, others) = (shares[..<2], shares[2...])
        for share in slow { try stage.fetch(share, limits: TransferLimits(download: 200)) }
        #expect(try await eventually(within: .seconds(20)) { memory.buffers.figures.used == 2 * Self.piece })
        for share in others { try stage.fetch(share) }
        for share in others { try await stage.waitUntilComplete(share, within: .seconds(90)) }
        for share in slow { try stage.leecher.node.setLimits(TransferLimits(), for: share.infoHash) }
        for share in slow { try await stage.waitUntilComplete(share, within: .seconds(90)) }
        #expect(memory.buffers.mostUsed == 2 * Self.piece)
        for share in shares { #expect(try stage.isSame(share)) }
        // While they waited there was a reason for it.
        let reasons = stage.count { event in
            guard case .progress(let all) = event else { return false }
            return all.contains { $0.standstill == .waitsForMemory }
        }
        #expect(reasons > 0)
    }
}
