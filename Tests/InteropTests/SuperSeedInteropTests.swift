import Foundation
import TestSupport
import Testing

extension Interop {
    /// Our seeder shows others one piece at a time (BEP 16), and they pass it on.
    @Suite("Super seeding", .serialized)
    struct SuperSeedInteropTests {
        private static let payload = Payload.mixed(name: "spread", bytes: 12 << 20, seed: 16)

        @Test(
            "One copy goes out, and all are complete", .timeLimit(.minutes(3)),
            arguments: [
                [Client.libtorrent, .libtorrent], [.libtorrent, .libtorrent, .libtorrent, .libtorrent],
                [.libtorrent, .transmission, .aria2, .ours],
            ])
        func others(leechers: [Client]) async throws {
            try Namespace.require(leechers + [.ours, .libtorrent])
            try await withStage { stage in
                let swarm = try await TestSwarm(stage, .ours, Self.payload, pieceLength: 128 << 10)
                let first = Job(stage, torrent: swarm.torrent, folder: swarm.seedFolder, peer: 1)
                let seeder = try OurPeer(first, .seed, extra: ["--super-seed", "--upload-limit", "1M", "-v"]).process
                try await swarm.tracker.waitForSeeders(1, of: swarm.infoHash)
                var running: [(Client, String, any RunningClient)] = []
                for (number, client) in leechers.enumerated() {
                    let folder = try stage.folder.folder("leech-\(number)")
                    let job = Job(stage, torrent: swarm.torrent, folder: folder, peer: number + 2)
                    running.append((client, folder, try await client.leech(job)))
                }
                let beginning = try await seeder.waitForEvent("progress", within: .seconds(30)) { $0.copiesOut != nil }
                #expect((beginning.copiesOut ?? 9) < 0.5)
                for (client, folder, leecher) in running {
                    try await leecher.waitUntilComplete(within: .seconds(120))
                    try swarm.expectEqual(folder, emptyFiles: client != .transmission)
                }
                seeder.signal(SIGINT)
                let end = try await seeder.waitForEvent("stopped", within: .seconds(20))
                let copies = Double(end.uploaded ?? .max) / Double(Self.payload.length)
                // Each takes nearly a copy if nobody passes anything on. aria2 forgets at a choke what it has asked
                // for, and whom others choke for long is given what it lacks: more than one copy on a bad day.
                #expect(copies >= 1 && copies < 1.75, "\(copies) copies")
                print("interop: \(copies) copies for \(leechers.map(\.rawValue).joined(separator: ", "))")
            }
        }

        /// Nobody passes anything on to anybody: it gets all of it nevertheless.
        @Test("One alone gets everything", .timeLimit(.minutes(2)), arguments: [Client.libtorrent])
        func alone(leecher: Client) async throws {
            try Namespace.require([leecher, .ours, .libtorrent])
            try await withStage { stage in
                let swarm = try await TestSwarm(stage, .ours, Self.payload, pieceLength: 128 << 10)
                let job = Job(stage, torrent: swarm.torrent, folder: swarm.seedFolder, peer: 1)
                let seeder = try OurPeer(job, .seed, extra: ["--super-seed", "-v"]).process
                try await swarm.tracker.waitForSeeders(1, of: swarm.infoHash)
                let folder = try stage.folder.folder("leech")
                let second = Job(stage, torrent: swarm.torrent, folder: folder, peer: 2)
                try await leecher.leech(second).waitUntilComplete(within: .seconds(60))
                try swarm.expectEqual(folder, emptyFiles: leecher != .transmission)
                seeder.signal(SIGINT)
                let end = try await seeder.waitForEvent("stopped", within: .seconds(20))
                #expect((end.uploaded ?? .max) <= Self.payload.length + 1 << 20)
            }
        }
    }
}
