import TestSupport
import Testing

extension Interop {
    /// Hosts around a bridge, no tracker, no exchange, nobody named: they hear of each other on the network (BEP 14).
    /// With an address to listen at, one family alone is spoken.
    @Suite("The local network", .serialized)
    struct LocalNetworkTests {
        @Test(
            "One seeder, and two who know a link alone", .timeLimit(.minutes(1)), arguments: Bridge.Family.allCases)
        func found(family: Bridge.Family) async throws {
            try Namespace.require([.ours], programs: Bridge.programs)
            try await withStage { stage in
                let bridge = try await Bridge(stage, hosts: 3)
                let torrent = try HostedTorrent(stage, bytes: 2 << 20)
                let seeder = try bridge.localPeer(
                    .seed, [torrent.path], on: bridge[1], folder: torrent.folder,
                    listen: bridge[1].place(family))
                try await seeder.waitForEvent("seeding")
                let began = ContinuousClock.now
                let leechers = try [bridge[2], bridge[3]].map { host in
                    try bridge.localPeer(
                        .leech, [torrent.link([])], on: host, listen: host.place(family))
                }
                for leecher in leechers { try await leecher.waitForEvent("complete", within: .seconds(30)) }
                print("interop: local network, \(family): both complete after \(ContinuousClock.now - began)")
                for host in [bridge[2], bridge[3]] { try torrent.expectWhole(in: bridge.folder(of: host)) }
                let met = ([seeder] + leechers).flatMap(\.events).filter { $0.state == "connected" }
                #expect(met.contains { $0.source == "lan" })
                #expect(met.allSatisfy { $0.source == "lan" || $0.source == "incoming" }, "\(met)")
                // Everything was said to the group of this family, and only those three were called.
                let packets = try await bridge.packets()
                let said = packets.filter { $0.kind == .datagram }
                let group = family == .v4 ? "239.192.152.143:6771" : "[ff15::efc0:988f]:6771"
                #expect(Set(said.map(\.host)) == [1, 2, 3] && Set(said.map(\.place)) == [group], "\(said)")
                let called = Set(packets.filter { $0.kind == .connect }.map(\.place))
                #expect(called.isSubset(of: bridge.hosts.map { $0.place(family) }), "\(called)")
            }
        }

        @Test("A torrent that is private is not announced, and nobody who names it is called", .timeLimit(.minutes(1)))
        func hidden() async throws {
            try Namespace.require([.ours], programs: Bridge.programs)
            try await withStage { stage in
                let bridge = try await Bridge(stage, hosts: 2)
                let hidden = try HostedTorrent(stage, name: "hidden", bytes: 1 << 20, isPrivate: true)
                let open = try HostedTorrent(stage, name: "open", bytes: 1 << 20)
                try hidden.copy(to: open.folder)
                let seeder = try bridge.localPeer(
                    .seed, [hidden.path, open.path], on: bridge[1], folder: open.folder)
                for _ in 0..<2 { try await seeder.waitForEvent("seeding") }
                // Whoever has a link alone cannot know yet.
                let leecher = try bridge.localPeer(
                    .leech, [hidden.link([]), open.link([])], on: bridge[2])
                try await leecher.waitForEvent("complete", within: .seconds(30)) { $0.infohash == open.infoHash }
                var packets: [Packet] = []
                func named(by host: Int) -> Set<String> {
                    Set(packets.filter { $0.host == host }.flatMap { $0.infohashes ?? [] })
                }
                _ = try await eventually(within: .seconds(10)) {
                    packets = try await bridge.packets()
                    return named(by: 2).contains(hidden.infoHash)
                }
                #expect(named(by: 1) == [open.infoHash] && named(by: 2) == [open.infoHash, hidden.infoHash])
                #expect(Set(packets.compactMap(\.infohash)) == [open.infoHash], "a handshake names a private torrent")
            }
        }

        /// The third host has its address in another network, though it is at the same bridge.
        @Test(
            "Who is near is held to no limit, who is not is, and he is not heard", .timeLimit(.minutes(1)),
            arguments: ["--upload-limit", "--download-limit"])
        func unlimited(limit: String) async throws {
            try Namespace.require([.ours], programs: Bridge.programs)
            try await withStage { stage in
                let bridge = try await Bridge(stage, hosts: 3)
                let torrent = try HostedTorrent(stage, bytes: 4 << 20)
                let far = "10.99.0.3"
                for (host, words) in [
                    (bridge[3], ["address", "add", "\(far)/24", "dev", "line"]),
                    (bridge[3], ["address", "delete", "\(bridge[3].address())/24", "dev", "line"]),
                    (bridge[3], ["route", "add", "10.78.0.0/24", "dev", "line"]),
                    (bridge[1], ["route", "add", "10.99.0.0/24", "dev", "line"]),
                    (bridge[2], ["route", "add", "10.99.0.0/24", "dev", "line"]),
                ] { try await bridge.ip(words, on: host) }
                let limited = [limit, "100K", "--lan-unlimited"]
                let seeder = try bridge.localPeer(
                    .seed, [torrent.path], on: bridge[1], folder: torrent.folder, limited)
                try await seeder.waitForEvent("seeding")
                // At the limit that takes 40 seconds.
                let remote = try bridge.localPeer(
                    .leech, [torrent.path], on: bridge[3], listen: "\(far):6881",
                    limited + ["--peer", bridge[1].place()])
                try await remote.waitForEvent("peer") { $0.state == "connected" }
                let local = try bridge.localPeer(.leech, [torrent.path], on: bridge[2], limited)
                try await local.waitForEvent("complete", within: .seconds(20))
                #expect(!remote.events.contains { $0.event == "complete" })
                let received = remote.events.last { $0.event == "progress" }?.downloaded ?? 0
                #expect(received < torrent.length / 2, "\(received) bytes")
                // It said where it is, and nobody believed it.
                let packets = try await bridge.packets()
                #expect(packets.contains { $0.host == 3 && $0.infohashes == [torrent.infoHash] })
                #expect(!packets.contains { $0.kind == .connect && $0.address == far })
            }
        }
    }
}
