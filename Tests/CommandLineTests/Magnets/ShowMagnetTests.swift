import Glibc
import TestSupport
import Testing

/// `show` of links, and what other commands say to one.
@Suite("Magnet links shown, and refused")
struct ShowMagnetTests {
    private static let hash = "c12fe1c06bba254a9dc9f519b335aa7c1367a88a"
    private static let link =
        "magnet:?xt=urn:btih:\(hash)&dn=a%20film&tr=http://t.example/announce&ws=http://w.example/&x.pe=10.0.0.1:6881"
        + "&x.pe=nobody&so=4,0-2"

    @Test("show says what the link holds, without the network")
    func shown() async throws {
        try await withStage { stage in
            let process = try await stage.peer("show", Self.link, "-v")
            #expect(process.status == .code(0), "\(process.log)")
            let text = process.lines.joined(separator: "\n")
            for part in [
                "a film", Self.hash, "http://t.example/announce", "http://w.example/", "10.0.0.1:6881", "0-2,4",
            ] {
                #expect(text.contains(part), "\(part)")
            }
            #expect(process.errorLines == ["x.pe=nobody names no peer"])

            let object = try await stage.peer("show", "--json", Self.link)
            let line = try #require(object.lines.first)
            for part in [
                #""infohash":"\#(Self.hash)""#, #""name":"a film""#, #""announce":[["http://t.example/announce"]]"#,
                #""peers":["10.0.0.1:6881","nobody"]"#, #""web_seeds":["http://w.example/"]"#, #""selected":"0-2,4""#,
            ] {
                #expect(line.contains(part), "\(line)")
            }
        }
    }

    @Test("show --fetch gets what the link leaves out, and keeps it")
    func fetched() async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 60_000))
            let seeder = try stage.startSeed(shared.path, dir: shared.folder)
            let port = try await seeder.listeningPort()
            let saved = stage.folder.path("saved.torrent")
            let link = "magnet:?xt=urn:btih:\(shared.infoHash)"
            let fetched = try await stage.peer(
                "show", "--fetch", link, "--peer", "127.0.0.1:\(port)", "--listen", "127.0.0.1:0", "--save-torrent",
                saved)
            #expect(fetched.status == .code(0), "\(fetched.log)")
            let direct = try await stage.peer("show", shared.path)
            #expect(fetched.lines == direct.lines, "\(fetched.log)")
            let reread = try await stage.peer("show", saved)
            #expect(reread.lines == direct.lines)

            // It is kept, so nobody is needed any more.
            _ = try await seeder.interrupt()
            let again = try await stage.peer("show", "--fetch", link, "--json")
            #expect(again.status == .code(0), "\(again.log)")
            #expect(again.lines.count == 1)
            #expect(again.lines.first?.contains(#""files":["#) == true)
            // No file of somebody's is replaced.
            let taken = try await stage.peer("show", "--fetch", link, "--save-torrent", saved)
            #expect(taken.status == .code(1))
            #expect(taken.errorLines.first?.contains("exists already; --overwrite replaces it") == true)
            let replaced = try await stage.peer("show", "--fetch", link, "--save-torrent", saved, "--overwrite")
            #expect(replaced.status == .code(0), "\(replaced.log)")
        }
    }

    @Test("show --fetch gives up in time, with 7 and the reason")
    func timeout() async throws {
        try await withStage { stage in
            let port = try LoopbackServer.freePort()
            let process = try await stage.peer(
                "show", "--fetch", "magnet:?xt=urn:btih:\(Self.hash)&x.pe=127.0.0.1:\(port)", "--timeout", "2",
                "--listen", "127.0.0.1:0")
            #expect(process.status == .code(7), "\(process.log)")
            let error = try #require(process.errorLines.last)
            #expect(error.contains("peer 127.0.0.1:\(port): connection refused"), "\(error)")
            #expect(process.lines == [])
        }
    }

    @Test("Nonsense in place of a link", arguments: ["leech", "get", "show"])
    func nonsense(command: String) async throws {
        try await withStage { stage in
            for (link, code, words) in [
                ("magnet:?xt=urn:btih:x", Int32(4), "is no info hash"),
                ("magnet:?dn=x", 4, "names no BitTorrent v1 torrent"),
                ("magnet:", 4, "not a magnet link"),
                ("magnet:?xt=urn:btih:\(Self.hash)&dn=%4", 4, "a malformed %"),
            ] {
                let process = try await stage.peer(command, link)
                #expect(process.status == .code(code), "\(process.log)")
                #expect(process.errorLines.count == 1)
                #expect(process.errorLines.first?.contains(words) == true, "\(process.log)")
            }
        }
    }

    @Test("Commands that need the .torrent say so", arguments: ["seed", "verify", "magnet"])
    func needsTheTorrent(command: String) async throws {
        try await withStage { stage in
            let process = try await stage.peer(command, Self.link)
            #expect(process.status == .code(2))
            let error = try #require(process.errorLines.first)
            #expect(error.contains("\(command) needs the .torrent, not a magnet link"), "\(error)")
            #expect(error.count <= 110)
        }
    }

    @Test("--save-torrent takes one torrent, and is checked at the start")
    func saving() async throws {
        try await withStage { stage in
            let first = try stage.share(Payload(file: "one", size: 10), torrentName: "one.torrent")
            let second = try stage.share(Payload(file: "two", size: 10), torrentName: "two.torrent")
            let out = stage.folder.path("out.torrent")
            let several = try await stage.peer("leech", first.path, second.path, "--save-torrent", out)
            #expect(several.status == .code(2))
            let nowhere = try await stage.peer(
                "get", Self.link, "--save-torrent", stage.folder.path("no/such/folder.torrent"))
            #expect(nowhere.status == .code(3), "\(nowhere.log)")
            let linkAlone = try await stage.peer("show", Self.link, "--save-torrent", out)
            #expect(linkAlone.status == .code(2), "\(linkAlone.log)")
            #expect(!FileTree.exists(out))
        }
    }

    @Test("--save-torrent writes to a file, and to nothing else", arguments: ["-", "/dev/stdout", "fifo"])
    func savingElsewhere(place: String) async throws {
        try await withStage { stage in
            var target = place
            if place == "fifo" {
                target = stage.folder.path("fifo")
                #expect(mkfifo(target, 0o600) == 0)
            }
            let refused = try await stage.peer("get", Self.link, "--save-torrent", target)
            #expect(refused.status == .code(5), "\(refused.log)")
            #expect(refused.log.contains("is no file; name a file"), "\(refused.log)")
        }
    }
}
