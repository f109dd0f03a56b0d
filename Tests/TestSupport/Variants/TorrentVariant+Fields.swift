// Fields of other kinds than they should be, and bencode as it should not be written.
extension TorrentVariant {
    private static let kinds: [(String, Bencoded)] = [
        ("a number", 2), ("a string", "1"), ("an empty list", []), ("a dictionary", .dictionary([])),
        ("a list of a number", [1]), ("a list of a list", [[1]]),
    ]

    static let fields: [TorrentVariant] = [TorrentVariant("nothing odd", single())] + around + inside + ofFiles + lists

    private static let around: [TorrentVariant] = [
        "announce", "announce-list", "comment", "created by", "creation date", "encoding", "httpseeds", "nodes",
        "url-list",
    ].flatMap { key in
        kinds.map { kind, value in TorrentVariant("\(key) is \(kind)", single(around: [key: value])) }
    }

    private static let inside: [TorrentVariant] = ["attr", "md5sum", "private", "source"].flatMap { key in
        kinds.map { kind, value in TorrentVariant("\(key) in info is \(kind)", single([key: value])) }
    }

    private static let ofFiles: [TorrentVariant] = [
        "attr", "ed2k", "md5sum", "mtime", "path.utf-8", "sha1", "symlink path",
    ].flatMap { key in
        kinds.map { kind, value in
            TorrentVariant("\(key) of a file is \(kind)", several([file("a", with: [key: value])]), reads: ["n/a"])
        }
    }

    private static let lists: [TorrentVariant] = [
        TorrentVariant(
            "announce-list with other things in it",
            single(around: ["announce-list": [["http://a", 1, ""], 2, [], "x", ["http://b"]]])),
        TorrentVariant("announce-list of strings", single(around: ["announce-list": ["http://a", "http://b"]])),
        TorrentVariant(
            "announce-list of 1,500 trackers",
            single(around: ["announce-list": .list((0..<1_500).map { [.text("http://a/\($0)")] })])),
        TorrentVariant("announce is empty", single(around: ["announce": ""])),
        TorrentVariant("announce with blanks around it", single(around: ["announce": "  http://a\n"])),
        TorrentVariant(
            "nodes with other things in it",
            single(around: ["nodes": [["a", 1], ["b"], ["c", "d"], ["e", 70_000], 1, ["", 1]]])),
        TorrentVariant("a key that nobody knows", single(["x": [1, "2"]], around: ["y": .dictionary([])])),
    ]

    // MARK: How it is written

    private static let info = Array(single().dropFirst(7).dropLast())

    /// `text` between the outer dictionary's beginning and its `info`, or after that.
    private static func outer(_ before: String = "", after: String = "") -> [UInt8] {
        Array("d\(before)4:info".utf8) + info + Array("\(after)e".utf8)
    }

    private static func inner(_ fields: String) -> [UInt8] {
        Array("d4:infod\(fields)12:piece lengthi16384e6:pieces20:".utf8) + digest + Array("ee".utf8)
    }

    private static func nested(_ depth: Int) -> Bencoded {
        .raw([UInt8](repeating: UInt8(ascii: "l"), count: depth) + [UInt8](repeating: UInt8(ascii: "e"), count: depth))
    }

    static let writing: [TorrentVariant] = [
        TorrentVariant("a newline behind it", single() + Array("\n".utf8)),
        TorrentVariant("anything behind it", single() + Array("junk".utf8)),
        TorrentVariant("another torrent behind it", single() + single(["name": "m"])),
        .refused("a newline before it", Array("\n".utf8) + single()),
        .refused("a byte order mark before it", [0xEF, 0xBB, 0xBF] + single()),
        .refused("its last byte is missing", Array(single().dropLast())),
        .refused("nothing at all", []),
        .refused("a web page", Array("<!DOCTYPE html><html></html>".utf8)),
        TorrentVariant("keys out of order", outer(after: "8:announce8:http://a")),
        TorrentVariant("keys out of order in info", inner("4:name1:n6:lengthi5e")),
        TorrentVariant("a key twice", outer("7:comment1:a7:comment1:b")),
        TorrentVariant("info twice", outer(after: "4:info\(String(decoding: info, as: UTF8.self))")),
        TorrentVariant("name twice", inner("6:lengthi5e4:name1:n4:name1:m")),
        TorrentVariant("length twice", inner("6:lengthi5e6:lengthi6e4:name1:n")),
        TorrentVariant("zeros before the length", inner("6:lengthi005e4:name1:n")),
        TorrentVariant("zeros before a date", outer("13:creation datei05e")),
        TorrentVariant("a date of minus zero", outer("13:creation datei-0e")),
        .refused("a date with a plus", outer("13:creation datei+5e")),
        .refused("a date with a blank", outer("13:creation datei 5e")),
        .refused("a date without digits", outer("13:creation dateie")),
        .refused("a date of a minus", outer("13:creation datei-e")),
        .refused("a date with a fraction", outer("13:creation datei5.5e")),
        .refused("a date beyond 64 bits", outer("13:creation datei99999999999999999999e")),
        TorrentVariant("zeros before a string's length", outer("7:comment01:a")),
        TorrentVariant("zeros before a key's length", outer("07:comment1:a")),
        .refused("a key that is a number", outer(after: "i1e1:a")),
        .refused("a key without a value", outer(after: "1:a")),
        .refused("a string longer than all", outer("7:comment99999999999:a")),
        TorrentVariant("lists 60 deep", single(around: ["x": nested(60)])),
        TorrentVariant("lists 95 deep", single(around: ["x": nested(95)])),
        TorrentVariant("lists 95 deep in info", single(["x": nested(95)])),
        .refused("lists 200 deep", single(around: ["x": nested(200)])),
        .refused("lists 100,000 deep", single(around: ["x": nested(100_000)])),
    ]
}
