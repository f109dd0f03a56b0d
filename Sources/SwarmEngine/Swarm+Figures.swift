package import TorrentCore

// What a person or a script wants to know.

extension Swarm {
    /// Known peers, among those that are not connected, to which our own system knows no way.
    package var outOfReach: Int { membership.book.outOfReachCount }

    /// Sums over the peers as they are at `now`; costs a pass over them.
    package func figures(at now: Moment) -> SwarmFigures {
        var figures = SwarmFigures()
        figures.left = availability.left
        figures.availability = availability.fewestCopies
        figures.sources = membership.sources(of: availability.peers)
        figures.seeds = availability.peers.count { $0.pieces.isSeed }
        figures.useful = availability.peers.count { $0.isInteresting }
        figures.willing = availability.peers.count { $0.isInteresting && !$0.isChokingUs }
        figures.downloaded = download.received.total
        figures.downloadRate = download.received.rate(at: now)
        figures.wasted = download.wasted
        figures.uploaded = uplink.sent.total
        figures.uploadRate = uplink.sent.rate(at: now)
        figures.connecting = membership.connections.connectingCount
        figures.known = membership.book.idleCount
        let nextAnnounce = membership.schedule.nextAt
        figures.nextAnnounce = nextAnnounce == .distantFuture ? nil : nextAnnounce
        return figures
    }

    /// We hide our pieces because people want us to give as little as possible (BEP 16).
    package var isSuperSeeding: Bool { uplink.isSuperSeeding }

    /// Whether this peer may ask us for blocks, and why; nil if there is no such connection.
    package func standing(of id: ConnectionID) -> UplinkStanding? { membership.peer(id)?.standing }

    /// Bytes a second that it sends us, over 20 s; 0 if there is no such connection.
    package func downloadRate(from id: ConnectionID, at now: Moment) -> Double {
        membership.peer(id)?.giving(at: now).rate ?? 0
    }

    /// What is known of each piece now; costs a pass over them.
    package var pieceStates: [PieceState] {
        var states = availability.states
        download.picker.mark(&states)
        return states
    }

    /// The connections that stand, oldest first.
    package func connectionList(at now: Moment) -> [ConnectionFigures] {
        availability.peers.map { peer in
            var figures = ConnectionFigures(of: peer)
            membership.describe(peer, in: &figures)
            download.describe(peer, at: now, in: &figures)
            uplink.describe(peer, at: now, in: &figures)
            return figures
        }
    }
}

extension ConnectionFigures {
    /// Who it is and what it has; the rest is said by the rooms.
    fileprivate init(of peer: PeerConnection) {
        self.init(id: peer.id, endpoint: peer.endpoint, peerID: peer.peerID, isOutgoing: peer.isOutgoing)
        pieces = peer.pieces.have.setCount
    }
}
