import TorrentCore

// Which peers are accepted, and which of two connections to one peer is kept.

/// The verdict on a peer after the handshake.
enum Admission {
    case welcome
    /// Accepted in place of this older connection to the same peer.
    case replaces(PeerConnection)
    case refused(CloseReason)
}

extension Membership {
    /// `endpoint` is the remote address: where we connected to, or where the connection came from.
    mutating func admission(
        of handshake: Handshake, at endpoint: Endpoint, isOutgoing: Bool, peers: [PeerConnection], at now: Moment
    ) -> Admission {
        // Both sides must name the same torrent (BEP 3).
        if handshake.infoHash != infoHash { return .refused(.wrongTorrent) }
        if !isOutgoing, !isWelcome(endpoint.address) { return .refused(.notOfTracker) }
        if handshake.peerID == ourID {
            if isOutgoing { noteOurs(endpoint) }
            return .refused(.ourself)
        }
        if bans.contains(endpoint, handshake.peerID) { return .refused(.banned) }
        guard let twin = peers.first(where: { $0.peerID == handshake.peerID }) else { return .welcome }
        let isElsewhere = twin.endpoint.address != endpoint.address
        if isElsewhere, now - twin.connectedAt > Self.callingTime || twin.membership.hasTraded {
            // A peer id can be borrowed: nobody keeps another one out by that, or takes its place, but by being of use.
            return twin.membership.hasTraded ? .refused(.duplicate) : .welcome
        }
        if isBetter(than: twin, isOutgoing: isOutgoing, at: now) { return .replaces(twin) }
        // Now we know where it listens, and need not connect there again. A peer id can be borrowed, an address cannot:
        // nobody is to answer for a peer elsewhere.
        if isOutgoing, twin.membership.listensAt == nil, twin.endpoint.address == endpoint.address {
            twin.membership.listensAt = endpoint
            exchange.noteChange()
        }
        return .refused(.duplicate)
    }

    /// Whether one who connects to us and is not let in shall hear that we are here, and at work on this torrent: if it
    /// is for want of room alone, or if it is ourselves. Who is connected already knows; nobody else is to.
    func greets(_ handshake: Handshake, at endpoint: Endpoint, peers: [PeerConnection]) -> Bool {
        handshake.infoHash == infoHash && isWelcome(endpoint.address) && !bans.contains(endpoint, handshake.peerID)
            && !peers.contains { $0.peerID == handshake.peerID }
    }

    /// Of two connections between the same peers the one made by the greater peer id is kept, so both sides decide
    /// alike. Of two made by the same side the older is kept, unless nothing has come over it for long.
    private func isBetter(than twin: PeerConnection, isOutgoing: Bool, at now: Moment) -> Bool {
        if twin.isOutgoing != isOutgoing { return isOutgoing == (ourID > twin.peerID) }
        return now - twin.membership.lastReceivedAt > .seconds(30)
    }

    var isFull: Bool { connections.count >= limits.connections }
    var isOverfull: Bool { connections.count > limits.connections }

    /// The peer that goes first where there are too many: it has been of no use for longest.
    func leastUseful(of peers: [PeerConnection]) -> PeerConnection? {
        peers.min { $0.membership.usefulAt < $1.membership.usefulAt }
    }

    // MARK: For people

    /// How many of them came by which way.
    func sources(of peers: [PeerConnection]) -> SourceCounts {
        var counts = SourceCounts()
        for peer in peers { counts[peer.membership.source] += 1 }
        return counts
    }

    func describe(_ peer: PeerConnection, in figures: inout ConnectionFigures) {
        figures.client = peer.membership.client
    }
}
