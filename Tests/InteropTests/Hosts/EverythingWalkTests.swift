import TestSupport
import Testing

extension Interop {
    /// A walk of the field's teaching projects: a peer that is client, server and tracker, each on a host of its own.
    @Suite("Walk: a peer that is everything", .serialized)
    struct EverythingWalkTests {
        @Test(
            "It is in two swarms, tells newcomers of all who are there, and is where it was after a stop",
            .timeLimit(.minutes(2)))
        func walk() async throws {
            try Namespace.require([.ours], programs: Bridge.programs)
            try await withStage { stage in
                let bridge = try await Bridge(stage, hosts: 4)
                let (home, early, late, other) = (bridge[1], bridge[2], bridge[3], bridge[4])
                let announce = ["http://\(home.address()):7000"]
                // It gives the one and fetches the other, which lies with somebody else.
                let given = try HostedTorrent(stage, name: "given", bytes: 3 << 20, announce: announce)
                let wanted = try HostedTorrent(stage, name: "wanted", bytes: 2 << 20, announce: announce)
                let folder = try bridge.folder(of: home)
                try given.copy(to: folder)
                func everything() throws -> RunningProcess {
                    try bridge.peer(
                        .leech, [given.path, wanted.path], on: home, folder: folder,
                        ["--tracker", "7000", "--upload-limit", "1M"])
                }
                let peer = try everything()
                try await peer.waitForEvent("seeding") { $0.infohash == given.infoHash }
                let owner = try bridge.peer(.seed, [wanted.path], on: other, folder: wanted.folder, ["--no-lsd"])
                try await peer.waitForEvent("complete", within: .seconds(30)) { $0.infohash == wanted.infoHash }
                try wanted.expectWhole(in: folder)

                // Two newcomers, who are told of each other too.
                let first = try bridge.peer(.leech, [given.path], on: early, ["--no-lsd"])
                try await first.waitForEvent("peer") { $0.state == "connected" && $0.address == home.address() }
                let second = try bridge.peer(.leech, [given.path], on: late, ["--no-lsd"])
                for (process, neighbour) in [(first, late), (second, early)] {
                    try await process.waitForEvent("peer") {
                        $0.state == "connected" && $0.address == neighbour.address()
                    }
                }
                for (process, host) in [(first, early), (second, late)] {
                    try await process.waitForEvent("complete", within: .seconds(30))
                    try given.expectWhole(in: bridge.folder(of: host))
                }

                // Stopped and started where it was: both swarms, nothing fetched again, and a tracker as before.
                #expect(try await peer.interrupt(), "\(peer.log)")
                _ = try await owner.interrupt()
                let again = try everything()
                for torrent in [given, wanted] {
                    let verified = try await again.waitForEvent("verified") { $0.infohash == torrent.infoHash }
                    #expect(verified.goodBytes == torrent.length && verified.fromResume == true)
                    try await again.waitForEvent("seeding") { $0.infohash == torrent.infoHash }
                }
                let newcomer = try bridge.peer(.leech, [wanted.path], on: other, ["--no-lsd"])
                try await newcomer.waitForEvent("complete", within: .seconds(30))
                try wanted.expectWhole(in: bridge.folder(of: other))
            }
        }
    }
}

extension RunningProcess {
    /// Interrupts as Ctrl-C does and waits for the end; true if nothing was left to be done.
    fileprivate func interrupt() async throws -> Bool {
        signal(2)
        return try await waitForExit(within: .seconds(10)) == .code(0)
    }
}
