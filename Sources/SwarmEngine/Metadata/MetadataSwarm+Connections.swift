import TorrentCore

// What is done here when connections begin and end; the rest is as in every `SwarmBrain`.

extension MetadataSwarm: SwarmBrain {
    var now: Moment { agenda.now }
    /// There is always something that we want of others.
    var isComplete: Bool { false }

    mutating func withMembers<Result>(_ body: (inout Membership, inout Agenda) -> Result) -> Result {
        body(&membership, &agenda)
    }

    /// Once the metadata is there everybody stays: what they have is seen soon. Until then those without it go first.
    var leavers: Leavers {
        if gathering.verifiedSize != nil { return Leavers(peers: [], patience: .usual) }
        let useless = peers.filter { !$0.hasMetadata }
        return useless.isEmpty ? Leavers(peers: peers, patience: .usual) : Leavers(peers: useless, patience: .brief)
    }

    /// How the peer of this connection, made or being made, became known; nil if there is no such connection.
    package func source(of id: ConnectionID) -> PeerSource? { membership.source(of: id) }

    /// Nobody vouches for the address to which this connection is made, and it has not answered yet.
    package func isUnproven(_ id: ConnectionID) -> Bool { membership.isUnproven(id) }

    mutating func open(_ peer: PeerConnection) {
        membership.joined(peer)
        add(peer)
        agenda.deadlines.set(.patrol, noLaterThan: membership.deadline(of: peer))
        // Nothing, which is true for now: whoever takes over tells the rest (BEP 6).
        if peer.isFast { peer.send(.haveNone, &agenda) }
        // Right after the handshake (BEP 10).
        if peer.isExtended { peer.send(.handshake, &agenda) }
        membership.noteStarvation(isComplete: isComplete, &agenda)
    }

    mutating func forget(_ peer: PeerConnection, _ reason: CloseReason, isReplaced: Bool) {
        gathering.left(peer, &agenda)
        remove(peer)
        membership.left(peer, reason, at: agenda.now)
        gathering.fill(peers, &agenda)
        if !isReplaced { membership.noteStarvation(isComplete: isComplete, &agenda) }
    }

    /// Bans who sent wrong metadata, and closes all that it has to do with us.
    mutating func ban(_ sender: Contributor) {
        guard membership.ban(sender, at: agenda.now) else { return }
        agenda.effects.append(.metadataLiar(sender.endpoint.address))
        for peer in peers where membership.isBanned(peer) { close(peer, .banned) }
    }
}
