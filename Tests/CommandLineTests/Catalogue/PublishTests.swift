import TestSupport
import Testing

/// `publish`: what is put in, and what is said of it.
@Suite("What is published")
struct PublishTests {
    @Test("A private torrent does not name a tracker that others cannot reach", arguments: [false, true])
    func privately(isNamed: Bool) async throws {
        try await withStage { stage in
            let tracker = try await stage.startTracker()
            let content = try Payload(file: "film", size: 40_000).write(below: stage.folder.path)
            let url = "http://127.0.0.1:\(tracker.port)"
            let process = try await stage.run(
                Executables.peer,
                ["publish", content, "--to", url, "--private"] + (isNamed ? ["-a", "\(url)/announce"] : []))
            #expect(process.status == .code(isNamed ? 0 : 2), "\(process.log)")
            let words = "others do not reach it by \(url): say with --announce by which URL they do"
            #expect(isNamed || process.errorLines.first?.contains(words) == true, "\(process.log)")
            let list = try await stage.peer("browse", url, "--json")
            #expect(list.lines.count == (isNamed ? 1 : 0), "\(list.log)")
        }
    }

    @Test("What show --json prints is published as the torrent that it is; other JSON is content")
    func notation() async throws {
        try await withStage { stage in
            let tracker = try await stage.startTracker()
            let url = "http://127.0.0.1:\(tracker.port)"
            let shared = try stage.share(Payload(file: "film", size: 40_000))
            let shown = try await stage.peer("show", shared.path, "--json")
            try FileTree.write(shown.bytes, to: stage.folder.path("film.json"))
            try FileTree.write(Array("{\"a\":[1,2]}".utf8), to: stage.folder.path("data.json"))
            let torrent = try await stage.peer("publish", "film.json", "--to", url)
            #expect(torrent.lines.first == "film is number 1 at \(url)", "\(torrent.log)")
            let content = try await stage.peer("publish", "data.json", "--to", url)
            #expect(content.lines.first == "data.json is number 2 at \(url)", "\(content.log)")
            let list = try await stage.peer("browse", url, "--json", "--sort", "-number")
            #expect(list.lines.first?.contains(shared.infoHash) == true, "\(list.log)")
            let gone = try await stage.peer("unpublish", "film.json", "--to", url)
            #expect(gone.lines == ["film, number 1, is no longer offered at \(url)"], "\(gone.log)")
        }
    }

    @Test("The line that serves it stands there only where it would, and in quotes where a shell needs them")
    func serving() async throws {
        try await withStage { stage in
            let tracker = try await stage.startTracker()
            let url = "http://127.0.0.1:\(tracker.port)"
            _ = try Payload(file: "film", size: 40_000).write(below: try stage.folder.folder("my films; rm"))
            let process = try await stage.peer("publish", "my films; rm/film", "--to", url)
            let line = "  serve it  p2p-peer get \(url) 1 --seed --dir 'my films; rm'"
            #expect(process.lines.last == line, "\(process.log)")
            let renamed = try await stage.peer("publish", "my films; rm/film", "--name", "movie", "--to", url)
            #expect(renamed.status == .code(0), "\(renamed.log)")
            #expect(!renamed.lines.contains { $0.contains("serve it") }, "\(renamed.log)")
        }
    }

    @Test("Options that make a torrent do nothing to one, and are refused")
    func making() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "film", size: 40_000))
            for option in [["--private"], ["-c", "new"], ["--announce", "http://192.168.1.7:6969/announce"]] {
                let process = try await stage.run(
                    Executables.peer, ["publish", shared.path, "--to", "127.0.0.1:1"] + option)
                #expect(process.status == .code(2), "\(process.log)")
                #expect(process.log.contains("is a torrent, and published as it is: leave out --"), "\(process.log)")
            }
        }
    }
}
