import TorrentCore

// How connections and attempts end, and what that says of the peer.

extension Membership {
    /// A connection that ends after this time counts as a success.
    private static let lastingTime = Duration.seconds(60)
    /// So long two attempts may take that were begun at once, one on each side.
    static let callingTime = Duration.seconds(20)
    /// Who hangs up so soon after the handshake, without a word, has no room.
    private static let fullTime = Duration.seconds(10)
    /// Other addresses of a connected peer that are left alone as long as it is.
    private static let mostOtherPlaces = 8

    /// A connection that we made is closed right after the handshake.
    mutating func refused(
        _ id: ConnectionID, as peerID: PeerID, at endpoint: Endpoint, _ reason: CloseReason, peers: [PeerConnection],
        _ agenda: inout Agenda
    ) {
        connections.remove(id)
        switch reason {
        case .duplicate: isTwin(endpoint, of: peerID, peers: peers, at: agenda.now)
        case .ourself, .banned: book.forget(endpoint, at: agenda.now)
        default: book.ended(endpoint, reason.outcome, at: agenda.now)
        }
        agenda.effects.append(.close(id, reason))
    }

    /// It is whom we looked for, though we are connected to it already: where it listens nobody need be looked for. At
    /// another of its addresses it is met again as often as we try, so that is left alone.
    private mutating func isTwin(
        _ endpoint: Endpoint, of peerID: PeerID, peers: [PeerConnection], at now: Moment
    ) {
        book.answered(endpoint)
        guard !peers.contains(where: { $0.membership.listensAt == endpoint }) else { return }
        book.ended(endpoint, .harmless, at: now)
        guard let twin = peers.first(where: { $0.peerID == peerID }) else { return }
        book.rest(endpoint, at: now)
        if twin.membership.otherPlaces.count == Self.mostOtherPlaces { twin.membership.otherPlaces.removeFirst() }
        twin.membership.otherPlaces.append(endpoint)
    }

    /// A connection attempt has failed. False if no connection `id` is being made.
    mutating func couldNotConnect(
        _ id: ConnectionID, _ reason: CloseReason, peers: [PeerConnection], at now: Moment
    ) -> Bool {
        guard let endpoint = connections.target(id) else { return false }
        connections.remove(id)
        if reason == .noWay {
            book.wasOutOfReach(endpoint, at: now)
        } else if peers.contains(where: { $0.membership.listensAt == endpoint }) {
            // Both called at once, and its call came through.
            book.calledOff(endpoint, at: now)
        } else {
            // The same, if it has not said yet where it listens.
            let mayBeHere = peers.contains { peer in
                peer.membership.listensAt == nil && peer.endpoint.address == endpoint.address
                    && now - peer.connectedAt <= Self.callingTime
            }
            book.ended(endpoint, mayBeHere ? .postponed : reason.outcome, at: now)
        }
        return true
    }

    mutating func giveUpConnecting(_ id: ConnectionID, at now: Moment) {
        if let endpoint = connections.target(id) { book.ended(endpoint, .harmless, at: now) }
        connections.remove(id)
    }

    /// The connection is closed; the peer book is left as it is.
    mutating func closed(_ peer: PeerConnection) {
        if !peer.membership.isGone { book.left(peer.endpoint.address) }
        peer.membership.isGone = true
        connections.remove(peer.id)
    }

    /// The connection has ended. If it lasted or blocks were traded, that is no failure, and earlier ones are
    /// forgotten, unless the peer broke the protocol.
    mutating func left(_ peer: PeerConnection, _ reason: CloseReason, at now: Moment) {
        closed(peer)
        for endpoint in peer.membership.otherPlaces { book.wake(endpoint, at: now) }
        guard let listensAt = peer.membership.listensAt else { return }
        exchange.noteChange()
        book.setSeed(listensAt, peer.pieces.wantsNothing)
        let hasStood = peer.membership.hasTraded || now - peer.connectedAt >= Self.lastingTime
        if hasStood, reason.outcome != .misconduct {
            book.forgiven(listensAt)
            book.ended(listensAt, .harmless, at: now)
        } else {
            book.ended(listensAt, isFull(peer, reason, at: now) ? .postponed : reason.outcome, at: now)
        }
    }

    /// It has shaken hands and hung up at once: it is there, and has no room now.
    private func isFull(_ peer: PeerConnection, _ reason: CloseReason, at now: Moment) -> Bool {
        guard reason == .remoteClosed || reason == .networkError else { return false }
        return peer.isOutgoing && !peer.membership.hasSpoken && now - peer.connectedAt < Self.fullTime
    }
}
