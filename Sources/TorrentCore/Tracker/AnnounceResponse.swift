/// What a tracker answers to an announce (BEP 3, 7, 15, 23, 24).
public struct AnnounceResponse: Hashable, Sendable {
    /// How long to wait before the next regular announce.
    public var interval: Duration
    /// How long to wait at the least, whatever the reason.
    public var minInterval: Duration?
    /// Seeders, if the tracker says.
    public var complete: Int?
    /// Leechers, if the tracker says.
    public var incomplete: Int?
    /// How often the torrent was downloaded whole, if the tracker says.
    public var downloaded: Int?
    /// IPv4 and IPv6 together, in the order of the answer.
    public var peers: [Endpoint]
    /// Peers that the answer gives by name (BEP 3), to be looked up.
    public var namedPeers: [NamedPeer] = []
    /// Our address as the tracker sees it (BEP 24).
    public var externalAddress: IPAddress?
    /// Untrusted text for the user; the announce was taken all the same.
    public var warning: String?
    /// To be said again in the next announce.
    public var trackerID: [UInt8]
    /// What could not be used as it stands; all else counts.
    public var oddities: [AnswerOddity] = []

    /// Used if the tracker gives none.
    public static let usualInterval = Duration.seconds(1_800)
    /// A tracker may ask for a day at most.
    public static let longestInterval = Duration.seconds(86_400)
    /// Peers that are taken of one answer; further ones are left out.
    public static let peerLimit = 10_000
    /// Names that are taken of one answer: each costs a look-up.
    public static let nameLimit = 16

    public init(
        interval: Duration, minInterval: Duration? = nil, complete: Int? = nil, incomplete: Int? = nil,
        downloaded: Int? = nil, peers: [Endpoint] = [], externalAddress: IPAddress? = nil, warning: String? = nil,
        trackerID: [UInt8] = []
    ) {
        self.interval = interval
        self.minInterval = minInterval
        self.complete = complete
        self.incomplete = incomplete
        self.downloaded = downloaded
        self.peers = peers
        self.externalAddress = externalAddress
        self.warning = warning
        self.trackerID = trackerID
    }
}

/// A peer whose host has yet to be looked up.
public struct NamedPeer: Hashable, Sendable {
    /// Letters, digits and what else a name may have; untrusted.
    public let host: String
    public let port: UInt16

    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }
}

/// What could not be used as it is in a tracker's answer.
public enum AnswerOddity: Hashable, Sendable {
    /// Of the wrong kind: ignored.
    case ignored(TrackerResponseError.Field)
    /// A number out of its range: the end of the range is taken.
    case clamped(TrackerResponseError.Field)
    /// Entries, or remaining bytes, that are no peer.
    case badPeers(count: Int)
    /// Bytes before or after the answer.
    case strayBytes(count: Int)
}

extension AnswerOddity: CustomStringConvertible {
    public var description: String {
        switch self {
        case .ignored(let field): "a malformed \(field.rawValue) is ignored"
        case .clamped(let field): "its \(field.rawValue) is out of range"
        case .badPeers(let count): count == 1 ? "an entry is no peer" : "\(count) entries are no peers"
        case .strayBytes(let count): "\(count) stray bytes around the answer"
        }
    }
}
