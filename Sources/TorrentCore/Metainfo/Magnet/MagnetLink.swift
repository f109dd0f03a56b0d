public import ByteStrings

/// A link that names a torrent by its info hash and says where to begin to look (BEP 9).
public struct MagnetLink: Hashable, Sendable {
    public var infoHash: InfoHash
    /// Only to be shown until the metainfo is known.
    public var displayName: ByteString?
    /// `tr`: URLs, in the order of the link.
    public var trackers: [String] = []
    /// BEP 19.
    public var webSeeds: [String] = []
    /// `x.pe` as the link has it: `host:port` of peers to ask first.
    public var peers: [String] = []
    /// `so`: which files are meant (BEP 53); nil if all of them.
    public var selection: FileSelection?

    /// Longest link that is read, bytes.
    public static let byteLimit = 1 << 16
    /// Most entries of each kind that are kept; further ones are passed over.
    public static let entryLimit = 200

    public init(infoHash: InfoHash) {
        self.infoHash = infoHash
    }

    /// Names the torrent by its hash, its name, its trackers and web seeds.
    public init(_ metainfo: Metainfo) {
        infoHash = metainfo.infoHash
        displayName = ByteString(metainfo.name.bytes)
        trackers = metainfo.trackerTiers.flatMap { $0 }
        webSeeds = metainfo.webSeeds
    }

    /// Reads a link. Parameters that are unknown, or of another version of the protocol, are passed over.
    public init(parsing text: String) throws(MagnetError) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.byteLimit else { throw .tooLong(bytes: bytes.count, limit: Self.byteLimit) }
        let scheme = Array("magnet:?".utf8)
        guard bytes.count >= scheme.count, zip(bytes, scheme).allSatisfy({ $0 | 0x20 == $1 | 0x20 }) else {
            throw .notMagnet
        }
        var infoHash: InfoHash?
        var malformed: String?
        var fields = MagnetLink(infoHash: InfoHash(.zero))
        for parameter in bytes[scheme.count...].split(separator: UInt8(ascii: "&")) {
            let parts = parameter.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            // Several of one kind may be numbered: `tr.1`.
            let name = String(decoding: parts[0], as: UTF8.self)
            // Web pages, unlike BitTorrent programs, write a blank as `+` in a name.
            let coded = parts[1].map { $0 == UInt8(ascii: "+") && name == "dn" ? UInt8(ascii: " ") : $0 }
            guard let decoded = coded.withBytes({ PercentCoding.decoded($0, 0..<$0.byteCount) }) else {
                throw .badPercentCode(parameter: name)
            }
            let value = PercentCoding.url(decoded)
            let kind = parts[0].starts(with: "x.".utf8) ? parts[0] : parts[0].prefix { $0 != UInt8(ascii: ".") }
            switch String(decoding: kind, as: UTF8.self) {
            case "xt":
                guard let digits = value.withoutPrefix("urn:btih:") else { continue }
                // Two names of one torrent may stand there; of two torrents it would not be known which is meant.
                guard let hash = Self.infoHash(digits) else {
                    malformed = digits
                    continue
                }
                guard infoHash == nil || infoHash == hash else { throw .severalTorrents }
                infoHash = hash
            case "dn": fields.displayName = ByteString(decoded)
            case "tr" where fields.trackers.count < Self.entryLimit: fields.trackers.append(value)
            case "ws" where fields.webSeeds.count < Self.entryLimit: fields.webSeeds.append(value)
            case "x.pe" where fields.peers.count < Self.entryLimit: fields.peers.append(value)
            case "so": fields.selection = FileSelection(value)
            default: break
            }
        }
        guard let infoHash else { throw malformed.map { .badInfoHash($0) } ?? .noInfoHash }
        self = fields
        self.infoHash = infoHash
    }

    /// A tier of its own for each tracker: nobody has put them in an order of trust.
    public var trackerTiers: [[String]] { trackers.map { [$0] } }

    /// Who is meant by `peers`, as far as they name a host and a port.
    public var namedPeers: [NamedPeer] { peers.compactMap { NamedPeer($0) } }

    /// Those of `peers` that name nobody.
    public var oddPeers: [String] { peers.filter { NamedPeer($0) == nil } }

    /// Takes over what another link to the same torrent says of who has it: trackers, web seeds and peers. False if
    /// that is nothing new.
    public mutating func adopt(_ other: MagnetLink) -> Bool {
        precondition(other.infoHash == infoHash, "another torrent")
        let before = self
        displayName = displayName ?? other.displayName
        selection = selection ?? other.selection
        func join(_ ours: inout [String], _ theirs: [String]) {
            for item in theirs where ours.count < Self.entryLimit && !ours.contains(item) { ours.append(item) }
        }
        join(&trackers, other.trackers)
        join(&webSeeds, other.webSeeds)
        join(&peers, other.peers)
        return self != before
    }

    /// Forty hexadecimal digits, or thirty-two of base 32 (RFC 4648).
    private static func infoHash(_ digits: String) -> InfoHash? {
        if let bytes = Bytes20(hex: digits) { return InfoHash(bytes) }
        guard digits.utf8.count == 32 else { return nil }
        var bytes: [UInt8] = []
        var (bits, count): (UInt64, Int) = (0, 0)
        for digit in digits.utf8 {
            switch digit {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): bits = bits << 5 | UInt64(digit - UInt8(ascii: "A"))
            case UInt8(ascii: "a")...UInt8(ascii: "z"): bits = bits << 5 | UInt64(digit - UInt8(ascii: "a"))
            case UInt8(ascii: "2")...UInt8(ascii: "7"): bits = bits << 5 | UInt64(digit - UInt8(ascii: "2") + 26)
            default: return nil
            }
            count += 5
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt64(count)))
        }
        return Bytes20(bytes).map { InfoHash($0) }
    }
}

