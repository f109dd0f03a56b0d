import TestSupport
import Testing

extension Interop {
    /// Peers hear of each other through peer exchange (BEP 11), without a tracker.
    @Suite("Exchange", .serialized)
    struct ExchangeTests {
        private static let payload = Payload.mixed(name: "exchange", bytes: 6 << 20, seed: 12)

        /// The seeder is slow, so that nobody is done before others are found.
        private static func seed(_ client: Client, _ job: Job) throws -> RunningProcess {
            switch client {
            case .libtorrent: try LibtorrentPeer(job, .seed, extra: ["--upload-limit", "20000"]).process
            default: try OurPeer(job, .seed, extra: ["--upload-limit", "20K"]).process
            }
        }

        /// Two who know the seeder only come to be connected: who tells is of one program, who hears of the other.
        /// libtorrent tells once a minute.
        @Test(
            "Two who know one find each other", .timeLimit(.minutes(5)),
            arguments: [(Client.ours, Client.libtorrent), (.libtorrent, .ours), (.ours, .ours)])
        func found(by teller: Client, of hearers: Client) async throws {
            try Namespace.require([.ours, .libtorrent])
            try await withStage { stage in
                let swarm = try await TestSwarm(stage, .ours, Self.payload) { _ in "" }
                let hub = Job(stage, torrent: swarm.torrent, folder: swarm.seedFolder, peer: 1)
                let seeding = try Self.seed(teller, hub)
                try await seeding.waitForEvent("seeding")
                var processes: [RunningProcess] = []
                for number in 2...3 {
                    let folder = try stage.folder.folder("leech-\(number)")
                    // Everywhere: who connects from there is seen at another address, and is told of at that.
                    let host = hearers == .libtorrent ? "0.0.0.0" : Namespace.peerHost(number)
                    let job = Job(
                        stage, torrent: swarm.torrent, folder: folder, host: host, peers: ["\(hub.host):\(hub.port)"])
                    processes.append(try await hearers.leech(job).process)
                }
                for process in processes {
                    try await process.waitForEvent("progress", within: .seconds(200)) { ($0.peers ?? 0) > 1 }
                }
                guard hearers == .libtorrent else { return }
                let heard = processes.contains { process in
                    process.lines.contains { ProgramEvent($0).map { ($0.exchanged ?? 0) > 0 } ?? false }
                }
                #expect(heard, "it says that another peer told of it")
            }
        }
    }
}
