// Shapes of libtorrent's public test torrents (arvidn/libtorrent, test/test_torrents), each rebuilt here and named
// after the file there.
extension TorrentVariant {
    static let ofLibtorrent: [TorrentVariant] = lookups + odd + refusals

    private static func named(_ file: String, _ bytes: [UInt8], reads paths: [String]) -> TorrentVariant {
        TorrentVariant("libtorrent's \(file)", bytes, reads: paths)
    }

    private static func temp(_ files: Bencoded..., pieces: Int = 1, around: Pairs = [:]) -> [UInt8] {
        several(files, pieces: pieces, ["name": "temp"], around: around)
    }

    private static let bar = file("foo", "bar.txt", length: 425)
    private static let twoBars = [file("foo", "bar.txt", length: 425), file("foo", "var.txt", length: 425)]

    private static func twoFiles(_ around: Pairs) -> [UInt8] {
        several(twoBars, ["name": "temp"], around: around)
    }

    private static let twoPaths = ["temp/foo/bar.txt", "temp/foo/var.txt"]

    private static let lookups: [TorrentVariant] = [
        named("base", single(["name": "temp"]), reads: ["temp"]),
        named("sample", twoFiles(["announce": "http://a"]), reads: twoPaths),
        named("single_multi_file", temp(bar), reads: ["temp/foo/bar.txt"]),
        named("url_list", single(around: ["url-list": "http://a/f"]), reads: ["n"]),
        named("url_list2", single(around: ["url-list": ["http://a/f"]]), reads: ["n"]),
        named("url_list3", single(around: ["url-list": ["http://a/f", "http://b/f"]]), reads: ["n"]),
        named("httpseed", single(around: ["httpseeds": ["http://a/f"]]), reads: ["n"]),
        named("empty_httpseed", single(around: ["httpseeds": ""]), reads: ["n"]),
        named("url_seed", temp(bar, around: ["url-list": "http://test.com/file"]), reads: ["temp/foo/bar.txt"]),
        named("url_seed_multi", twoFiles(["url-list": ["http://test.com/file"]]), reads: twoPaths),
        named(
            "url_seed_multi_single_file", temp(bar, around: ["url-list": ["http://test.com/file/"]]),
            reads: ["temp/foo/bar.txt"]),
        named("url_seed_multi_space", twoFiles(["url-list": ["http://test.com/a b/c d"]]), reads: twoPaths),
        named("url_seed_multi_space_nolist", twoFiles(["url-list": "http://test.com/a b/c d"]), reads: twoPaths),
        named("duplicate_web_seeds", twoFiles(["url-list": ["http://a/", "http://a/", "http://b/"]]), reads: twoPaths),
        named("whitespace_url", twoFiles(["announce-list": [[" udp://test.com/announce"]]]), reads: twoPaths),
        named("creation_date", twoFiles(["creation date": 1_234_567]), reads: twoPaths),
        named("no_creation_date", twoFiles([:]), reads: twoPaths),
        named("dht_nodes", twoFiles(["nodes": [["127.0.0.1", 6_881], ["::1", 6_882]]]), reads: twoPaths),
        named("similar", several(twoBars, ["similar": [.bytes(digest)]]), reads: ["n/foo/bar.txt", "n/foo/var.txt"]),
        named("similar2", twoFiles(["similar": [.bytes(digest)]]), reads: twoPaths),
        named("collection", several(twoBars, ["collections": ["c"]]), reads: ["n/foo/bar.txt", "n/foo/var.txt"]),
        named("collection2", twoFiles(["collections": ["c"]]), reads: twoPaths),
        named(
            "large", several((0..<500).map { file(.text("f\($0)"), length: 10) }, ["name": "temp"]),
            reads: (0..<500).map { "temp/f\($0)" }),
        named(
            "pad_file", temp(bar, file(".pad", "1", length: 15_959, with: ["attr": "p"])),
            reads: ["temp/foo/bar.txt", "temp/.pad/1"]),
        named(
            "pad_file_no_path", temp(bar, .dictionary([("attr", "p"), ("length", 2_124)])),
            reads: ["temp/foo/bar.txt", "temp/.pad/2124"]),
        named(
            "pad_file_symlink", temp(bar, .dictionary([("attr", "pl"), ("symlink path", ["somewhere"])])),
            reads: ["temp/foo/bar.txt", "temp/.pad/0"]),
        named(
            "symlink1", temp(file("a", "b", "bar", length: 425), link("a", "b", "foo", to: ["a", "b", "bar"])),
            reads: ["temp/a/b/bar", "temp/a/b/foo"]),
        named(
            "symlink_zero_size", temp(file("a", "b", "bar", length: 425), link("foo", to: ["a", "b", "bar"])),
            reads: ["temp/a/b/bar", "temp/foo"]),
        named(
            "symlink2",
            several([
                link("SDL2", to: ["Versions", "A", "SDL2"]), file("Versions", "A", "Info.plist", length: 1_310),
                file("Versions", "A", "SDL2", length: 0), link("Versions", "Current", to: ["A"]),
            ]), reads: ["n/SDL2", "n/Versions/A/Info.plist", "n/Versions/A/SDL2", "n/Versions/Current"]),
        named(
            "overlapping_symlinks",
            several([
                link("Headers", to: ["Versions", "Current", "Headers"]),
                link("Versions", "Current", to: ["Versions", "A"]),
                file("Versions", "A", "Headers", "h"),
            ]), reads: ["n/Headers", "n/Versions/Current", "n/Versions/A/Headers/h"]),
        named(
            "symlink_hop_limit", temp(bar, link("a", to: ["b"]), link("b", to: ["c"]), link("c", to: ["a"])),
            reads: ["temp/foo/bar.txt", "temp/a", "temp/b", "temp/c"]),
        named(
            "v2_hybrid",
            single(
                ["file tree": tree(length: 5), "meta version": 2],
                around: ["piece layers": .dictionary([])]), reads: ["n"]),
    ]

