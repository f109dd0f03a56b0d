import TestSupport
import Testing

/// What people name by mistake: each is told from what was meant, and what to do is said.
@Suite("Wrong names")
struct WrongNamesTests {
    @Test("A film, a folder, a web page, an address are no torrents", arguments: ["seed", "leech", "show", "verify"])
    func notATorrent(_ command: String) async throws {
        try await withStage { stage in
            let cases: [(make: String, name: String, code: Int32, words: String)] = [
                ("echo film > film.mkv", "film.mkv", 4, "film.mkv is not a torrent: first p2p-peer make film.mkv"),
                ("head -c 70000000 /dev/zero > big", "big", 4, "big is not a torrent: first p2p-peer make big"),
                ("echo x > 'a b'", "a b", 4, "first p2p-peer make 'a b'"),
                ("mkdir pictures", "pictures", 5, "pictures is a folder, not a torrent: first p2p-peer make pictures"),
                ("printf '\\n<!DOCTYPE html>' > p.torrent", "p.torrent", 4, "p.torrent is a web page, not a torrent"),
                (": > e.torrent", "e.torrent", 4, "e.torrent is empty"),
                ("echo x | gzip > z.torrent", "z.torrent", 4, "z.torrent is compressed"),
                (":", "https://example.org/x.torrent", 2, "is an address: fetch the .torrent first"),
                ("echo d3:abc > b.torrent", "b.torrent", 4, "b.torrent: "),
                (": > film.torrent", "film.torent", 3, "there is no such file; did you mean film.torrent?"),
            ]
            for (make, name, code, words) in cases {
                _ = try await stage.shell(make)
                let process = try await stage.peer(command, name)
                #expect(process.status == .code(code), "\(process.log)")
                #expect(process.errorLines.count == 1, "\(process.log)")
                #expect(process.errorLines.first?.contains(words) == true, "\(process.log)")
                #expect((process.errorLines.first?.count ?? 0) <= 110, "\(process.log)")
            }
        }
    }

    @Test("A folder that is not there: refused where it is needed, said where it is made")
    func folders() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "film", size: 1_000))
            _ = try stage.folder.folder("downloads")
            for command in ["seed", "verify"] {
                let process = try await stage.peer(command, shared.path, "-d", "downlaods")
                #expect(process.status == .code(3), "\(process.log)")
                let words = "p2p-peer: error: downlaods: there is no such folder; did you mean downloads?"
                #expect(process.errorLines == [words])
            }
            let leecher = try stage.start(
                Executables.peer, ["leech", shared.path, "-d", "downlaods", "--listen", "127.0.0.1:0", "-v"])
            let isSaid = try await eventually(within: .seconds(20)) {
                leecher.errorLines.contains("downlaods is a new folder; did you mean downloads?")
                    && leecher.errorLines.contains { $0.contains("listening on") }
            }
            #expect(isSaid, "\(leecher.log)")
            #expect(try await leecher.interrupt() == .code(7))
        }
    }

    @Test("A current folder that was deleted is refused, and so is seed -e")
    func refused() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "film", size: 1_000))
            let gone = try await stage.shell(
                """
                mkdir gone; cd gone; rmdir ../gone
                code=0
                "$PEER" leech "\(shared.path)" --listen 127.0.0.1:0 || code=$?
                test $code = 3
                """)
            #expect(gone.status == .code(0), "\(gone.log)")
            #expect(gone.errorLines.contains { $0.contains("the current folder was deleted") }, "\(gone.log)")
            let seed = try await stage.peer("seed", shared.path, "-d", shared.folder, "-e")
            #expect(seed.status == .code(2), "\(seed.log)")
            #expect(seed.errorLines.first?.contains("--seed-time") == true, "\(seed.log)")
        }
    }

    @Test("The content itself in the place of the folder that holds it")
    func contentAsFolder() async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 20_000))
            let process = try await stage.peer("seed", shared.path, "-d", "seed/mixed", "--listen", "127.0.0.1:0")
            #expect(process.status == .code(3), "\(process.log)")
            #expect(process.errorLines.last?.hasSuffix("did you mean --dir seed?") == true, "\(process.log)")
        }
    }

    @Test("Nobody to ask is said at once, and is why nothing moves; who seeds without a tracker is told, too")
    func nobodyToAsk() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "film", size: 1_000))
            let leecher = try stage.startLeech(shared.path, dir: try stage.folder.folder("got"))
            let notice = try await leecher.waitForEvent("notice") { $0.code == "nobody_to_ask" }
            #expect(notice.message?.contains("--peer") == true)
            let progress = try await leecher.waitForEvent("progress") { $0.waiting == "nobody_to_ask" }
            #expect(progress.state == "leeching" && progress.total == 1_000 && progress.eta == nil)
            let seeder = try stage.startSeed(shared.path, dir: shared.folder)
            try await seeder.waitForEvent("progress") { $0.waiting == "nobody_to_ask" && $0.state == "seeding" }
            let seeding = try await seeder.waitForEvent("seeding")
            #expect(seeding.path?.hasSuffix("/seed/film") == true)
        }
    }
}
