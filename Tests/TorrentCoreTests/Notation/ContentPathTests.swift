import Testing

@testable import TorrentCore

@Suite struct ContentPathTests {
    @Test(
        arguments: [
            ("a", "a"), ("a/b.txt", "a/b.txt"), ("./a//b/", "a/b"), (".", nil), ("./", nil), ("a/.../b", "a/.../b"),
        ])
    func `what leads below stays`(path: String, expected: String?) throws {
        let below = try ContentPath(Array(path.utf8), isInInfo: false).below()
        #expect(below.map { String(decoding: $0.bytes, as: UTF8.self) } == expected)
    }

    @Test(
        arguments: [
            ("/", .absolute), ("/etc/passwd", .absolute), ("//a", .absolute), ("..", .climbs), ("a/../../b", .climbs),
            ("a/..", .climbs), ("a\u{0}b", .holdsNUL),
        ] as [(String, TorrentPath.Fault)])
    func `what leads out is refused`(path: String, fault: TorrentPath.Fault) {
        let error = #expect(throws: TorrentPath.Unsafe.self) {
            try ContentPath(Array(path.utf8), isInInfo: false).below()
        }
        #expect(error?.fault == fault)
    }

    private static func torrent(
        _ files: String, beside outer: [(String, BencodeValue)] = [], in info: String = ""
    ) throws -> Metainfo {
        let start = Array("d\(files)\(info)12:piece lengthi16384e6:pieces20:".utf8)
        let bytes = start + [UInt8](repeating: 1, count: 20) + Array("e".utf8)
        var root = BencodeDictionary()
        root["info"] = try BencodeValue(decoding: bytes)
        for (key, value) in outer { root[key] = value }
        return try Metainfo(parsing: BencodeValue.dictionary(root).encoded)
    }

    private static let one = "6:lengthi3e4:name1:n"
    private static let several = "5:filesld6:lengthi3e4:pathl1:a1:need6:lengthi0e4:pathl2:nneee4:name1:n"

    @Test func `a path in the info dictionary makes another torrent, one beside it does not`() throws {
        let plain = try Self.torrent(Self.one)
        let beside = try Self.torrent(Self.one, beside: [("path", "x/y")])
        let within = try Self.torrent(Self.one, in: "4:path3:x/y")
        #expect(plain.statedPath == nil)
        #expect(beside.statedPath == ContentPath(Array("x/y".utf8), isInInfo: false))
        #expect(within.statedPath == ContentPath(Array("x/y".utf8), isInInfo: true))
        #expect(beside.infoHash == plain.infoHash && within.infoHash != plain.infoHash)
        // The note of whoever has the file comes first, and a list is none.
        let both = try Self.torrent(Self.one, beside: [("path", "mine")], in: "4:path3:x/y")
        #expect(both.statedPath?.bytes == Array("mine".utf8))
        #expect(try Self.torrent(Self.one, beside: [("path", ["x"])]).statedPath == nil)
    }

    @Test func `moved content changes its place and nothing else`() throws {
        for files in [Self.one, Self.several] {
            let plain = try Self.torrent(files)
            let moved = try #require(plain.moved(to: TorrentPath(components: [Array("d".utf8), Array("e".utf8)])))
            #expect(moved.infoHash == plain.infoHash && moved.name == plain.name && moved.encoded == plain.encoded)
            #expect(moved.files.map(\.path.description) == (files == Self.one ? ["d/e"] : ["d/e/a/n", "d/e/nn"]))
            let again = try #require(moved.moved(to: TorrentPath(components: [Array("f".utf8)])))
            #expect(again.files.map(\.path.description) == (files == Self.one ? ["f"] : ["f/a/n", "f/nn"]))
        }
        let long = (0..<12).map { _ in [UInt8](repeating: 0x61, count: 255) }
        #expect(try Self.torrent(Self.several).moved(to: TorrentPath(components: long)) == nil)
    }
}
