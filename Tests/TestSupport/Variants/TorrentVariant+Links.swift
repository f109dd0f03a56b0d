// Symbolic links and padding (BEP 47).
extension TorrentVariant {
    private static func link(_ target: Bencoded?, length: Bencoded? = 0, pieces: Int = 1) -> [UInt8] {
        var pairs: [(key: String, value: Bencoded)] = [("attr", "l")]
        if let length { pairs.append(("length", length)) }
        pairs.append(("path", ["l"]))
        if let target { pairs.append(("symlink path", target)) }
        return several([file("a"), .dictionary(pairs)], pieces: pieces)
    }

    private static func padded(_ padding: Bencoded, _ more: Bencoded...) -> [UInt8] {
        several([file("a"), padding, file("b")] + more, pieces: more.isEmpty ? 2 : 3)
    }

    private static func padding(_ path: Bencoded...) -> Bencoded {
        file(with: ["attr": "p", "length": 16_383, "path": .list(path)])
    }

    static let links: [TorrentVariant] = [
        TorrentVariant("a link", link(["a"]), reads: ["n/a", "n/l"]),
        TorrentVariant("a link without a length", link(["a"], length: nil), reads: ["n/a", "n/l"]),
        TorrentVariant("a link of 5 bytes", link(["a"], length: 5), reads: ["n/a", "n/l"]),
        TorrentVariant("a link of 50,000 bytes without pieces", link(["a"], length: 50_000), reads: ["n/a", "n/l"]),
        .refused("a link of 50,000 bytes with pieces", link(["a"], length: 50_000, pieces: 4)),
        TorrentVariant("a link of -5 bytes", link(["a"], length: -5), reads: ["n/a", "n/l"]),
        TorrentVariant("a link whose length is a string", link(["a"], length: "x"), reads: ["n/a", "n/l"]),
        TorrentVariant("a link without a target", link(nil), reads: ["n/a", "n/l"]),
        .refused("a link without a target, with pieces", link(nil, length: 50_000, pieces: 4)),
        TorrentVariant("a link that climbs", link(["..", "..", "etc"]), reads: ["n/a", "n/l"]),
        TorrentVariant("a link to a string", link("a"), reads: ["n/a", "n/l"]),
        TorrentVariant("a link to nothing", link([]), reads: ["n/a", "n/l"]),
        TorrentVariant("a link to a number", link([1]), reads: ["n/a", "n/l"]),
        TorrentVariant(
            "a link alone", several([file("l", length: 0, with: ["attr": "l", "symlink path": ["a"]])], pieces: 0),
            reads: ["n/l"]),
        TorrentVariant("a single file that is a link", single(["attr": "l", "symlink path": ["a"]])),
        TorrentVariant("a single file that is padding", single(["attr": "p"])),
        TorrentVariant("padding", padded(padding(".pad", "9")), reads: ["n/a", "n/.pad/9", "n/b"]),
        TorrentVariant(
            "padding without a path", padded(.dictionary([("attr", "p"), ("length", 16_383)])),
            reads: ["n/a", "n/.pad/16383", "n/b"]),
        TorrentVariant(
            "padding of one path twice", padded(padding(".pad", "9"), padding(".pad", "9"), file("c")),
            reads: ["n/a", "n/.pad/9", "n/b", "n/.pad/9", "n/c"]),
        TorrentVariant("padding that climbs", padded(padding("..")), reads: ["n/a", "n/_", "n/b"]),
        TorrentVariant("padding with the path of a file", padded(padding("a")), reads: ["n/a", "n/a", "n/b"]),
        TorrentVariant("padding alone", several([padding("p")]), reads: ["n/p"]),
        TorrentVariant(
            "padding as BitComet writes it", padded(file("_____padding_file_0_x", length: 16_383)),
            reads: ["n/a", "n/_____padding_file_0_x", "n/b"]),
    ]
}
