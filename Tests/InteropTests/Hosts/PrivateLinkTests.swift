import Glibc
import TestSupport
import Testing

extension Interop {
    /// A magnet link does not say that its torrent is private: until the metadata is there it is taken to be public.
    @Suite("Links to private torrents", .serialized)
    struct PrivateLinkTests {
        @Test(
            "Whom a link and others named is dropped when the torrent is known to be private", .timeLimit(.minutes(1)))
        func turnsPrivate() async throws {
            try Namespace.require([.ours], programs: Bridge.programs)
            try await withStage { stage in
                let bridge = try await Bridge(stage, hosts: 5)
                let (seeding, newcomer, stranger, friend) = (bridge[1], bridge[2], bridge[3], bridge[4])
                let announceURL = NamingTracker.announceURL(on: bridge[5])
                let torrent = try HostedTorrent(stage, bytes: 2 << 20, announce: [announceURL], isPrivate: true)
                let tracker = try await NamingTracker(on: bridge[5], of: bridge, naming: 8)
                let seeder = try bridge.peer(
                    .seed, [torrent.path], on: seeding, folder: torrent.folder, ["--upload-limit", "400K"])
                try await seeder.waitForEvent("tracker") { $0.state == "answered" }
                let told = try bridge.start(
                    driver: "tempting_peer.py", [friend.place(), torrent.infoHash], on: friend)
                // It alone gives the metadata: a private torrent's is not given by us.
                let telling = try bridge.start(
                    driver: "tempting_peer.py",
                    [stranger.place(), torrent.infoHash, "--tell", friend.place(), "--metadata", torrent.path],
                    on: stranger)
                for process in [told, telling] { try await process.waitForEvent("listening") }

                let leecher = try bridge.peer(
                    .leech, [torrent.link(["tr=\(announceURL)", "x.pe=\(stranger.place())"])], on: newcomer)
                // As long as it is taken to be public, both are called.
                for process in [told, telling] { try await process.waitForEvent("connected") { $0.incoming == true } }
                try await leecher.waitForEvent("peer") { $0.state == "connected" && $0.source == "tracker" }
                telling.signal(SIGUSR1)
                let metadata = try await leecher.waitForEvent("metadata_complete")
                #expect(metadata.private == true)
                for process in [told, telling] { try await process.waitForEvent("left") }
                let before = try await Self.calls(from: newcomer, in: bridge)
                try await leecher.waitForEvent("complete", within: .seconds(30))
                try torrent.expectWhole(in: bridge.folder(of: newcomer))
                let after = try await Self.calls(from: newcomer, in: bridge)
                for host in [stranger, friend] {
                    #expect(before.contains { $0.address == host.address() }, "the temptation was not heard")
                    #expect(!after.dropFirst(before.count).contains { $0.address == host.address() })
                }
                let acquaintance = Acquaintance(of: newcomer, torrent.infoHash, [tracker])
                #expect(after.dropFirst(before.count).compactMap { acquaintance.complaint(about: $0) } == [])
            }
        }

        private static func calls(from host: Bridge.Host, in bridge: Bridge) async throws -> [Packet] {
            try await bridge.packets().filter { $0.host == host.number }
        }
    }
}
