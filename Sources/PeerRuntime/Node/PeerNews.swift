package import TorrentCore

/// Something that happened between a torrent and one other peer.
package struct PeerNews: Sendable, Hashable {
    /// What it was; the words say why.
    package enum Kind: Sendable, Hashable {
        /// The handshakes have been exchanged, and the connection is kept.
        case connected(isIncoming: Bool)
        /// No connection could be made.
        case failed(String)
        /// The connection is gone.
        case left(String)
        /// It lets us ask for blocks, or no longer does.
        case unchokesUs, chokesUs
        /// We let it ask for blocks, or no longer do.
        case unchoked, choked
    }

    package var endpoint: Endpoint
    /// The client's name, once the peer has sent it: untrusted text.
    package var client: String?
    package var kind: Kind

    package init(_ endpoint: Endpoint, client: String? = nil, _ kind: Kind) {
        self.endpoint = endpoint
        self.client = client
        self.kind = kind
    }
}

/// Something that happened between a torrent and one of its trackers.
package struct TrackerNews: Sendable, Hashable {
    /// What it was.
    package enum Kind: Sendable, Hashable {
        case asked(AnnounceEvent)
        /// The peers in its answer, its counts if it gives them, and the interval until the next announce.
        case answered(peers: Int, seeds: Int?, leechers: Int?, interval: Duration)
        /// Why, in words that may be the tracker's.
        case failed(String)
    }

    package var url: String
    package var kind: Kind

    package var isFailure: Bool {
        if case .failed = kind { true } else { false }
    }

    package init(_ url: String, _ kind: Kind) {
        self.url = url
        self.kind = kind
    }
}

/// One message between a torrent and another peer, in either direction.
package struct PeerWord: Sendable, Hashable {
    /// What was said.
    package enum Kind: Sendable, Hashable {
        case message(PeerMessage)
        case bitfield
        case extensionHandshake
        case block(WireBlock)
    }

    package var endpoint: Endpoint
    /// We said it.
    package var isOurs: Bool
    package var kind: Kind

    package init(_ endpoint: Endpoint, isOurs: Bool, _ kind: Kind) {
        self.endpoint = endpoint
        self.isOurs = isOurs
        self.kind = kind
    }
}

/// How much a node reports of its connections; each level includes those before it.
package enum PeerDetail: Int, Sendable, Comparable {
    /// Who comes and goes, and what trackers say.
    case connections
    /// Who chokes and unchokes whom.
    case chokes
    /// Each message.
    case words

    package static func < (left: PeerDetail, right: PeerDetail) -> Bool { left.rawValue < right.rawValue }
}
