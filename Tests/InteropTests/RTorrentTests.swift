import TestSupport
import Testing

extension Interop {
    /// After a choke rTorrent asks for nothing for ten seconds, and it does not tell a seeder what it has got.
    @Suite("rTorrent", .serialized)
    struct RTorrentTests {
        /// Twice as long as libtorrent's seeder takes, and a second for what the machine does meanwhile; a single choke
        /// would cost ten.
        @Test("Ours seeds to it as quickly as libtorrent", .timeLimit(.minutes(2)))
        func leeches() async throws {
            try Namespace.require([.ours, .libtorrent], programs: ["rtorrent"])
            let libtorrent = try await Self.time(of: .libtorrent)
            let ours = try await Self.time(of: .ours)
            #expect(ours <= libtorrent * 2 + .seconds(1), "\(ours), libtorrent \(libtorrent)")
        }

        /// From the moment on in which the seeder is ready.
        private static func time(of seeder: Client) async throws -> Duration {
            let clock = ContinuousClock()
            var time = Duration.zero
            try await withStage { stage in
                let payload = Payload.mixed(name: "rtorrent", bytes: 40 << 20)
                let swarm = try await TestSwarm(stage, .ours, payload, pieceLength: 256 << 10) { _ in
                    "http://127.0.0.1:1/announce"
                }
                let target = try stage.folder.folder("leech")
                let job = Job(stage, torrent: swarm.torrent, folder: target, peer: 2)
                let leecher = try await RTorrent(job)
                var seeding = Job(stage, torrent: swarm.torrent, folder: swarm.seedFolder, peer: 1)
                seeding.peers = [job.listen]
                try await seeder.seed(seeding).process.waitForEvent("seeding")
                let began = clock.now
                try await leecher.waitUntilComplete(within: .seconds(60))
                time = clock.now - began
                try swarm.expectEqual(target)
            }
            return time
        }
    }
}
