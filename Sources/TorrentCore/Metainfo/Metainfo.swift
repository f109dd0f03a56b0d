/// A .torrent file of version 1 (BEP 3): what is shared, how it is cut into pieces, and who knows of it.
///
/// A value of this type is consistent, and its paths are safe; nothing downstream checks again.
public struct Metainfo: Sendable {
    /// The SHA-1 of the info dictionary as it stands in the file.
    public let infoHash: InfoHash
    /// The info dictionary as it stands in the file: what BEP 9 sends.
    public let infoBytes: [UInt8]

    // MARK: What is shared

    /// The name of the file, or of the folder that holds the files; safe as a file name.
    public let name: TorrentPath
    public internal(set) var files: [MetainfoFile]
    var place: ContentPlace
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
    /// A tracker's word that gives the torrent an info hash of its own; untrusted text.
    public let source: String?
    /// Tiers of trackers, each tried in turn (BEP 12): `announce-list` if it has any, else `announce` alone.
    public private(set) var trackerTiers: [[String]]
    /// `announce`, whether it is among the tiers or not.
    public let announce: String?
    /// `url-list` (BEP 19).
    public private(set) var webSeeds: [String]
    /// `httpseeds` (BEP 17).
    public private(set) var httpSeeds: [String]
    /// DHT nodes to begin with (BEP 5).
    public private(set) var nodes: [DHTNode]
    /// Untrusted text.
    public let comment: String?
    /// The program that made it, in its own words: untrusted text.
    public let createdBy: String?
    /// Seconds since 1970.
    public let creationDate: Int64?

    // MARK: What is odd about it

    private let allRemarks: MetainfoRemarks
    /// What was repaired, or is as if absent; the first of them if there are very many.
    public var remarks: [MetainfoRemark] { allRemarks.kept }
    /// How many there were, those included that `remarks` has no room for.
    public var remarkCount: Int { allRemarks.count }

    /// A node of the DHT by name or address.
    public struct DHTNode: Hashable, Sendable {
        public let host: String
        public let port: UInt16

        public init(host: String, port: UInt16) {
            self.host = host
            self.port = port
        }
    }

    /// How `piece` is known to be right.
    public func check(of piece: PieceIndex) -> PieceCheck {
        digests.withBytes { bytes in
            guard let digest = SHA1Digest(bytes, at: piece.position * 20) else {
                preconditionFailure("a piece of another torrent")
            }
            return .sha1(digest)
        }
    }

    public var totalLength: Int64 { geometry.totalLength }
    public var pieceLength: Int { geometry.pieceLength }
    public var pieceCount: Int { geometry.pieceCount }

    /// Takes over what another file of the same torrent knows of who has it: trackers, each tier as one more tier, web
    /// seeds and nodes. False if it names no other trackers. A private torrent keeps to what its own file says.
    public mutating func adopt(_ other: Metainfo) -> Bool {
        precondition(other.infoHash == infoHash, "another torrent")
        guard !isPrivate else { return false }
        httpSeeds += Self.new(other.httpSeeds, beside: httpSeeds)
        nodes += Self.new(other.nodes, beside: nodes)
        return adopt(tiers: other.trackerTiers, webSeeds: other.webSeeds)
    }

    /// The same of a magnet link to this torrent; each of its trackers is one more tier.
    public mutating func adopt(_ link: MagnetLink) -> Bool {
        precondition(link.infoHash == infoHash, "another torrent")
        guard !isPrivate else { return false }
        return adopt(tiers: link.trackerTiers, webSeeds: link.webSeeds)
    }

    /// Names these trackers, too, in a tier before all others (BEP 12). False if the torrent names them all already, or
    /// is private: then it is left as it is.
    public mutating func announceFirst(at trackers: [String]) -> Bool {
        let known = Set(trackerTiers.joined())
        let tier = trackers.filter { !known.contains($0) }
        guard !isPrivate, !tier.isEmpty else { return false }
        trackerTiers.insert(tier, at: 0)
        return true
    }

    private mutating func adopt(tiers others: [[String]], webSeeds otherSeeds: [String]) -> Bool {
        var known = Set(trackerTiers.joined())
        let tiers = others.map { $0.filter { known.insert($0).inserted } }.filter { !$0.isEmpty }
        trackerTiers += tiers
        webSeeds += Self.new(otherSeeds, beside: webSeeds)
        return !tiers.isEmpty
    }

