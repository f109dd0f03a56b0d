package import TorrentCore

/// What a person or a script wants to know of a swarm. Bytes are payload bytes of this run, rates bytes a second.
package struct SwarmFigures: Hashable, Sendable {
    package var downloaded: Int64 = 0
    package var uploaded: Int64 = 0
    /// Bytes that came and were of no use: duplicates and blocks of rejected pieces.
    package var wasted: Int64 = 0
    /// Bytes of pieces not yet stored.
    package var left: Int64 = 0
    package var downloadRate: Double = 0
    package var uploadRate: Double = 0
    /// Connected, those that have everything included.
    package var peers = 0
    package var seeds = 0
    /// Of the connected: those that have something for us, and those of them that let us ask for it.
    package var useful = 0
    package var willing = 0
    /// Being connected to.
    package var connecting = 0
    /// Known and not connected.
    package var known = 0
    /// Copies of the rarest piece among the connected, ourselves left out.
    package var availability = 0
    /// When a tracker will be asked next; nil if none will.
    package var nextAnnounce: Moment?

    package init() {}
}

/// What a person wants to know of one connection.
package struct ConnectionFigures: Hashable, Sendable {
    package let id: ConnectionID
    package let endpoint: Endpoint
    package let peerID: PeerID
    package let isOutgoing: Bool
    /// What it calls itself (BEP 10): untrusted text.
    package var client: String?
    package var isChokingUs = true
    package var isInterestedInUs = false
    package var isChokedByUs = true
    package var isInteresting = false
    package var isSnubbed = false
    /// Bytes a second over 20 s.
    package var downloadRate: Double = 0
    package var uploadRate: Double = 0
    /// Payload bytes of this connection.
    package var downloaded: Int64 = 0
    package var uploaded: Int64 = 0
    /// Pieces that it has.
    package var pieces = 0
    /// Requests under way to it, and what they may grow to.
    package var requests = 0
    package var depth = 0

    init(id: ConnectionID, endpoint: Endpoint, peerID: PeerID, isOutgoing: Bool) {
        self.id = id
        self.endpoint = endpoint
        self.peerID = peerID
        self.isOutgoing = isOutgoing
    }
}