extension NamedPeer {
    /// "example.org:6881", "10.0.0.1:6881", "[::1]:6881"; nil if it is nothing like that.
    public init?(_ text: String) {
        guard let (host, port) = try? TrackerURL.split(Substring(text)),
            let name = try? TrackerURL.checked(host: host), let number = try? TrackerURL.port(port, of: .udp)
        else { return nil }
        self.init(host: name, port: number)
    }
}

/// Why a text is no magnet link of ours.
public enum MagnetError: Error, Hashable, Sendable {
    case notMagnet
    case tooLong(bytes: Int, limit: Int)
    case badPercentCode(parameter: String)
    /// There is no `xt=urn:btih:`; perhaps it is for another network, or for version 2 alone.
    case noInfoHash
    case badInfoHash(String)
    case severalTorrents
}

extension MagnetError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notMagnet: "not a magnet link"
        case .tooLong(let bytes, let limit): "a magnet link of \(bytes) bytes, above the limit of \(limit)"
        case .badPercentCode(let parameter): "a malformed % in \"\(parameter)\" of the magnet link"
        case .noInfoHash: "the magnet link names no BitTorrent v1 torrent"
        case .badInfoHash(let digits): "\"\(digits)\" in the magnet link is no info hash"
        case .severalTorrents: "the magnet link names several torrents"
        }
    }
}

extension MagnetLink: CustomStringConvertible {
    /// The link as it is given to others.
    public var description: String {
        var bytes = Array("magnet:?xt=urn:btih:\(infoHash.hex)".utf8)
        func append(_ name: String, _ value: ByteString) {
            bytes += Array("&\(name)=".utf8)
            PercentCoding.append(value.bytes, to: &bytes)
        }
        if let displayName { append("dn", displayName) }
        for tracker in trackers { append("tr", ByteString(tracker)) }
        for seed in webSeeds { append("ws", ByteString(seed)) }
        for peer in peers { append("x.pe", ByteString(peer)) }
        if let selection { append("so", ByteString(selection.description)) }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension String {
    fileprivate func withoutPrefix(_ prefix: String) -> String? {
        let head = utf8.prefix(prefix.utf8.count)
        guard head.count == prefix.utf8.count, zip(head, prefix.utf8).allSatisfy({ $0 | 0x20 == $1 | 0x20 }) else {
            return nil
        }
        return String(Substring(utf8.dropFirst(head.count)))
    }
}
