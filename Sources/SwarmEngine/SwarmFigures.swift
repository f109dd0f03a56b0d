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
    package var id: ConnectionID
    package var endpoint: Endpoint
    package var peerID: PeerID
    /// What it calls itself (BEP 10): untrusted text.
    package var client: String?
    package var isOutgoing: Bool
    package var isChokingUs: Bool
    package var isInterestedInUs: Bool
    package var isChokedByUs: Bool
    package var isInteresting: Bool
    package var isSnubbed: Bool
    /// Bytes a second over 20 s.
    package var downloadRate: Double
    package var uploadRate: Double
    /// Payload bytes of this connection.
    package var downloaded: Int64
    package var uploaded: Int64
    /// Pieces that it has.
    package var pieces: Int
    /// Requests under way to it, and what they may grow to.
    package var requests: Int
    package var depth: Int
}

extension Swarm {
    package func figures(at now: Moment) -> SwarmFigures {
        var figures = SwarmFigures()
        figures.downloaded = received.total
        figures.uploaded = sent.total
        figures.wasted = wasted
        figures.left = left
        figures.downloadRate = received.rate(at: now)
        figures.uploadRate = sent.rate(at: now)
        figures.peers = connections.open.count
        figures.seeds = connections.open.count { $0.isSeed }
        figures.useful = connections.open.count { $0.isInteresting }
        figures.willing = connections.open.count { $0.isInteresting && !$0.isChokingUs }
        figures.connecting = connections.connectingCount
        figures.known = book.idleCount
        figures.availability = picker.rarity.lowestAvailability
        figures.nextAnnounce = schedule.nextAt == .distantFuture ? nil : schedule.nextAt
        return figures
    }

    /// The connections that stand, oldest first.
    package func connectionList(at now: Moment) -> [ConnectionFigures] {
        connections.open.map { peer in
            ConnectionFigures(
                id: peer.id, endpoint: peer.endpoint, peerID: peer.peerID, client: peer.client,
                isOutgoing: peer.isOutgoing, isChokingUs: peer.isChokingUs, isInterestedInUs: peer.isInterestedInUs,
                isChokedByUs: peer.isChokedByUs, isInteresting: peer.isInteresting, isSnubbed: peer.isSnubbed,
                downloadRate: peer.received.rate(at: now), uploadRate: peer.sent.rate(at: now),
                downloaded: peer.received.total, uploaded: peer.sent.total, pieces: peer.have.setCount,
                requests: peer.pipeline.count, depth: peer.pipeline.depth)
        }
    }
}
