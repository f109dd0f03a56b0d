/// How an address became known. The cases stand in the order in which their peers are tried.
package enum PeerSource: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
    /// The user named it.
    case user
    /// It stands in the magnet link that the user gave (`x.pe`, BEP 9).
    case link
    /// It said on the network at the other end of the cable that it has the torrent (BEP 14).
    case lan
    /// It connected to us, and said where it listens.
    case incoming
    /// A tracker told us of it.
    case tracker
    /// Another peer told us of it (BEP 11).
    case exchange
    /// A node of the DHT told us of it (BEP 5).
    case dht

    /// A private torrent takes peers only from its trackers (BEP 27) and from its user. Every source is listed, so that
    /// one added later has to be allowed here.
    var mayServePrivate: Bool {
        switch self {
        case .user, .tracker: true
        case .link, .lan, .incoming, .exchange, .dht: false
        }
    }

    /// Strangers make its lists, of addresses that need not be theirs: they may want us to knock at somebody's door.
    var isHearsay: Bool {
        switch self {
        case .user, .link, .lan, .incoming: false
        case .tracker, .exchange, .dht: true
        }
    }

    /// Whether its peers are chosen by people, who may mean any machine.
    package var isNamed: Bool { self == .user || self == .link }

    /// The most addresses of this source, of `limit` in all. A peer that connects to us under many names, or tells of
    /// many others, must not push out the rest.
    func quota(of limit: Int) -> Int {
        switch self {
        case .user, .link, .tracker: limit
        case .lan, .incoming, .exchange, .dht: limit / 2
        }
    }
}

/// All the ways by which one address became known.
struct PeerSources: OptionSet, Hashable, BitwiseCopyable {
    let rawValue: UInt8

    init(rawValue: UInt8) { self.rawValue = rawValue }
    init(_ source: PeerSource) { rawValue = 1 << source.rawValue }

    func contains(_ source: PeerSource) -> Bool { contains(PeerSources(source)) }

    /// The one whose peers are tried first.
    var best: PeerSource { PeerSource(rawValue: UInt8(rawValue.trailingZeroBitCount)) ?? .exchange }

    /// Nobody but makers of lists has told of it.
    var areHearsay: Bool { best.isHearsay }

    static let mayServePrivate = PeerSources(PeerSource.allCases.filter(\.mayServePrivate).map { PeerSources($0) })
}
