import TestSupport
import Testing

extension Interop {
    /// Our `make` against other makers, and our torrents in other readers.
    @Suite("Make", .serialized)
    struct MakeInteropTests {
        @Test(
            "The same info hash as mktorrent's and libtorrent's",
            arguments: [
                Payload.mixed(name: "folder", bytes: 1_000_001), Payload(file: "single file.bin", size: 333_333),
                Payload(
                    name: "order",
                    files: ["a/b", "a b", "a-b/c", "a.txt", "aa", "B", "é", "z/z/z"].map { ($0, 20_011) }),
            ])
        func infoHash(payload: Payload) async throws {
            try Namespace.require([.ours, .libtorrent], programs: ["mktorrent"])
            try await withStage { stage in
                let content = try payload.write(below: try stage.folder.folder("content"))
                let ours = stage.folder.path("ours.torrent")
                let made = try await stage.run(Executables.peer, ["make", content, "-l", "64K", "-o", ours])
                #expect(made.status == .code(0), "\(made.log)")
                let libtorrent = try await LibtorrentDriver.make(
                    stage, content, pieceLength: 64 << 10, out: stage.folder.path("libtorrent.torrent"))
                #expect(try await hash(stage, ours) == libtorrent)

                let theirs = stage.folder.path("mktorrent.torrent")
                let mktorrent = try await stage.run(
                    Executables.find("mktorrent") ?? "", ["-l", "16", "-o", theirs, content])
                #expect(mktorrent.status == .code(0), "\(mktorrent.log)")
                #expect(try await hash(stage, ours) == hash(stage, theirs))
                // Our own reader agrees with libtorrent's on a stranger's torrent.
                let shown = try await stage.run(Executables.peer, ["show", theirs, "--json"])
                #expect(try await shown.lines.joined().contains(hash(stage, theirs)))
            }
        }

        @Test("transmission-show and aria2 read a torrent that we made with every option")
        func readers() async throws {
            try Namespace.require([.ours, .aria2], programs: ["transmission-show"])
            try await withStage { stage in
                let content = try Payload.mixed(name: "read", bytes: 200_000).write(below: stage.folder.path)
                let torrent = stage.folder.path("ours.torrent")
                let made = try await stage.run(
                    Executables.peer,
                    [
                        "make", content, "-o", torrent, "-a", "http://10.77.0.1:1/announce,udp://10.77.0.1:2/announce",
                        "-a", "http://10.77.0.1:3/announce", "-c", "a comment", "-p", "--source", "HERE",
                    ])
                #expect(made.status == .code(0), "\(made.log)")
                let shown = try await stage.run(Executables.find("transmission-show") ?? "", [torrent])
                let text = shown.lines.joined(separator: "\n")
                for part in ["Name: read", "a comment", "Private torrent", "udp://10.77.0.1:2/announce", "middle.dat"] {
                    #expect(text.contains(part), "\(part) in\n\(text)")
                }
                let listed = try await stage.run(Executables.find("aria2c") ?? "", ["--no-conf", "-S", torrent])
                #expect(listed.status == .code(0))
                #expect(listed.lines.contains { $0.contains("middle.dat") }, "\(listed.log)")
            }
        }

        /// The info hash of a torrent as libtorrent computes it.
        private func hash(_ stage: Stage, _ torrent: String) async throws -> String {
            let event = try await LibtorrentDriver.start(stage, ["hash", torrent], name: "libtorrent hash")
                .waitForEvent("hash")
            return try #require(event.infohash)
        }
    }
}
