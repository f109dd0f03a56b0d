import TorrentCore

/// A torrent of many files, read and written.
func measureBencode(_ bench: Bench) {
    let files = bench.isShort ? 1_000 : 100_000
    var builder = MetainfoBuilder(
        name: Array("many".utf8), pieceLength: 1 << 20,
        content: .files(
            (0..<files).map { number in
                MetainfoBuilder.File(
                    components: [Array("folder-\(number / 400)".utf8), Array("file-\(number).dat".utf8)],
                    length: 1 << 20)
            }),
        pieces: Array(repeating: 7, count: files * 20))
    builder.trackerTiers = [["http://127.0.0.1:6969/announce"]]
    let bytes = builder.encoded
    let megabytes = Double(bytes.count) / 1e6
    let parsing = bench.time { keep(try? BencodeDocument(bytes, limits: MetainfoLimits().bencode)) }
    bench.say("bencode/parse", megabytes / parsing * 1e9, "MB/s")
    let opening = bench.time { keep(try? Metainfo(parsing: bytes)) }
    bench.say("bencode/open \(files) files", opening / 1e6, "ms")
    guard let value = try? BencodeDocument(bytes, limits: MetainfoLimits().bencode).root.value else { return }
    let writing = bench.time { keep(value.encoded) }
    bench.say("bencode/write", megabytes / writing * 1e9, "MB/s")
}
