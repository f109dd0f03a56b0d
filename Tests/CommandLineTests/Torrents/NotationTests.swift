import Foundation
import TestSupport
import Testing

/// The readable notation of torrents: `show --json` prints it, `make --from-json` and all that take torrents read it.
@Suite("The readable notation")
struct NotationTests {
    @Test("What show prints, make makes again, byte for byte; seed, verify and leech take it as it is")
    func roundTrip() async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 60_000))
            let shown = try await stage.peer("show", shared.path, "--json")
            let json = stage.folder.path("shown.json")
            try FileTree.write(shown.bytes, to: json)
            #expect(shown.lines[0].contains("\"pieces\":\"<hex>"))
            #expect(try await stage.peer("make", "--from-json", json, "-o", "again.torrent").status == .code(0))
            #expect(try FileTree.read(stage.folder.path("again.torrent")) == FileTree.read(shared.path))
            // From a pipe into a pipe, and the notation alone, as an editor would save it.
            let value = try #require(
                try JSONSerialization.jsonObject(with: Data(shown.bytes)) as? [String: Any])["metainfo"]
            let bare = try JSONSerialization.data(
                withJSONObject: #require(value), options: [.prettyPrinted, .sortedKeys])
            try FileTree.write([UInt8](bare), to: stage.folder.path("bare.json"))
            let piped = try await stage.peer(
                "make", "--from-json", "-", "-o", "-", inputFile: stage.folder.path("bare.json"))
            #expect(piped.bytes == (try FileTree.read(shared.path)))

            for source in [json, "bare.json"] {
                let verified = try await stage.peer("verify", source, "--dir", shared.folder)
                #expect(verified.status == .code(0), "\(verified.log)")
            }
            let seeder = try stage.startSeed("bare.json", dir: shared.folder)
            let port = try await seeder.listeningPort()
            let target = try stage.folder.folder("leech")
            let leecher = try stage.startLeech(json, dir: target, ["-e", "--peer", "127.0.0.1:\(port)"])
            #expect(try await leecher.waitForExit(within: .seconds(30)) == .code(0))
            #expect(try shared.differences(in: target) == [])
        }
    }

    @Test("What would not come back the same has no notation")
    func odd() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "film", size: 1_000))
            try FileTree.write(FileTree.read(shared.path) + [0], to: stage.folder.path("behind.torrent"))
            let shown = try await stage.peer("show", "behind.torrent", "--json")
            #expect(shown.lines.first?.contains("\"metainfo\":null") == true)
            try FileTree.write(shown.bytes, to: stage.folder.path("null.json"))
            let made = try await stage.peer("make", "--from-json", "null.json")
            #expect(made.status == .code(4) && made.errorLines.first?.contains("metainfo") == true, "\(made.log)")
        }
    }

    @Test(
        "What no torrent can hold is refused, with what and where",
        arguments: [
            (#"{"info":{"length":1e3}}"#, "info.length is no integer"),
            (#"{"info":{"name":"a","length":3}}"#, "info: \"length\" belongs before \"name\""),
            (#"{"info":{"pieces":"<hex>9"}}"#, "info.pieces: pairs of digits belong"),
            (#"{"info":{"private":true}}"#, "info.private is true"),
            (#"{"announce":"x"}"#, "\"info\" is missing"),
            (#"{"info":"#, "not JSON: ends within a value, at byte 8"),
        ])
    func refused(text: String, words: String) async throws {
        try await withStage { stage in
            try FileTree.write(Array(text.utf8), to: stage.folder.path("x.json"))
            for arguments in [["make", "--from-json", "x.json"], ["show", "x.json"], ["leech", "x.json"]] {
                let run = try await stage.run(Executables.peer, arguments)
                #expect(run.status == .code(4), "\(run.log)")
                #expect(run.errorLines.count == 1 && run.errorLines[0].contains("x.json: "), "\(run.log)")
                #expect(run.errorLines[0].contains(words), "\(run.log)")
            }
            #expect(FileTree.files(below: stage.folder.path).filter { !$0.hasPrefix("home") } == ["x.json"])
        }
    }

    @Test("What is said beside it is refused, and a file that is there stays")
    func others() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "film", size: 1_000))
            let shown = try await stage.peer("show", shared.path, "--json")
            try FileTree.write(shown.bytes, to: stage.folder.path("x.json"))
            for extra in [["seed/film"], ["--private"], ["-a", "http://t/announce"]] {
                let made = try await stage.run(Executables.peer, ["make", "--from-json", "x.json"] + extra)
                #expect(made.status == .code(2), "\(made.log)")
            }
            #expect(try await stage.peer("make").status == .code(2))
            let own = try FileTree.read(shared.path)
            #expect(try await stage.peer("make", "--from-json", "x.json", "-o", shared.path).status == .code(1))
            #expect(try FileTree.read(shared.path) == own)
            let dry = try await stage.peer("make", "--from-json", "x.json", "-o", "dry.torrent", "--dry-run")
            #expect(dry.status == .code(0) && !FileTree.exists(stage.folder.path("dry.torrent")))
        }
    }
}
