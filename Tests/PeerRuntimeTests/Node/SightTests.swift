import ByteStrings
import PeerEvents
import TestSupport
import Testing
import TorrentCore

@testable import PeerRuntime

/// Who is connected, and what is known of each piece, told to those who want to see it.
@Suite struct SightTests {
    private static func stage() async throws -> LiveStage {
        try await LiveStage {
            $0.detail = .chokes
            $0.showsPieces = true
        }
    }

    /// Those who are connected, as they were told each time.
    private static func peers(_ stage: LiveStage) -> [[PeerFigures]] {
        stage.leecher.events.compactMap { if case .peers(_, let peers) = $0 { peers } else { nil } }
    }

    @Test func nobodyIsConnectedToWhatIsPaused() async throws {
        let stage = try await Self.stage()
        defer { stage.stop() }
        let share = try stage.share("paused", bytes: 12_000_001)
        try stage.fetch(share, limits: TransferLimits(download: 20_000))
        #expect(try await eventually(within: .seconds(60)) { Self.peers(stage).last?.isEmpty == false })
        try stage.leecher.node.pause(share.infoHash)
        #expect(try await eventually(within: .seconds(60)) { Self.peers(stage).last?.isEmpty == true })
        // What is known of the pieces is told anew when it goes on.
        let told = stage.count { if case .pieces = $0 { true } else { false } }
        try stage.leecher.node.resume(share.infoHash)
        let isToldAgain = try await eventually(within: .seconds(60)) {
            stage.count { if case .pieces = $0 { true } else { false } } > told
        }
        #expect(isToldAgain)
    }

    /// The same of one whose metadata is being fetched.
    @Test func nobodyIsConnectedToAPausedLink() async throws {
        let stage = try await Self.stage()
        defer { stage.stop() }
        let share = try stage.share("linked", bytes: 50_001)
        try stage.seeder.node.remove(share.infoHash)
        let link = TorrentSource(MagnetLink(infoHash: share.infoHash))
        for (node, folder) in [(stage.seeder.node, "other"), (stage.leecher.node, "target")] {
            try node.add(link, folder: ByteString(stage.home.path(folder)), role: .leech)
        }
        #expect(try await eventually(within: .seconds(60)) { Self.peers(stage).last?.isEmpty == false })
        try stage.leecher.node.pause(share.infoHash)
        #expect(try await eventually(within: .seconds(60)) { Self.peers(stage).last?.isEmpty == true })
    }
}
