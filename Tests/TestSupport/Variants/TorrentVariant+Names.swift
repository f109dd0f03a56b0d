// Names that no file can have, and paths that cannot stand side by side.
extension TorrentVariant {
    /// What is given, and what becomes of it: nil where nothing is left.
    private static let odd: [(String, given: [UInt8], repaired: [UInt8]?)] = [
        odd("empty", "", nil), odd("a dot", ".", nil), odd("two dots", "..", nil), odd("three dots", "...", "..."),
        odd("a slash", "/", nil), odd("with a slash", "a/b", "a_b"), odd("absolute", "/a", "_a"),
        odd("with a slash at its end", "a/", "a_"), odd("climbing", "../../x", ".._.._x"),
        odd("a zero byte", "\0", nil), odd("with a zero byte", "a\0b", "a_b"),
        odd("with a backslash", "a\\..\\b", "a\\..\\b"),
        odd("of 255 bytes", letters(255), letters(255)), odd("of 256 bytes", letters(256), letters(255)),
        odd("of 304 bytes with an ending", letters(300) + ".mkv", letters(251) + ".mkv"),
        odd("of 300 bytes and a long ending", letters(150) + "." + letters(149), letters(150) + "." + letters(104)),
        odd("cut within a letter", letters(254) + "é", letters(254)),
        odd("a blank", " ", " "), odd("with a blank at its end", "a ", "a "),
        odd("with control bytes", "a\u{1}b\n", "a\u{1}b\n"), odd("that turns direction", "a\u{202e}b", "a\u{202e}b"),
        ("with a byte that is no UTF-8", [97, 0xFF, 98], [97, 0xFF, 98]),
    ]

    private static func odd(_ label: String, _ given: String, _ repaired: String?) -> (String, [UInt8], [UInt8]?) {
        (label, Array(given.utf8), repaired.map { Array($0.utf8) })
    }

    private static func letters(_ count: Int) -> String { String(repeating: "n", count: count) }

    static let names: [TorrentVariant] =
        odd.flatMap { label, given, repaired in
            let (hash, name) = (Array(infoHash.utf8), Bencoded.bytes(given))
            let (root, slash) = (Array("n/d/".utf8), Array("/".utf8))
            return [
                TorrentVariant("a name \(label)", single(["name": name]), reads: [repaired ?? hash]),
                TorrentVariant(
                    "a folder's name \(label)", several([file("a")], ["name": name]),
                    reads: [(repaired ?? hash) + Array("/a".utf8)]),
                TorrentVariant(
                    "a folder in a path \(label)", several([file("d", name, "e")]),
                    reads: [root + (repaired ?? [95]) + slash + [101]]),
                TorrentVariant(
                    "the last of a path \(label)", several([file("d", name)]), reads: [root + (repaired ?? [95])]),
            ]
        } + [
            TorrentVariant("no name", single(without: ["name"]), reads: [infoHash]),
            TorrentVariant("no name for the folder", several([file("a")], without: ["name"]), reads: ["\(infoHash)/a"]),
            TorrentVariant("name is a number", single(["name": 1]), reads: [infoHash]),
            TorrentVariant("name.utf-8 alone", single(["name.utf-8": "u"], without: ["name"]), reads: ["u"]),
            TorrentVariant("name.utf-8 too", single(["name.utf-8": "u"]), reads: ["u"]),
            TorrentVariant("name.utf-8 is a number", single(["name.utf-8": 1]), reads: ["n"]),
            TorrentVariant("name.utf-8 is empty", single(["name.utf-8": ""]), reads: ["n"]),
        ]

    static let paths: [TorrentVariant] = [
        TorrentVariant("two dots alone", several([file("..")]), reads: ["n/_"]),
        TorrentVariant("dots alone", several([file("..", ".", "..")]), reads: ["n/_/_/_"]),
        .refused("an empty path", several([file()])),
        .refused("no path", several([.dictionary([("length", 1)])])),
        .refused("path is a string", several([file(with: ["path": "a"])])),
        .refused("a number in a path", several([file(1)])),
        TorrentVariant(
            "path.utf-8 alone", several([.dictionary([("length", 1), ("path.utf-8", ["a"])])]), reads: ["n/a"]),
        TorrentVariant("path.utf-8 is empty", several([file("a", with: ["path.utf-8": []])]), reads: ["n/a"]),
        TorrentVariant("a path twice", several([file("a"), file("b"), file("a")]), reads: ["n/a", "n/b", "n/a.1"]),
        TorrentVariant(
            "a path thrice, and the next name is taken",
            several([file("a.txt"), file("a.txt"), file("a.txt"), file("a.1.txt")]),
            reads: ["n/a.txt", "n/a.2.txt", "n/a.3.txt", "n/a.1.txt"]),
        TorrentVariant("upper and lower case", several([file("a"), file("A")]), reads: ["n/a", "n/A"]),
        TorrentVariant("a file where a folder is", several([file("a"), file("a", "b")]), reads: ["n/a.1", "n/a/b"]),
        TorrentVariant(
            "a folder where a file is, and the next is one too",
            several([file("a", "b"), file("a.1", "c"), file("a")]),
            reads: ["n/a/b", "n/a.1/c", "n/a.2"]),
        TorrentVariant(
            "two files where a folder is", several([file("a"), file("a"), file("a", "b")]),
            reads: ["n/a.1", "n/a.2", "n/a/b"]),
        TorrentVariant(
            "two that are one when they are repaired", several([file("a/b"), file("a_b")]),
            reads: ["n/a_b", "n/a_b.1"]),
        TorrentVariant(
            "two that are one when they are cut",
            several([file(.text(letters(300) + "1")), file(.text(letters(300)))]),
            reads: ["n/" + letters(255), "n/" + letters(247) + ".1"]),
        TorrentVariant(
            "a path of 6,000 bytes", several([file(with: ["path": .list((0..<30).map { _ in .text(letters(200)) })])]),
            reads: ["n/" + [String](repeating: letters(200), count: 15).joined(separator: "/")]),
        TorrentVariant(
            "a path of 3,000 folders", several([file(with: ["path": .list([Bencoded](repeating: "a", count: 3_000))])]),
            reads: ["n/" + [String](repeating: "a", count: 1_535).joined(separator: "/")]),
        TorrentVariant(
            "a path 300 times", several([Bencoded](repeating: file("a.txt"), count: 300)),
            reads: ["n/a.txt"] + (1..<300).map { "n/a.\($0).txt" }),
    ]
}
