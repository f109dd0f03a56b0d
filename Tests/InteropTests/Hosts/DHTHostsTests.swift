import TestSupport
import Testing

extension Interop {
    /// Hosts without any tracker: whoever has a magnet link finds the others in the DHT.
    @Suite("The DHT on hosts of their own", .serialized)
    struct DHTHostsTests {
        /// Nothing but the DHT brings peers together.
        private static let alone = ["P2P_NO_DHT": "no"]

        @Test(
            "A link alone leads two leechers to one seeder, and no packet goes anywhere else", .timeLimit(.minutes(2)),
            arguments: Bridge.Family.allCases)
        func found(family: Bridge.Family) async throws {
            try Namespace.require([.ours], programs: Bridge.programs)
            try await withStage { stage in
                let bridge = try await Bridge(stage, hosts: 4)
                let torrent = try HostedTorrent(stage, bytes: 2 << 20)
                let other = try HostedTorrent(stage, name: "other", bytes: 64 << 10)
                // Its node has nobody to begin at, and all others begin at it.
                let first = try bridge.peer(
                    .seed, [other.path], on: bridge[1], folder: other.folder,
                    ["--no-exchange", "--dht-bootstrap", "127.0.0.1:9"], environment: Self.alone)
                try await first.waitForEvent("seeding")
                let options = ["--no-exchange", "--dht-bootstrap", bridge[1].place(family)]
                let seeder = try bridge.peer(
                    .seed, [torrent.path], on: bridge[2], folder: torrent.folder, options, environment: Self.alone)
                let ready = try await seeder.waitForEvent("dht") { $0.state == "ready" }
                #expect(ready.family == (family == .v4 ? "ipv4" : "ipv6"))
                try await Self.waitUntilKnown(torrent, options, on: bridge[4], in: bridge)
                let began = ContinuousClock.now
                let leechers = try [3, 4].map { number in
                    try bridge.peer(.leech, [torrent.link([])], on: bridge[number], options, environment: Self.alone)
                }
                for (leecher, number) in zip(leechers, [3, 4]) {
                    try await leecher.waitForEvent("complete", within: .seconds(60))
                    try torrent.expectWhole(in: bridge.folder(of: bridge[number]))
                    let met = leecher.events.filter { $0.event == "peer" && $0.state == "connected" }
                    #expect(met.contains { $0.source == "dht" }, "\(leecher.log)")
                    #expect(met.allSatisfy { $0.source == "dht" || $0.source == "incoming" }, "\(leecher.log)")
                }
                print("interop: DHT over \(family): two leechers complete after \(ContinuousClock.now - began)")
                let packets = try await bridge.packets()
                let hosts = Set(bridge.hosts.flatMap { [$0.address(.v4), $0.address(.v6)] })
                #expect(Set(packets.map(\.address)).subtracting(hosts) == [])
                #expect(packets.contains { $0.kind == .datagram && $0.address == bridge[1].address(family) })
            }
        }

        @Test("Without a network it says so, and goes on by itself when there is one", .timeLimit(.minutes(2)))
        func networkComesBack() async throws {
            try Namespace.require([.ours], programs: Bridge.programs)
            try await withStage { stage in
                let bridge = try await Bridge(stage, hosts: 3)
                let torrent = try HostedTorrent(stage, bytes: 1 << 20)
                let other = try HostedTorrent(stage, name: "other", bytes: 64 << 10)
                let first = try bridge.peer(
                    .seed, [other.path], on: bridge[1], folder: other.folder,
                    ["--no-exchange", "--dht-bootstrap", "127.0.0.1:9"], environment: Self.alone)
                try await first.waitForEvent("seeding")
                let options = ["--no-exchange", "--dht-bootstrap", bridge[1].place()]
                _ = try bridge.peer(
                    .seed, [torrent.path], on: bridge[2], folder: torrent.folder, options, environment: Self.alone)
                try await Self.waitUntilKnown(torrent, options, on: bridge[3], in: bridge)
                try await Self.set(line: "down", of: bridge[3], in: bridge)
                let leecher = try bridge.peer(
                    .leech, [torrent.link([])], on: bridge[3], options, environment: Self.alone)
                let alone = try await leecher.waitForEvent("metadata", within: .seconds(60)) {
                    $0.waiting == "no_answer_in_dht"
                }
                #expect(alone.tried?.contains { $0.contains("trying again in") } == true, "\(leecher.log)")
                try await Self.set(line: "up", of: bridge[3], in: bridge)
                try await leecher.waitForEvent("complete", within: .seconds(60))
                try torrent.expectWhole(in: bridge.folder(of: bridge[3]))
            }
        }

        private static func set(line state: String, of host: Bridge.Host, in bridge: Bridge) async throws {
            let ip = try bridge.start(
                Executables.find("ip") ?? "ip", ["link", "set", "line", state], on: host, name: "ip")
            #expect(try await ip.waitForExit(within: .seconds(10)) == .code(0), "\(ip.log)")
        }

        @Test("Of a private torrent no packet of the DHT is sent", .timeLimit(.minutes(1)))
        func privateTorrent() async throws {
            try Namespace.require([.ours], programs: Bridge.programs)
            try await withStage { stage in
                let bridge = try await Bridge(stage, hosts: 3)
                let torrent = try HostedTorrent(stage, bytes: 1 << 20, isPrivate: true)
                let options = ["--dht-bootstrap", bridge[3].place()]
                let seeder = try bridge.peer(
                    .seed, [torrent.path], on: bridge[1], folder: torrent.folder, options, environment: Self.alone)
                try await seeder.waitForEvent("seeding")
                let leecher = try bridge.peer(
                    .leech, [torrent.path], on: bridge[2], options + ["--peer", bridge[1].place()],
                    environment: Self.alone)
                try await leecher.waitForEvent("complete", within: .seconds(30))
                for process in [seeder, leecher] { process.signal(2) }
                for process in [seeder, leecher] { try await process.waitForExit(within: .seconds(10)) }
                let packets = try await bridge.packets()
                #expect(packets.filter { $0.kind == .datagram }.map(\.place) == [])
                #expect(packets.contains { $0.kind == .connect })
            }
        }

        /// Whoever looks before the announce has come looks again only after a while.
        private static func waitUntilKnown(
            _ torrent: HostedTorrent, _ options: [String], on host: Bridge.Host, in bridge: Bridge
        ) async throws {
            for _ in 0..<20 {
                let asked = try bridge.start(
                    Executables.peer, ["dht", "lookup", torrent.infoHash] + options.suffix(2) + ["--json"], on: host,
                    name: "lookup")
                if try await asked.waitForExit(within: .seconds(40)) == .code(0) { return }
            }
            throw TestFailure("nobody has announced it")
        }
    }
}
