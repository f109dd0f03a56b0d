import Foundation
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
                try await Self.startFirstNode(on: bridge[1], in: bridge)
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
                try await Self.startFirstNode(on: bridge[1], in: bridge)
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

        @Test("A name that nobody resolves holds nobody up who wants to leave", .timeLimit(.minutes(1)))
        func nameHangs() async throws {
            try Namespace.require([.ours], programs: Bridge.programs + ["unshare"])
            try await withStage { stage in
                let bridge = try await Bridge(stage, hosts: 2)
                let torrent = try HostedTorrent(stage, bytes: 64 << 10)
                let silent = """
                    import socket, time
                    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                    server.bind(("0.0.0.0", 53))
                    print(server.recvfrom(512)[0].hex(), flush=True)
                    time.sleep(60)
                    """
                let server = try bridge.start(
                    Executables.find("python3") ?? "python3", ["-c", silent], on: bridge[2], name: "names")
                let names = stage.folder.path("resolv.conf")
                try FileTree.write(Array("nameserver \(bridge[2].address())\n".utf8), to: names)
                let mounted = "mount --bind \(names) /etc/resolv.conf && exec \"$0\" \"$@\""
                let seeder = try bridge.start(
                    Executables.find("unshare") ?? "unshare",
                    [
                        "-m", "sh", "-c", mounted, Executables.peer, "seed", torrent.path, "--dir", torrent.folder,
                        "--json", "--dht-bootstrap", "nobody.example:6881",
                    ],
                    on: bridge[1], name: "seeder", environment: Self.alone)
                try await server.waitForLine(within: .seconds(30), "a question") { $0.contains("6e6f626f6479") }
                seeder.signal(SIGINT)
                #expect(try await seeder.waitForExit(within: .seconds(10)) == .code(130), "\(seeder.log)")
                #expect(try #require(seeder.timeToEnd) < .seconds(2), "\(seeder.log)")
            }
        }

        /// A node that has nobody to begin at, and at which all others begin.
        private static func startFirstNode(on host: Bridge.Host, in bridge: Bridge) async throws {
            let other = try HostedTorrent(bridge.stage, name: "other", bytes: 64 << 10)
            let first = try bridge.peer(
                .seed, [other.path], on: host, folder: other.folder,
                ["--no-exchange", "--dht-bootstrap", "127.0.0.1:9"], environment: alone)
            try await first.waitForEvent("seeding")
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