    private static func link(_ path: Bencoded..., to target: Bencoded) -> Bencoded {
        .dictionary([("attr", "l"), ("length", 0), ("path", .list(path)), ("symlink path", target)])
    }

    private static let odd: [TorrentVariant] = [
        named("empty_path", temp(file("", "", "bar", length: 425)), reads: ["temp/_/_/bar"]),
        named("empty_path_multi", temp(bar, file("", length: 425)), reads: ["temp/foo/bar.txt", "temp/_"]),
        named("parent_path", temp(file("..", "..", "..", "bar", length: 425)), reads: ["temp/_/_/_/bar"]),
        named(
            "hidden_parent_path", temp(file("foo/../../../bar", "bar", length: 425)),
            reads: ["temp/foo_.._.._.._bar/bar"]),
        named("slash_path", temp(file("/", "/", "bar", length: 425)), reads: ["temp/_/_/bar"]),
        named("slash_path2", temp(file("abc/../../def", "bar", length: 425)), reads: ["temp/abc_.._.._def/bar"]),
        named("slash_path3", single(["name": "temp/../../abc"]), reads: ["temp_.._.._abc"]),
        named("backslash_path", temp(file("\\", "\\", "bar", length: 425)), reads: ["temp/\\/\\/bar"]),
        named(
            "long_name", single(["name": .text(String(repeating: "long ", count: 100))]),
            reads: [String(repeating: "long ", count: 51)]),
        named("absolute_filename", temp(file("/abcde"), file("/foobar")), reads: ["temp/_abcde", "temp/_foobar"]),
        named(
            "invalid_filename", several([file("f"), file(".")], ["name": "\\est2"]), reads: ["\\est2/f", "\\est2/_"]),
        named(
            "invalid_filename2", several([file("f"), file(".", "."), file("/", ".")], ["name": "\\est2"]) + [10],
            reads: ["\\est2/f", "\\est2/_/_", "\\est2/_/_.1"]),
        named(
            "invalid_directory_name", temp(file("/", "foo"), file("\\", "foo")),
            reads: ["temp/_/foo", "temp/\\/foo"]),
        named(
            "invalid_name2", several(twoBars, ["name": ".."]),
            reads: ["\(infoHash)/foo/bar.txt", "\(infoHash)/foo/var.txt"]),
        named("invalid_name3", single(["name": "foobar "]), reads: ["foobar "]),
        named("duplicate_files", temp(bar, bar), reads: ["temp/foo/bar.txt", "temp/foo/bar.1.txt"]),
        named(
            "duplicate_files2", several([Bencoded](repeating: file("foo", "bar.txt"), count: 110), ["name": "temp"]),
            reads: ["temp/foo/bar.txt"] + (1..<110).map { "temp/foo/bar.\($0).txt" }),
        named(
            "unordered",
            Array("d4:infod6:pieces20:".utf8) + digest
                + Array("12:piece lengthi16384e4:name1:n6:lengthi5ee8:announce8:http://ae".utf8), reads: ["n"]),
        named(
            "empty-files-1", temp(file("a", length: 0), bar, file("b", length: 0)),
            reads: ["temp/a", "temp/foo/bar.txt", "temp/b"]),
        named("no_name", single(without: ["name"]), reads: [infoHash]),
        named("bad_name", single(["name": "/"]), reads: [infoHash]),
        named(
            "invalid_name", several(twoBars, ["name": 1]),
            reads: ["\(infoHash)/foo/bar.txt", "\(infoHash)/foo/var.txt"]),
        named("invalid_symlink", temp(bar, link("a", to: [1])), reads: ["temp/foo/bar.txt", "temp/a"]),
        named(
            "v2_mismatching_metadata",
            single(
                ["file tree": tree(length: 4), "meta version": 2],
                around: ["piece layers": .dictionary([])]), reads: ["n"]),
    ]

    private static func refusal(_ file: String, _ bytes: [UInt8]) -> TorrentVariant {
        .refused("libtorrent's \(file)", bytes)
    }

    private static let refusals: [TorrentVariant] = [
        refusal("missing_piece_len", several(twoBars, without: ["piece length"])),
        refusal("invalid_piece_len", several(twoBars, ["piece length": "16384"])),
        refusal("negative_piece_len", several(twoBars, ["piece length": -16_384])),
        refusal("invalid_info", Bencoded.dictionary([("info", "x")]).encoded),
        refusal("string", Bencoded.text("a string").encoded),
        refusal("negative_size", single(["length": -425])),
        refusal("negative_file_size", temp(file("a", length: -425), bar)),
        refusal("invalid_path_list", temp(file(with: ["path": [1, 2]]))),
        refusal("missing_path_list", temp(.dictionary([("length", 425)]))),
        refusal("invalid_pieces", several(twoBars, ["pieces": 5])),
        refusal("unaligned_pieces", several(twoBars, ["pieces": .bytes([UInt8](repeating: 1, count: 21))])),
        refusal("invalid_file_size", temp(file("a", with: ["length": "425"]))),
        refusal("many_pieces", single(["length": .integer(1 << 50), "piece length": 1])),
        refusal("no_files", several([], pieces: 0)),
        refusal("zero", single(["length": 0])),
        refusal("v2_only", single(["file tree": tree(length: 5), "meta version": 2], without: ["length", "pieces"])),
        refusal("v2_overlong_integer", single(["length": .raw(Array("i99999999999999999999e".utf8))])),
    ]
}