    private static func new<Item: Equatable>(_ theirs: [Item], beside ours: [Item]) -> [Item] {
        theirs.filter { !ours.contains($0) }
    }

    /// Opens a whole .torrent file. Whatever stands behind it is passed over.
    public init(parsing bytes: [UInt8], limits: MetainfoLimits = MetainfoLimits()) throws(MetainfoError) {
        let document = try Self.document(bytes, limits, allowsTrailing: true)
        var remarks = MetainfoRemarks(limit: limits.remarks)
        remarks.add(on: document, of: bytes.count)
        let reader = MetainfoReader(node: document.root, limits: limits)
        try self.init(try reader.info(), beside: reader, &remarks)
    }

    /// Opens the info dictionary alone, as peers send it (BEP 9). Who knows of the torrent is said by whoever led to
    /// it, such as a magnet link; a date, a comment and the like are not known.
    public init(
        infoBytes bytes: [UInt8], trackerTiers: [[String]] = [], webSeeds: [String] = [],
        limits: MetainfoLimits = MetainfoLimits()
    ) throws(MetainfoError) {
        let document = try Self.document(bytes, limits, allowsTrailing: false)
        var remarks = MetainfoRemarks(limit: limits.remarks)
        remarks.add(on: document, of: bytes.count)
        try self.init(MetainfoReader(node: document.root, limits: limits), beside: nil, &remarks)
        self.trackerTiers = trackerTiers
        self.webSeeds = webSeeds
    }

    private static func document(
        _ bytes: [UInt8], _ limits: MetainfoLimits, allowsTrailing: Bool
    ) throws(MetainfoError) -> BencodeDocument {
        let document: BencodeDocument
        do throws(BencodeError) {
            document = try BencodeDocument(
                bytes, limits: limits.bencode, allowsTrailing: allowsTrailing, isTolerant: true)
        } catch { throw .notBencode(error) }
        guard document.root.kind == .dictionary else { throw .rootNotDictionary(document.root.kind) }
        return document
    }

    /// `outer` is what the info dictionary stands in, if anything is known of that.
    private init(
        _ info: MetainfoReader, beside outer: MetainfoReader?, _ remarks: inout MetainfoRemarks
    ) throws(MetainfoError) {
        infoBytes = info.node.rawBytes
        infoHash = InfoHash(SHA1.digest(of: infoBytes).bytes)

        name = info.name(of: infoHash, &remarks)
        (files, isSingleFile) = try info.files(in: name, &remarks)
        (geometry, layout) = try info.geometry(of: files)
        digests = try info.digests(for: geometry)
        isPrivate = info.isPrivate(&remarks)
        source = info.text(.source, &remarks)
        if info.node["file tree"] != nil { remarks.add(.hasVersion2) }

        announce = outer?.url(.announce, &remarks)
        let tiers = outer?.tiers(&remarks) ?? []
        trackerTiers = tiers.isEmpty ? announce.map { [[$0]] } ?? [] : tiers
        webSeeds = outer?.addresses(.urlList, &remarks) ?? []
        httpSeeds = outer?.addresses(.httpSeeds, &remarks) ?? []
        nodes = outer?.nodes(&remarks) ?? []
        comment = outer?.text(.comment, &remarks)
        createdBy = outer?.text(.createdBy, &remarks)
        creationDate = outer?.integer(.creationDate, &remarks)
        place = ContentPlace(stated: outer?.contentPath(isInInfo: false) ?? info.contentPath(isInInfo: true))
        allRemarks = remarks
    }
}

extension MetainfoRemarks {
    /// How the file itself is written.
    fileprivate mutating func add(on document: BencodeDocument, of byteCount: Int) {
        if document.byteCount < byteCount { add(.bytesBehind(byteCount - document.byteCount)) }
        if document.irregularities.contains(.unsortedKeys) { add(.unsortedKeys) }
        if document.irregularities.contains(.repeatedKeys) { add(.repeatedKeys) }
        if document.irregularities.contains(.paddedNumbers) { add(.paddedNumbers) }
    }
}
