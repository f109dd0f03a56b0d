import TorrentCore

// Who is connected: both ways in, the one way out, and whom to connect to next.

extension Swarm {
    /// Somebody connected to us and has shaken hands; nil means: close it. The shell has sent our handshake already,
    /// or sends it before any effect of this call.
    mutating func linkAccepted(from endpoint: Endpoint, handshake: Handshake) -> ConnectionID? {
        guard agenda.isRunning else { return nil }
        let admission = membership.admission(
            of: handshake, at: endpoint, isOutgoing: false, peers: availability.peers, at: agenda.now)
        switch admission {
        case .refused: return nil
        case .replaces(let twin): close(twin, .duplicate, isReplaced: true)
        case .welcome: break
        }
        if membership.isFull {
            guard let useless = membership.mostUseless(of: availability.peers, for: endpoint, at: agenda.now)
            else { return nil }
            close(useless, .notUseful)
        }
        let peer = PeerConnection(
            id: membership.mint(), endpoint: endpoint, handshake: handshake, isOutgoing: false, at: agenda.now)
        open(peer)
        return peer.id
    }

    /// A `.connect` came to a handshake, both ways.
    mutating func linkOpened(_ id: ConnectionID, handshake: Handshake) {
        guard let endpoint = membership.target(id) else { return }
        let admission = membership.admission(
            of: handshake, at: endpoint, isOutgoing: true, peers: availability.peers, at: agenda.now)
        switch admission {
        case .refused(let reason):
            membership.refused(id, at: endpoint, reason, peers: availability.peers, &agenda)
            membership.planExchange(with: availability.peers, &agenda)
            return fillConnections()
        case .replaces(let twin): close(twin, .duplicate, isReplaced: true)
        case .welcome: break
        }
        open(
            PeerConnection(id: id, endpoint: endpoint, handshake: handshake, isOutgoing: true, at: agenda.now))
    }

    /// The link is gone, or a `.connect` came to nothing. Unknown ids are let pass: the brain may have closed it first.
    mutating func linkClosed(_ id: ConnectionID, reason: CloseReason) {
        if let peer = membership.peer(id) {
            forget(peer, reason)
        } else if !membership.couldNotConnect(id, reason, at: agenda.now) {
            return
        }
        fillConnections()
    }

    /// Addresses from a tracker, from the user or from other peers: from whom, at which address.
    mutating func peersFound(_ endpoints: [Endpoint], from source: PeerSource, by teller: IPAddress?) {
        guard membership.found(endpoints, from: source, by: teller, peers: availability.peers, &agenda) else { return }
        fillConnections()
    }

    /// There are to be at most so many connections.
    mutating func limitConnections(to count: Int) {
        membership.limitConnections(to: count, &agenda)
        while membership.isOverfull, let peer = membership.leastUseful(of: availability.peers) {
            close(peer, .tooMany)
            membership.rest(peer, at: agenda.now)
        }
        fillConnections()
    }

    // MARK: Beginning and ending

    private mutating func open(_ peer: PeerConnection) {
        membership.joined(peer)
        availability.joined(peer)
        agenda.deadlines.set(.patrol, noLaterThan: membership.deadline(of: peer))
        uplink.greet(peer, expecting: membership.expectedCount, availability, &agenda)
        // Right after the handshake (BEP 10).
        if peer.isExtended { agenda.effects.append(.sendExtension(peer.id, .handshake)) }
        membership.planExchange(with: availability.peers, &agenda)
        membership.noteStarvation(isComplete: isComplete, &agenda)
        reviewUplink()
        uplink.begin(with: peer, expecting: membership.expectedCount, availability, &agenda)
    }

    /// `isReplaced`: another connection to the same peer is opened next.
    mutating func close(_ peer: PeerConnection, _ reason: CloseReason, isReplaced: Bool = false) {
        guard !peer.isGone else { return }
        agenda.effects.append(.close(peer.id, reason))
        if reason == .banned { membership.forget(peer, at: agenda.now) }
        forget(peer, reason, isReplaced: isReplaced)
    }

    /// Ends the connection of one who broke the protocol.
    mutating func violate(_ violation: Violation, by peer: PeerConnection) {
        close(peer, .protocolViolation(violation))
    }

    private mutating func forget(_ peer: PeerConnection, _ reason: CloseReason, isReplaced: Bool = false) {
        download.giveUpAll(of: peer)
        availability.left(peer)
        download.left(peer, availability, &agenda)
        membership.left(peer, reason, at: agenda.now)
        membership.planExchange(with: availability.peers, &agenda)
        reviewUplink()
        uplink.left(peer, expecting: membership.expectedCount, availability, &agenda)
        download.renewInterest(availability, &agenda)
        download.refillAll(availability, &agenda)
        if !isReplaced { membership.noteStarvation(isComplete: isComplete, &agenda) }
    }

    /// Bans who sent wrong blocks, and closes all that it has to do with us.
    mutating func ban(_ sender: Contributor, for piece: PieceIndex) {
        guard membership.ban(sender, at: agenda.now) else { return }
        agenda.effects.append(.banned(sender.endpoint.address, piece))
        for peer in availability.peers where membership.isBanned(peer) { close(peer, .banned) }
    }

    /// A private torrent has another tracker now: none of the peers that it knew by the one before may stay, nor who
    /// came by itself (BEP 27).
    mutating func trackerChanged() {
        for peer in availability.peers { close(peer, .notOfTracker) }
        for id in membership.trackerChanged(at: agenda.now) { agenda.effects.append(.close(id, .notOfTracker)) }
    }

    /// How the peer of this connection, made or being made, became known; nil if there is no such connection.
    package func source(of id: ConnectionID) -> PeerSource? { membership.source(of: id) }

    /// Connects while there is somebody to connect to and room.
    mutating func fillConnections() {
        guard agenda.isRunning else { return }
        let leaver = membership.turnOver(peers: availability.peers, isComplete: isComplete, at: agenda.now)
        if let leaver {
            close(leaver, .notUseful)
            membership.rest(leaver, at: agenda.now)
        }
        membership.connectMore(peers: availability.peers, isComplete: isComplete, &agenda)
    }
}
