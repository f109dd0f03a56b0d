// What the content is made of: lengths, pieces, files; and version 2.
extension TorrentVariant {
    private static func pieceLength(_ length: Int, pieces: Int = 1) -> [UInt8] {
        single(["piece length": .integer(length), "pieces": .bytes([UInt8](repeating: 68, count: 20 * pieces))])
    }

    static let content: [TorrentVariant] = [
        .refused("no pieces", single(without: ["pieces"])),
        .refused("pieces is a number", single(["pieces": 1])),
        .refused("pieces is empty", single(["pieces": ""])),
        .refused("a digest too many", single(["pieces": .bytes(digest + digest)])),
        .refused("a digest and a byte", single(["pieces": .bytes(digest + [1])])),
        .refused("no piece length", single(without: ["piece length"])),
        .refused("piece length is a string", single(["piece length": "16384"])),
        .refused("piece length 0", pieceLength(0)),
        .refused("piece length -1", pieceLength(-1)),
        TorrentVariant("piece length 1", pieceLength(1, pieces: 5)),
        TorrentVariant("piece length 1,000", pieceLength(1_000)),
        TorrentVariant("piece length 16,383", pieceLength(16_383)),
        TorrentVariant("piece length 100,000", pieceLength(100_000)),
        TorrentVariant("piece length 128 MiB", pieceLength(128 << 20)),
        TorrentVariant("piece length 128 MiB and a byte", pieceLength(128 << 20 + 1)),
        TorrentVariant("piece length 256 MiB", pieceLength(256 << 20)),
        .refused("piece length 512 MiB", pieceLength(512 << 20)),
        .refused("piece length 1 GiB", pieceLength(1 << 30)),
        .refused("piece length 2 GiB", pieceLength(1 << 31)),
        .refused("piece length 1 TiB", pieceLength(1 << 40)),
        .refused("no length and no files", single(without: ["length"])),
        .refused("length is a string", single(["length": "5"])),
        .refused("length -1", single(["length": -1])),
        .refused("a length of 4 EiB", single(["length": .integer(1 << 62)])),
        TorrentVariant("a single empty file", single(["length": 0, "pieces": ""])),
        .refused("a single empty file with a piece", single(["length": 0])),
        TorrentVariant(
            "empty files alone", several([file("a", length: 0), file("b", length: 0)], pieces: 0),
            reads: ["n/a", "n/b"]),
        TorrentVariant(
            "empty files among others", several([file("a", length: 0), file("b"), file("c", length: 0)]),
            reads: ["n/a", "n/b", "n/c"]),
        TorrentVariant("length beside files", several([file("a")], ["length": 5]), reads: ["n/a"]),
        TorrentVariant("length 0 beside files", several([file("a")], ["length": 0]), reads: ["n/a"]),
        TorrentVariant("files is a number beside length", single(["files": 1])),
        TorrentVariant("files is a string beside length", single(["files": "x"])),
        TorrentVariant("files is a dictionary beside length", single(["files": .dictionary([])])),
        .refused("files is an empty list beside length", single(["files": []])),
        TorrentVariant("length is a string beside files", several([file("a")], ["length": "5"]), reads: ["n/a"]),
        TorrentVariant("length -1 beside files", several([file("a")], ["length": -1]), reads: ["n/a"]),
        .refused("files is empty", several([], pieces: 0)),
        .refused("files is a dictionary", several([], ["files": .dictionary([])])),
        .refused("a file that is a number", several([1])),
        .refused("a file without a length", several([.dictionary([("path", ["a"])]), file("b")])),
        .refused("a file whose length is a string", several([file("a", with: ["length": "1"])])),
        .refused("a file of -1 bytes", several([file("a", length: -1), file("b", length: 2)])),
        .refused("info is missing", Bencoded.dictionary([("announce", "http://a")]).encoded),
        .refused("info is a list", Bencoded.dictionary([("info", [])]).encoded),
        .refused("a list", Bencoded.list([]).encoded),
        .refused("a magnet link in a dictionary", Array("d10:magnet-uri5:magnee".utf8)),
        TorrentVariant("an odd attribute", several([file("a", with: ["attr": "z?x"])]), reads: ["n/a"]),
        TorrentVariant("private 1", single(["private": 1])),
        TorrentVariant("private -1", single(["private": -1])),
        TorrentVariant("meta version 1", single(["meta version": 1])),
        TorrentVariant("meta version 3", single(["meta version": 3])),
        TorrentVariant("meta version is a string", single(["meta version": "x"])),
        TorrentVariant("file tree is a number", single(["file tree": 1])),
        TorrentVariant("piece layers is a number", single(around: ["piece layers": 1])),
        TorrentVariant("a root hash of BEP 30 too", single(["root hash": .bytes(digest)])),
        TorrentVariant("a certificate that is a number", single(["ssl-cert": 1])),
        TorrentVariant(
            "a comment of 100,000 bytes", single(around: ["comment": .bytes([UInt8](repeating: 120, count: 100_000))])),
        TorrentVariant("both versions", hybrid(tree(length: 5)), reads: ["n"]),
        TorrentVariant("both versions that differ", hybrid(tree(length: 6)), reads: ["n"]),
        TorrentVariant("both versions without layers", single(["file tree": tree(length: 5), "meta version": 2])),
        TorrentVariant("version 2 without saying so", single(["file tree": tree(length: 5)])),
        .refused(
            "version 2 alone",
            single(
                ["file tree": tree(length: 5), "meta version": 2], without: ["length", "pieces"],
                around: ["piece layers": .dictionary([])])),
    ]

    /// As version 2 lists the file (BEP 52).
    static func tree(length: Int) -> Bencoded {
        let root = Bencoded.bytes([UInt8](repeating: 114, count: 32))
        return .dictionary([
            ("n", .dictionary([("", .dictionary([("length", .integer(length)), ("pieces root", root)]))]))
        ])
    }

    private static func hybrid(_ tree: Bencoded) -> [UInt8] {
        single(["file tree": tree, "meta version": 2], around: ["piece layers": .dictionary([])])
    }
}
