package import TorrentCore

/// One connection of a torrent at one moment. Bytes are payload bytes of this connection, rates bytes a second over
/// 20 s.
package struct PeerFigures: Sendable, Hashable {
    package var endpoint: Endpoint
    /// What it calls itself to others; nil before hands were shaken.
    package var id: PeerID?
    /// The name of its program, once it has sent it: untrusted text.
    package var client: String?
    /// How we came to know it; nil where that is not known.
    package var origin: PeerOrigin?
    /// It connected to us.
    package var isIncoming: Bool
    /// Pieces that it has, as far as it has told.
    package var havePieces = 0
    /// Pieces of the torrent; 0 while it is not known how many there are.
    package var pieces = 0
    /// What we gave it.
    package var given = Flow()
    /// What we took from it.
    package var taken = Flow()
    /// It wants something that we have.
    package var wantsOurs = false
    /// It has something that we want.
    package var isWanted = false
    /// It lets us ask for nothing.
    package var chokesUs = true
    /// Why it may ask us for blocks; nil while we choke it.
    package var turn: UnchokeReason?
    /// Why it may not; nil while it may.
    package var wait: ChokeReason?

    /// Payload in one direction.
    package struct Flow: Sendable, Hashable {
        /// Since the connection was made.
        package var bytes: Int64 = 0
        /// Bytes a second.
        package var rate: Double = 0

        package init(bytes: Int64 = 0, rate: Double = 0) {
            self.bytes = bytes
            self.rate = rate
        }
    }

    package init(_ endpoint: Endpoint, client: String? = nil, origin: PeerOrigin? = nil, isIncoming: Bool = false) {
        self.endpoint = endpoint
        self.client = client
        self.origin = origin
        self.isIncoming = isIncoming
    }

    /// It has everything.
    package var isSeed: Bool { pieces > 0 && havePieces == pieces }
}
