package import TorrentCore

/// What a person wants to know of one connection.
package struct ConnectionFigures: Hashable, Sendable {
    package let id: ConnectionID
    package let endpoint: Endpoint
    package let peerID: PeerID
    package let isOutgoing: Bool
    /// The name of its program (BEP 10): untrusted text.
    package var client: String?
    package var isChokingUs = true
    package var isInterestedInUs = false
    /// Whether we choke it, and why.
    package var standing = UplinkStanding.choked(.notYet)
    package var isInteresting = false
    package var isSnubbed = false
    /// Bytes a second over 20 s.
    package var downloadRate: Double = 0
    /// Bytes a second over 20 s.
    package var uploadRate: Double = 0
    /// Payload bytes that it sent us over this connection.
    package var downloaded: Int64 = 0
    /// Payload bytes that we sent it over this connection.
    package var uploaded: Int64 = 0
    /// Pieces that it has.
    package var pieces = 0
    /// Requests in its pipeline.
    package var requests = 0
    /// How many requests the pipeline would hold now.
    package var depth = 0

    /// It may not ask for blocks.
    package var isChokedByUs: Bool {
        if case .choked = standing { true } else { false }
    }

    init(id: ConnectionID, endpoint: Endpoint, peerID: PeerID, isOutgoing: Bool) {
        self.id = id
        self.endpoint = endpoint
        self.peerID = peerID
        self.isOutgoing = isOutgoing
    }
}
