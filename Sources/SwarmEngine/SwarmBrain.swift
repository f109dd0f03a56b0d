import TorrentCore

/// What a brain around a `Membership` does when connections begin and end and trackers answer: `Swarm`, and
/// `MetadataSwarm` before it. Sequences only, which say who hears of an event, in which order.
protocol SwarmBrain: ~Copyable {
    var isRunning: Bool { get }
    /// The moment of the event that is going through.
    var now: Moment { get }
    /// Those who are connected, in the order in which they came.
    var peers: [PeerConnection] { get }
    /// There is nothing that we want of others.
    var isComplete: Bool { get }
    /// Who may have to leave for somebody else, and after how long.
    var leavers: Leavers { get }
    /// Lends what every brain has.
    mutating func withMembers<Result>(_ body: (inout Membership, inout Agenda) -> Result) -> Result
    /// Hands have been shaken, and the peer is welcome.
    mutating func open(_ peer: PeerConnection)
    /// The connection has ended. `isReplaced`: another one to the same peer is opened next.
    mutating func forget(_ peer: PeerConnection, _ reason: CloseReason, isReplaced: Bool)
}

extension SwarmBrain where Self: ~Copyable {
    // MARK: Who is connected: both ways in, the one way out

    /// Somebody connected to us and has shaken hands; nil means: close it. The shell has sent our handshake already,
    /// or sends it before any effect of this call.
    mutating func linkAccepted(from endpoint: Endpoint, handshake: Handshake) -> ConnectionID? {
        guard isRunning else { return nil }
        guard makeWay(for: handshake, at: endpoint, isOutgoing: false) == nil else { return nil }
        if withMembers({ members, _ in members.isFull }) {
            let leavers = leavers
            let useless = withMembers { members, agenda in
                members.mostUseless(of: leavers, for: endpoint, at: agenda.now)
            }
            guard let useless else { return nil }
            close(useless, .notUseful)
        }
        let id = withMembers { members, _ in members.mint() }
        open(PeerConnection(id: id, endpoint: endpoint, handshake: handshake, isOutgoing: false, at: now))
        return id
    }

    /// A `.connect` came to a handshake, both ways.
    mutating func linkOpened(_ id: ConnectionID, handshake: Handshake) {
        guard let endpoint = withMembers({ members, _ in members.target(id) }) else { return }
        if let reason = makeWay(for: handshake, at: endpoint, isOutgoing: true) {
            let peers = peers
            withMembers { members, agenda in
                members.refused(id, as: handshake.peerID, at: endpoint, reason, peers: peers, &agenda)
                members.planExchange(with: peers, &agenda)
            }
            return fillConnections()
        }
        open(PeerConnection(id: id, endpoint: endpoint, handshake: handshake, isOutgoing: true, at: now))
    }

    /// Closes an older connection to the same peer, if the new one is better. Why it is not welcome, if it is not.
    private mutating func makeWay(
        for handshake: Handshake, at endpoint: Endpoint, isOutgoing: Bool
    ) -> CloseReason? {
        let peers = peers
        let admission = withMembers { members, agenda in
            members.admission(of: handshake, at: endpoint, isOutgoing: isOutgoing, peers: peers, at: agenda.now)
        }
        switch admission {
        case .refused(let reason): return reason
        case .replaces(let twin): close(twin, .duplicate, isReplaced: true)
        case .welcome: break
        }
        return nil
    }

    /// The link is gone, or a `.connect` came to nothing. Unknown ids are let pass: the brain may have closed it first.
    mutating func linkClosed(_ id: ConnectionID, reason: CloseReason) {
        if let peer = withMembers({ members, _ in members.peer(id) }) {
            forget(peer, reason, isReplaced: false)
        } else {
            let peers = peers
            let wasTried = withMembers { members, agenda in
                members.couldNotConnect(id, reason, peers: peers, at: agenda.now)
            }
            guard wasTried else { return }
        }
        fillConnections()
    }

    mutating func close(_ peer: PeerConnection, _ reason: CloseReason, isReplaced: Bool = false) {
        guard !peer.isGone else { return }
        withMembers { members, agenda in
            agenda.effects.append(.close(peer.id, reason))
            if reason == .banned { members.forget(peer, at: agenda.now) }
        }
        forget(peer, reason, isReplaced: isReplaced)
    }

    /// Ends the connection of one who broke the protocol.
    mutating func violate(_ violation: Violation, by peer: PeerConnection) {
        close(peer, .protocolViolation(violation))
    }

    // MARK: Whom to connect to

    /// Addresses from a tracker, from the user or from other peers: from whom, at which address.
    mutating func peersFound(_ endpoints: [Endpoint], from source: PeerSource, by teller: IPAddress?) {
        let peers = peers
        let mayBeUsed = withMembers { members, agenda in
            members.found(endpoints, from: source, by: teller, peers: peers, &agenda)
        }
        if mayBeUsed { fillConnections() }
    }

    /// There are to be at most so many connections.
    mutating func limitConnections(to count: Int) {
        withMembers { members, agenda in members.limitConnections(to: count, &agenda) }
        while let peer = leastUseful() {
            close(peer, .tooMany)
            withMembers { members, agenda in members.rest(peer, at: agenda.now) }
        }
        fillConnections()
    }

    /// Who goes first while there are too many.
    private mutating func leastUseful() -> PeerConnection? {
        let peers = peers
        return withMembers { members, _ in members.isOverfull ? members.leastUseful(of: peers) : nil }
    }

    /// Connects while there is somebody to connect to and room.
    mutating func fillConnections() {
        guard isRunning else { return }
        let isComplete = isComplete
        let leavers = leavers
        let leaver = withMembers { members, agenda in
            members.turnOver(leavers, isComplete: isComplete, at: agenda.now)
        }
        if let leaver {
            close(leaver, .notUseful)
            withMembers { members, agenda in members.rest(leaver, at: agenda.now) }
        }
        let peers = peers
        withMembers { members, agenda in members.connectMore(peers: peers, isComplete: isComplete, &agenda) }
    }

    // MARK: Trackers

    mutating func announceAnswered(_ tracker: TrackerIndex, interval: Duration, minimum: Duration?) {
        guard isRunning else { return }
        let hasChanged = withMembers { members, agenda in
            let isAnother = members.schedule.answered(tracker, interval: interval, minimum: minimum, at: agenda.now)
            return isAnother && members.isPrivate
        }
        if hasChanged { trackerChanged() }
        goOnAsking()
    }

    /// A private torrent has another tracker now: none of the peers that it knew by the one before may stay, nor who
    /// came by itself (BEP 27).
    private mutating func trackerChanged() {
        for peer in peers { close(peer, .notOfTracker) }
        withMembers { members, agenda in
            for id in members.trackerChanged(at: agenda.now) { agenda.effects.append(.close(id, .notOfTracker)) }
        }
    }

    /// `isFinal`: the tracker answered with a failure reason, so asking it again soon is of no use.
    mutating func announceFailed(_ tracker: TrackerIndex, retryIn: Duration?, isFinal: Bool) {
        guard isRunning else { return }
        withMembers { members, agenda in
            members.schedule.failed(
                tracker, retryIn: retryIn, isFinal: isFinal, at: agenda.now, using: &agenda.generator)
        }
        goOnAsking()
    }

    private mutating func goOnAsking() {
        fillConnections()
        withMembers { members, agenda in members.announceDue(&agenda) }
    }
}
