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
        /// We let it ask for blocks, and why; and how many bytes a second it sends us.
        case unchoked(UnchokeReason?, gives: Double)
        /// We go on to let it ask, for another reason than before.
        case keepsTurn(UnchokeReason, gives: Double)
        /// We do so no longer, and why.
        case choked(ChokeReason?)
        /// It has every piece now, by its own word, or had it when it came; it may be gone in a moment.
        case hasEverything(PeerID, fromStart: Bool)
    }

    package var endpoint: Endpoint
    /// The client's name, once the peer has sent it: untrusted text.
    package var client: String?
    /// Nil where that is not known.
    package var origin: PeerOrigin?
    package var kind: Kind

    package init(_ endpoint: Endpoint, client: String? = nil, origin: PeerOrigin? = nil, _ kind: Kind) {
        self.endpoint = endpoint
        self.client = client
        self.origin = origin
        self.kind = kind
    }
}
