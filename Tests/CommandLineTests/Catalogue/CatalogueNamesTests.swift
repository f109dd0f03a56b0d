import Synchronization
import TestSupport
import Testing

/// What a word means in a catalogue: one torrent by what it is called, or none.
@Suite("Which torrent of a catalogue is meant")
struct CatalogueNamesTests {
    private final class Counter: Sendable { let value = Mutex(0) }

    /// A list of these torrents, by their numbers from 12 up; what is asked for by number or info hash is not there.
    private struct List {
        let server: LoopbackServer
        /// How many were taken out.
        let taken = Counter()
        var url: String { "http://127.0.0.1:\(server.port)" }

        init(_ names: [String]) throws {
            let entries = names.enumerated().map { position, name in
                let hash = String(repeating: "ab", count: 19) + "0\(position)"
                return "{\"number\":\(12 + position),\"infohash\":\"\(hash)\",\"name\":\"\(name)\",\"length\":5}"
            }
            let list = "{\"torrents\":[\(entries.joined(separator: ","))],\"total\":\(names.count)}"
            server = try LoopbackServer { [taken] connection in
                let head = connection.receiveHead()
                if head.hasPrefix("DELETE") {
                    taken.value.withLock { $0 += 1 }
                    connection.send(FalseCatalogue.answer([], status: "204 No Content"))
                } else if head.hasPrefix("GET /torrents?") {
                    connection.send(FalseCatalogue.answer(Array(list.utf8)))
                } else {
                    let refusal = "{\"error\":\"no\",\"code\":\"not_there\"}"
                    connection.send(FalseCatalogue.answer(Array(refusal.utf8), status: "404 Not Found"))
                }
            }
        }
    }

    @Test(
        "A name that is only like it is never meant, and the error says what is there",
        arguments: [
            (["film 7"], "7", 3, "nothing is called 7, but number 12 is film 7"),
            (["film 7", "7 films"], "7", 3, "nothing is called 7, but like it are 12, 13"),
            (["holiday 2026"], "holiday", 3, "nothing is called holiday, but number 12 is holiday 2026"),
            (["film", "film", "film 2"], "film", 2, "several are called film: give a number of 12, 13"),
            ([], "film", 3, "has no such torrent"),
        ])
    func like(names: [String], word: String, code: Int32, words: String) async throws {
        try await withStage { stage in
            let list = try List(names)
            for arguments in [["unpublish", word, "--to", list.url], ["get", list.url, word, "-d", "into"]] {
                let process = try await stage.run(Executables.peer, arguments)
                #expect(process.status == .code(code), "\(process.log)")
                #expect(process.errorLines.count == 1 && process.log.contains(words), "\(process.log)")
            }
            #expect(list.taken.value.withLock(\.self) == 0)
        }
    }

    @Test("What is called so is meant, though others are like it, and though its content lies here")
    func exact() async throws {
        try await withStage { stage in
            let list = try List(["film.mkv 2", "film.mkv"])
            // More than a torrent may have, of which nothing needs to be read.
            let content = try await stage.shell("truncate -s 5G film.mkv")
            #expect(content.status == .code(0))
            let process = try await stage.peer("unpublish", "film.mkv", "--to", list.url)
            #expect(process.status == .code(0), "\(process.log)")
            #expect(process.lines == ["film.mkv, number 13, is no longer offered at \(list.url)"])
            #expect(list.taken.value.withLock(\.self) == 1)
        }
    }

    @Test("A file that is called a .torrent and is none is said to be none")
    func noTorrent() async throws {
        try await withStage { stage in
            let list = try List(["page.torrent"])
            try FileTree.write(Array("<html>".utf8), to: stage.folder.path("page.torrent"))
            for command in ["publish", "unpublish"] {
                let process = try await stage.peer(command, "page.torrent", "--to", list.url)
                #expect(process.status == .code(4), "\(process.log)")
                #expect(process.log.contains("is a web page, not a torrent"), "\(process.log)")
            }
        }
    }
}
