/// Puts a .torrent file together and writes it canonically, so that the same content has the same info hash everywhere.
public struct MetainfoBuilder: Sendable {
    /// What is shared.
    public enum Content: Hashable, Sendable {
        /// One file of so many bytes, called as the torrent is.
        case singleFile(length: Int64)
        /// In the order in which their bytes make up the pieces; paths are below the torrent's folder.
        case files([File])
    }

    /// One file of several.
    public struct File: Hashable, Sendable {
        /// Names of folders and, last, of the file.
        public var components: [[UInt8]]
        /// Bytes.
        public var length: Int64
        public var attributes: FileAttributes

        public init(components: [[UInt8]], length: Int64, attributes: FileAttributes = []) {
            self.components = components
            self.length = length
            self.attributes = attributes
        }
    }

    // MARK: In the info dictionary: these make the info hash

    /// Of the file, or of the folder that holds the files; written as it is.
    public var name: [UInt8]
    /// Bytes.
    public var pieceLength: Int
    public var content: Content
    /// Twenty bytes a piece.
    public var pieces: [UInt8]
    /// Written only when true (BEP 27).
    public var isPrivate = false
    /// A tracker's word that gives the torrent an info hash of its own.
    public var source: String?

    // MARK: Beside it

    /// Tiers of trackers (BEP 12); one tracker alone is written as `announce` only.
    public var trackerTiers: [[String]] = []
    /// Written as `url-list` (BEP 19): a string if it is one, else a list.
    public var webSeeds: [String] = []
    public var nodes: [Metainfo.DHTNode] = []
    /// Written as it is.
    public var comment: String?
    /// The program that makes it; not written if nil.
    public var createdBy: String?
    /// Seconds since 1970.
    public var creationDate: Int64?

    public init(name: [UInt8], pieceLength: Int, content: Content, pieces: [UInt8]) {
        self.name = name
        self.pieceLength = pieceLength
        self.content = content
        self.pieces = pieces
    }

    /// The info dictionary.
    public var info: BencodeValue {
        var info = BencodeDictionary()
        info["name"] = .string(name)
        info["piece length"] = .integer(Int64(pieceLength))
        info["pieces"] = .string(pieces)
        switch content {
        case .singleFile(let length): info["length"] = .integer(length)
        case .files(let files): info["files"] = .list(files.map(\.value))
        }
        if isPrivate { info["private"] = 1 }
        if let source { info["source"] = .text(source) }
        return .dictionary(info)
    }

    /// The whole file.
    public var encoded: [UInt8] {
        var root = BencodeDictionary()
        root["info"] = info
        if let first = trackerTiers.first?.first {
            root["announce"] = .text(first)
            if trackerTiers.count > 1 || trackerTiers[0].count > 1 {
                root["announce-list"] = .list(trackerTiers.map { .list($0.map { .text($0) }) })
            }
        }
        if !webSeeds.isEmpty { root["url-list"] = .list(webSeeds.map { .text($0) }) }
        if !nodes.isEmpty { root["nodes"] = .list(nodes.map { .list([.text($0.host), .integer(Int64($0.port))]) }) }
        if let comment { root["comment"] = .text(comment) }
        if let createdBy { root["created by"] = .text(createdBy) }
        if let creationDate { root["creation date"] = .integer(creationDate) }
        return BencodeValue.dictionary(root).encoded
    }
}

extension MetainfoBuilder.File {
    // There may be 100,000 files: they share their keys.
    private static let lengthKey = Array("length".utf8)
    private static let pathKey = Array("path".utf8)

    fileprivate var value: BencodeValue {
        var file = BencodeDictionary(uniquePairs: [
            .init(key: Self.lengthKey, value: .integer(length)),
            .init(key: Self.pathKey, value: .list(components.map { .string($0) })),
        ])
        if !attributes.isEmpty { file["attr"] = .text(attributes.letters) }
        return .dictionary(file)
    }
}
