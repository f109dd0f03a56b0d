/// A .torrent file as the field brings it, right or odd in one point, and what our reader makes of it.
package struct TorrentVariant: Sendable, CustomStringConvertible {
    package let name: String
    package let bytes: [UInt8]
    /// The paths of its files, repaired where they have to be; nil if it is refused. `infoHash` stands for that.
    package let paths: [[UInt8]]?

    package var description: String { name }

    /// In `paths`: the torrent's info hash in hexadecimal digits.
    package static let infoHash = "INFO HASH"

    package static let all = fields + writing + content + names + paths + links + ofLibtorrent

    init(_ name: String, _ bytes: [UInt8], reads paths: [[UInt8]]) {
        (self.name, self.bytes, self.paths) = (name, bytes, paths)
    }

    init(_ name: String, _ bytes: [UInt8], reads paths: [String] = ["n"]) {
        self.init(name, bytes, reads: paths.map { Array($0.utf8) })
    }

    private init(refused name: String, _ bytes: [UInt8]) {
        (self.name, self.bytes, self.paths) = (name, bytes, nil)
    }

    static func refused(_ name: String, _ bytes: [UInt8]) -> TorrentVariant {
        TorrentVariant(refused: name, bytes)
    }

    // MARK: What they are made of

    typealias Pairs = KeyValuePairs<String, Bencoded>

    static let digest = [UInt8](repeating: UInt8(ascii: "D"), count: 20)

    /// A torrent of one file of 5 bytes, with other fields in its info dictionary, or without some, and around it.
    static func single(_ fields: Pairs = [:], without: Set<String> = [], around: Pairs = [:]) -> [UInt8] {
        torrent(
            [("length", 5), ("name", "n"), ("piece length", 16_384), ("pieces", .bytes(digest))], fields, without,
            around)
    }

    /// A torrent of several files, with as many pieces as are given.
    static func several(
        _ files: [Bencoded], pieces: Int = 1, _ fields: Pairs = [:], without: Set<String> = [], around: Pairs = [:]
    ) -> [UInt8] {
        let digests = [UInt8]((0..<pieces).map { _ in digest }.joined())
        return torrent(
            [("files", .list(files)), ("name", "n"), ("piece length", 16_384), ("pieces", .bytes(digests))], fields,
            without, around)
    }

    /// An entry of `files`.
    static func file(_ path: Bencoded..., length: Int = 1, with fields: Pairs = [:]) -> Bencoded {
        merged([("length", .integer(length)), ("path", .list(path))], fields, without: [])
    }

    private static func torrent(
        _ info: [(String, Bencoded)], _ fields: Pairs, _ without: Set<String>, _ around: Pairs
    ) -> [UInt8] {
        merged([("info", merged(info, fields, without: without))], around, without: []).encoded
    }

    /// Sorted by key; what is in `fields` counts.
    private static func merged(
        _ pairs: [(String, Bencoded)], _ fields: Pairs, without: Set<String>
    ) -> Bencoded {
        let others = Set(fields.map(\.key)).union(without)
        let all = pairs.filter { !others.contains($0.0) } + fields.map { ($0.key, $0.value) }
        return .dictionary(all.sorted { $0.0 < $1.0 }.map { (key: $0.0, value: $0.1) })
    }
}
