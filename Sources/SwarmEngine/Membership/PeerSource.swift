/// How an address became known.
package enum PeerSource: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
    /// The user named it.
    case user
    /// It connected to us, and said where it listens.
    case incoming
    /// A tracker told us of it.
    case tracker
    /// Another peer told us of it (BEP 11).
    case exchange
    /// It stands in the magnet link that the user gave (`x.pe`, BEP 9).
    case link

    /// A private torrent takes peers only from its trackers (BEP 27) and from its user. Every source is listed, so that
    /// one added later has to be allowed here.
    var mayServePrivate: Bool {
        switch self {
        case .user, .tracker: true
        case .incoming, .exchange, .link: false
        }
    }

    /// Peers of the lowest rank are tried first.
    var rank: Int {
        switch self {
        case .user, .link: 0
        case .incoming: 1
        case .tracker: 2
        case .exchange: 3
        }
    }

    /// The most addresses of this source, of `limit` in all. A peer that connects to us under many names, or tells of
    /// many, must not push out the others.
    func quota(of limit: Int) -> Int {
        switch self {
        case .user, .tracker, .link: limit
        case .incoming, .exchange: limit / 2
        }
    }
}
