/// A .torrent file of version 1 (BEP 3): what is shared, how it is cut into pieces, and who knows of it.
///
/// Whoever holds one holds a torrent that is consistent and whose paths are safe; nothing downstream checks again.
public struct Metainfo: Sendable {
    /// The SHA-1 of the info dictionary as it stands in the file.
    public let infoHash: InfoHash
    /// The info dictionary as it stands in the file: what BEP 9 sends.
    public let infoBytes: [UInt8]

    // MARK: What is shared

    /// Of the file, or of the folder that holds the files; a safe name for a file.
    public let name: TorrentPath
    public let files: [MetainfoFile]
    /// The metainfo says `length`, not `files`: the payload is one file right below the download folder.
    public let isSingleFile: Bool
    /// How the payload is cut; a payload of only empty files has no piece.
    public let geometry: TorrentGeometry
    public let layout: FileLayout
    /// Twenty bytes a piece.
    private let digests: [UInt8]

    // MARK: Who knows of it, and what is said about it

    /// Only its own trackers may tell of peers (BEP 27).
    public let isPrivate: Bool
    public let source: String?
    /// Tiers of trackers, each tried in turn (BEP 12): `announce-list` if it has any, else `announce` alone.
    public let trackerTiers: [[String]]
    /// `announce`, whether it is among the tiers or not.
    public let announce: String?
    /// `url-list` (BEP 19).
    public let webSeeds: [String]
    /// `httpseeds` (BEP 17).
    public let httpSeeds: [String]
    /// DHT nodes to begin with (BEP 5).
    public let nodes: [Node]
    public let comment: String?
    public let createdBy: String?
    /// Seconds since 1970.
    public let creationDate: Int64?
    /// A dictionary had its keys out of order; the file is used all the same.
    public let hasUnsortedKeys: Bool

    /// A node of the DHT by name or address.
    public struct Node: Hashable, Sendable {
        public let host: String
        public let port: UInt16

        public init(host: String, port: UInt16) {
            self.host = host
            self.port = port
        }
    }

    /// The SHA-1 that `piece` must have.
    public func pieceDigest(_ piece: PieceIndex) -> SHA1Digest {
        digests.withBytes { bytes in
            guard let digest = SHA1Digest(bytes, at: piece.position * 20) else {
                preconditionFailure("a piece of another torrent")
            }
            return digest
        }
    }

    public var totalLength: Int64 { geometry.totalLength }
    public var pieceLength: Int { geometry.pieceLength }
    public var pieceCount: Int { geometry.pieceCount }

    /// Opens a whole .torrent file.
    public init(parsing bytes: [UInt8], limits: MetainfoLimits = MetainfoLimits()) throws(MetainfoError) {
        let document: BencodeDocument
        do { document = try BencodeDocument(bytes, limits: limits.bencode) } catch { throw .notBencode(error) }
        let root = document.root
        guard root.kind == .dictionary else { throw .rootNotDictionary(root.kind) }
        let reader = MetainfoReader(node: root, limits: limits)
        let info = try reader.info()

        infoBytes = info.node.rawBytes
        infoHash = InfoHash(SHA1.digest(of: infoBytes).bytes)
        hasUnsortedKeys = document.hasUnsortedKeys

        name = try info.name()
        (files, isSingleFile) = try info.files(in: name)
        (geometry, layout) = try info.geometry(of: files)
        digests = try info.digests(for: geometry)
        isPrivate = try info.integer(.isPrivate) == 1
        source = try info.text(.source)

        announce = try reader.url(.announce).flatMap { $0.isEmpty ? nil : $0 }
        let tiers = try reader.tiers()
        trackerTiers = tiers.isEmpty ? announce.map { [[$0]] } ?? [] : tiers
        webSeeds = try reader.addresses(.urlList)
        httpSeeds = try reader.addresses(.httpSeeds)
        nodes = try reader.nodes()
        comment = try reader.text(.comment)
        createdBy = try reader.text(.createdBy)
        creationDate = try reader.integer(.creationDate)
    }
}
