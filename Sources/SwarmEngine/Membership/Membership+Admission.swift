import TorrentCore

// Who is let in, and which of two connections to one peer stays.

/// What becomes of somebody who has shaken hands.
enum Admission {
    case welcome
    /// It takes the place of another connection to the same peer.
    case replaces(PeerConnection)
    case refused(CloseReason)
}

extension Membership {
    /// `endpoint` is where we connected to if the connection is ours, else where it came from.
    mutating func admission(
        of handshake: Handshake, at endpoint: Endpoint, isOutgoing: Bool, peers: [PeerConnection], at now: Moment
    ) -> Admission {
        if handshake.infoHash != infoHash { return .refused(.wrongTorrent) }
        if handshake.peerID == ourID {
            if isOutgoing { noteOurs(endpoint) }
            return .refused(.ourself)
        }
        if bans.contains(endpoint, handshake.peerID) { return .refused(.banned) }
        guard let twin = peers.first(where: { $0.peerID == handshake.peerID }) else { return .welcome }
        return isBetter(than: twin, isOutgoing: isOutgoing, at: now) ? .replaces(twin) : .refused(.duplicate)
    }

    /// Two connections to one peer: the one that the greater peer id made stays, so both sides decide alike. Of two
    /// made by the same side the older stays, unless nothing has come over it for long.
    private func isBetter(than twin: PeerConnection, isOutgoing: Bool, at now: Moment) -> Bool {
        if twin.isOutgoing != isOutgoing { return isOutgoing == (ourID > twin.peerID) }
        return now - twin.membership.lastReceivedAt > .seconds(30)
    }

    var isFull: Bool { connections.count >= limits.connections }

    // MARK: For people

    func describe(_ peer: PeerConnection, in figures: inout ConnectionFigures) {
        figures.client = peer.membership.client
    }
}
