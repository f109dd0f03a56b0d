/// How an address became known.
package enum PeerSource: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
    /// The user named it.
    case user
    /// It connected to us, and said where it listens.
    case incoming
    /// A tracker told us of it.
    case tracker

    /// A private torrent takes peers from its trackers, and from its user's own hand (BEP 27). A list of what is
    /// allowed: a source that is added later is refused until somebody allows it.
    var mayServePrivate: Bool {
        switch self {
        case .user, .tracker: true
        case .incoming: false
        }
    }

    /// Who is tried first: the least.
    var rank: Int {
        switch self {
        case .user: 0
        case .incoming: 1
        case .tracker: 2
        }
    }

    /// Addresses of this source that are kept at most, of so many in all: those who come to us are not to drive out the
    /// others by coming under many names.
    func quota(of limit: Int) -> Int {
        switch self {
        case .user, .tracker: limit
        case .incoming: limit / 2
        }
    }
}
