import Foundation
import TestSupport
import Testing

/// A file that calls itself a torrent and is none, or a malicious one.
struct BadTorrent: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]

    init(_ what: String, _ bytes: [UInt8]) {
        testDescription = what
        self.bytes = bytes
    }

    init(_ what: String, info: Bencoded) {
        self.init(what, TestTorrent(info: info).encoded)
    }

    /// A torrent of one file at `path`, right in all but that.
    init(_ what: String, path: [Bencoded]) {
        self.init(
            what,
            info: [
                "files": [["length": 10, "path": .list(path)]], "name": "folder", "piece length": 16384,
                "pieces": .bytes(Self.hash),
            ])
    }

    static let all: [BadTorrent] =
        [
            BadTorrent("not bencode", Array("hello, this is no torrent\n".utf8)),
            BadTorrent("an HTML page", Array("<!DOCTYPE html><html></html>".utf8)),
            BadTorrent("nothing at all", []),
            BadTorrent("truncated", Array(good.dropLast(25))),
            BadTorrent("something before the beginning", Array("xx".utf8) + good),
            BadTorrent("lists in lists without end", Array(repeating: UInt8(ascii: "l"), count: 100_000)),
            BadTorrent("a string longer than all", Array("d4:info99999999999999999999:x".utf8)),
            BadTorrent("a list instead of a dictionary", Array("l4:infoe".utf8)),
            BadTorrent("no info", Array("d8:announce12:http://x/a/be".utf8)),
            BadTorrent("info is a number", Array("d4:infoi1ee".utf8)),
        ] + badInfos + badPaths

    private static let badInfos = [
        BadTorrent("no pieces", info: ["length": 10, "name": "x", "piece length": 16384]),
        BadTorrent("half a hash", info: single(pieces: Array(hash.dropLast()))),
        BadTorrent("too few hashes", info: single(length: 40_000)),
        BadTorrent("too many hashes", info: single(pieces: hash + hash)),
        BadTorrent("piece length 0", info: single(pieceLength: 0)),
        BadTorrent("piece length below 0", info: single(pieceLength: -16384)),
        BadTorrent("a length below 0", info: single(length: -1)),
        BadTorrent("a length beyond 63 bits", Array(beyond.utf8) + hash + Array("ee".utf8)),
        BadTorrent(
            "a sum of lengths beyond 63 bits",
            info: [
                "files": [["length": .integer(.max), "path": ["a"]], ["length": .integer(.max), "path": ["b"]]],
                "name": "x", "piece length": 16384, "pieces": .bytes(Self.hash),
            ]),
    ]

    private static let badPaths = [
        BadTorrent("an empty path", path: []),
        BadTorrent("a number in a path", path: ["a", 1]),
    ]

    private static let hash = [UInt8](repeating: 7, count: 20)
    private static let good = TestTorrent(info: single()).encoded
    private static let beyond = "d4:infod6:lengthi99999999999999999999e4:name1:x12:piece lengthi16384e6:pieces20:"

    private static func single(
        length: Int = 10, pieceLength: Int = 16384, pieces: [UInt8] = hash
    ) -> Bencoded {
        [
            "length": .integer(length), "name": "x", "piece length": .integer(pieceLength), "pieces": .bytes(pieces),
        ]
    }
}

/// Bad torrents end every command with exit code 4, one line, and an untouched disk.
@Suite("Bad torrents")
struct BadTorrentTests {
    @Test("Refused by leech, with one line and nothing written", arguments: BadTorrent.all)
    func leech(bad: BadTorrent) async throws {
        try await withStage { stage in
            let torrent = stage.folder.path("bad.torrent")
            try FileTree.write(bad.bytes, to: torrent)
            let target = try stage.folder.folder("work/target")
            let before = FileTree.files(below: stage.folder.path)
            let leecher = try await stage.peer("leech", torrent, "--dir", target, "--listen", "127.0.0.1:0", "-e")
            #expect(leecher.status == .code(4))
            #expect(leecher.errorLines.count == 1, "\(leecher.log)")
            #expect(leecher.errorLines.first?.contains("bad.torrent") == true, "\(leecher.log)")
            #expect(FileTree.files(below: stage.folder.path) == before)
            #expect(!FileTree.exists("/tmp/escaped"))
        }
    }

    @Test("Refused by the other commands too", arguments: ["show", "magnet", "verify", "seed"])
    func others(command: String) async throws {
        try await withStage { stage in
            let torrent = stage.folder.path("bad.torrent")
            try FileTree.write(BadTorrent.all[0].bytes, to: torrent)
            let needsFolder = command == "verify" || command == "seed"
            let process = try await stage.run(
                Executables.peer, [command, torrent] + (needsFolder ? ["--dir", stage.folder.path] : []))
            #expect(process.status == .code(4))
            #expect(process.errorLines.count == 1, "\(process.log)")
            #expect(process.bytes.isEmpty)
        }
    }

    @Test("A torrent above the limits is refused before it fills the memory")
    func tooLarge() async throws {
        try await withStage { stage in
            let torrent = stage.folder.path("huge.torrent")
            try FileTree.write([UInt8(ascii: "d")], to: torrent)
            #expect(truncate(torrent, 8 << 30) == 0)
            let process = try await stage.peer("show", torrent)
            #expect(process.status == .code(4))
            #expect(process.errorLines.count == 1, "\(process.log)")
        }
    }

    @Test("One bad torrent among good ones is named, and nothing is begun")
    func oneOfTwo() async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 30_000))
            let bad = stage.folder.path("bad.torrent")
            try FileTree.write(BadTorrent.all[0].bytes, to: bad)
            let target = try stage.folder.folder("target")
            let process = try await stage.peer(
                "leech", shared.path, bad, "--dir", target, "--listen", "127.0.0.1:0", "-e")
            #expect(process.status == .code(4))
            #expect(process.errorLines.contains { $0.contains("bad.torrent") }, "\(process.log)")
            #expect(FileTree.files(below: target) == [])
        }
    }

    @Test("With --json the error is an object with the code's word")
    func json() async throws {
        try await withStage { stage in
            let bad = stage.folder.path("bad.torrent")
            try FileTree.write(BadTorrent.all[0].bytes, to: bad)
            let process = try await stage.peer("leech", bad, "--dir", stage.folder.path, "--json")
            #expect(process.status == .code(4))
            let error = try #require(process.events.first { $0.event == "error" }, "\(process.log)")
            #expect(error.code == "bad_torrent")
            #expect(error.message?.contains("bad.torrent") == true)
        }
    }
}
