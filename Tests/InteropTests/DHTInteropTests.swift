import TestSupport
import Testing

extension Interop {
    /// Our nodes of the DHT and libtorrent's, in one DHT.
    @Suite("The DHT with libtorrent", .serialized)
    struct DHTInteropTests {
        /// Addresses of the namespace, each with room for three nodes.
        enum Family: String, CaseIterable, Sendable {
            case v4, v6

            func place(_ number: Int, _ port: Int) -> String {
                self == .v4 ? "\(Namespace.peerHost(number)):\(port)" : "[::1]:\(port)"
            }
        }

        @Test(
            "libtorrent begins at our node, and finds what another one of ours has announced", .timeLimit(.minutes(2)),
            arguments: Family.allCases)
        func theyFindUs(family: Family) async throws {
            try Namespace.require([.ours, .libtorrent])
            try await withStage { stage in
                let first = family.place(1, Namespace.freePort())
                let (seederPlace, theirPlace) = (
                    family.place(2, Namespace.freePort()), family.place(3, Namespace.freePort())
                )
                let other = try HostedTorrent(stage, name: "other", bytes: 64 << 10)
                let torrent = try HostedTorrent(stage, bytes: 64 << 10)
                _ = try await Self.seed(other, at: first, beginning: family.place(4, 9), stage)
                let theirs = try LibtorrentDriver.startNode(
                    stage, ["--listen", theirPlace, "--node", first, "--get", torrent.infoHash])
                try await theirs.waitForEvent("ready")
                let seeder = try await Self.seed(torrent, at: seederPlace, beginning: first, stage)
                try await seeder.waitForEvent("dht") { $0.state == "ready" }
                try await theirs.waitForEvent("peers", within: .seconds(60)) {
                    $0.found?.contains(seederPlace) == true
                }
            }
        }

        @Test(
            "Our node begins at libtorrent's, and finds what that has announced", .timeLimit(.minutes(2)),
            arguments: Family.allCases)
        func weFindThem(family: Family) async throws {
            try Namespace.require([.ours, .libtorrent])
            try await withStage { stage in
                let places = (1...3).map { family.place($0, Namespace.freePort()) }
                let infoHash = String(repeating: "5a", count: 20)
                let first = try LibtorrentDriver.startNode(stage, ["--listen", places[0]])
                try await first.waitForEvent("started")
                let second = try LibtorrentDriver.startNode(
                    stage, ["--listen", places[1], "--node", places[0], "--announce", infoHash, "--port", "9999"])
                try await second.waitForEvent("announced", within: .seconds(60))
                var last: RunningProcess?
                for _ in 0..<10 where last?.status != .code(0) {
                    last = try await stage.run(
                        Executables.peer,
                        ["dht", "lookup", infoHash, "--dht-bootstrap", places[0], "--listen", places[2], "--json"],
                        within: .seconds(40))
                }
                let lookup = try #require(last)
                #expect(lookup.status == .code(0), "\(lookup.log)")
                let found = lookup.events.first { $0.event == "dht_lookup" }?.found ?? []
                #expect(found.contains { $0.hasSuffix(":9999") }, "\(lookup.log)")
            }
        }

        /// A peer of ours whose node begins there.
        private static func seed(
            _ torrent: HostedTorrent, at place: String, beginning bootstrap: String, _ stage: Stage
        ) async throws -> RunningProcess {
            let peer = try stage.start(
                Executables.peer,
                [
                    "seed", torrent.path, "--dir", torrent.folder, "--listen", place, "--dht-bootstrap", bootstrap,
                    "--json",
                ],
                environment: [
                    "P2P_NO_DHT": "no", "P2P_STATE_DIR": try stage.folder.folder("state-\(torrent.infoHash)"),
                ]
            )
            try await peer.waitForEvent("seeding")
            return peer
        }
    }
}
