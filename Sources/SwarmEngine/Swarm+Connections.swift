import TorrentCore

// What is done here when connections begin and end; the rest is as in every `SwarmBrain`.

extension Swarm: SwarmBrain {
    var now: Moment { agenda.now }
    var peers: [PeerConnection] { availability.peers }
    var leavers: Leavers { Leavers(peers: availability.peers, patience: .usual) }

    mutating func withMembers<Result>(_ body: (inout Membership, inout Agenda) -> Result) -> Result {
        body(&membership, &agenda)
    }

    /// Somebody has come to the tracker of this process.
    mutating func newcomer(_ endpoint: Endpoint) {
        guard agenda.isRunning, membership.newcomer(endpoint, peers: availability.peers, &agenda) else { return }
        fillConnections()
    }

    mutating func open(_ peer: PeerConnection) {
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

    mutating func forget(_ peer: PeerConnection, _ reason: CloseReason, isReplaced: Bool) {
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

    /// How the peer of this connection, made or being made, became known; nil if there is no such connection.
    package func source(of id: ConnectionID) -> PeerSource? { membership.source(of: id) }

    /// Nobody vouches for the address to which this connection is made, and it has not answered yet.
    package func isUnproven(_ id: ConnectionID) -> Bool { membership.isUnproven(id) }
}
