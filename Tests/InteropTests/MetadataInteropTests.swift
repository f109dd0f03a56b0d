import Foundation
import TestSupport
import Testing

extension Interop {
    /// Others have only a magnet link, and fetch the metadata from us (BEP 9).
    @Suite("Metadata", .serialized)
    struct MetadataTests {
        /// So many pieces that the dictionary has three blocks.
        private static let payload = Payload.mixed(name: "linked", bytes: 28 << 20, seed: 15)

        @Test("Others begin with a magnet link", .timeLimit(.minutes(2)), arguments: Client.foreign)
        func others(leecher: Client) async throws {
            // aria2 says that it lacks nothing while it lacks the metadata: ours names a seed to a new seed, too.
            try Namespace.require([.ours, .libtorrent, leecher])
            try await withStage { stage in
                let swarm = try await TestSwarm(stage, .ours, Self.payload, pieceLength: 16_384)
                _ = try await Client.ours.seed(
                    Job(stage, torrent: swarm.torrent, folder: swarm.seedFolder, peer: 1))
                try await swarm.tracker.waitForSeeders(1, of: swarm.infoHash)
                let announce = swarm.tracker.announceURL.addingPercentEncoding(withAllowedCharacters: .alphanumerics)
                let link = "magnet:?xt=urn:btih:\(swarm.infoHash)&dn=linked&tr=\(try #require(announce))"
                let target = try stage.folder.folder("leech")
                let running = try await leecher.leech(Job(stage, torrent: link, folder: target, peer: 2))
                try await running.waitUntilComplete(within: .seconds(90))
                try swarm.expectEqual(target, emptyFiles: leecher != .transmission)
            }
        }

        @Test(
            "Ours has it from a real client, and then the content", .timeLimit(.minutes(2)), arguments: Client.allCases)
        func fetched(seeder: Client) async throws {
            try Namespace.require([seeder, .ours, .libtorrent])
            try await withStage { stage in
                let swarm = try await TestSwarm(stage, .ours, .mixed(name: "linked", bytes: 6 << 20))
                _ = try await seeder.seed(Job(stage, torrent: swarm.torrent, folder: swarm.seedFolder, peer: 1))
                try await swarm.tracker.waitForSeeders(1, of: swarm.infoHash)
                let target = try stage.folder.folder("leech")
                let link = "magnet:?xt=urn:btih:\(swarm.infoHash)&tr=\(swarm.tracker.announceURL)"
                let leecher = try OurPeer(Job(stage, torrent: link, folder: target, peer: 2), .leech)
                try await leecher.process.waitForEvent("metadata_complete", within: .seconds(60))
                try await leecher.waitUntilComplete(within: .seconds(60))
                try swarm.expectEqual(target)
            }
        }
    }
}
