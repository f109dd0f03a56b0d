import ByteStrings
import TorrentCore

/// A .torrent of one file of one piece.
struct SampleTorrent {
    var name: ByteString
    var length = 100
    var isPrivate = false
    var trackers: [String] = []

    init(_ name: ByteString) { self.name = name }

    var made: (file: [UInt8], infoHash: InfoHash) {
        get throws {
            var info = BencodeDictionary()
            info["length"] = .integer(Int64(length))
            info["name"] = .string(name.bytes)
            info["piece length"] = .integer(16_384)
            info["pieces"] = .string(Array(repeating: 7, count: 20))
            if isPrivate { info["private"] = .integer(1) }
            var root = BencodeDictionary()
            if let first = trackers.first { root["announce"] = .text(first) }
            if trackers.count > 1 { root["announce-list"] = .list(trackers.map { .list([.text($0)]) }) }
            root["info"] = .dictionary(info)
            root["x-kept"] = .text("as it is")
            let file = BencodeValue.dictionary(root).encoded
            return (file, try Metainfo(parsing: file).infoHash)
        }
    }
}
