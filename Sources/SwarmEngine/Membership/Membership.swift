import TorrentCore

/// Who: the connections of a swarm, the peers that it knows of, those that are banned, and the trackers that tell of
/// more. It knows nothing of pieces.
struct Membership: ~Copyable {
    let ourID: PeerID
    let infoHash: InfoHash
    /// A torrent of which nothing but the info hash is known is taken to be public.
    private(set) var isPrivate: Bool
    let limits: SwarmLimits

    private(set) var connections = ConnectionTable()
    var book: PeerBook
    var bans = BanList()
    var schedule: AnnounceSchedule
    /// Addresses that turned out to be our own.
    private var ourEndpoints: [Endpoint] = []
    /// With every place taken, one may next be given to somebody else.
    private var turnoverFrom = Moment.zero
    /// What was last said of `starved`.
    private var isStarved = false

    /// Something is said to a peer at least this often; BEP 3 says two minutes.
    static let keepAliveTime = Duration.seconds(110)
    /// A peer that says nothing for so long is gone.
    static let silenceTime = Duration.seconds(240)
    /// Fewer than this many peers, connected or still to be tried, are short.
    private static let fewPeers = 8
    private static let mostOurEndpoints = 16
    private static let lastingTime = Duration.seconds(60)
    private static let timeBetweenTurnovers = Duration.seconds(30)
    /// Who has been of no use for so long may have to leave, for one who waits, or for one who comes to us.
    private static let uselessTime = Duration.seconds(120)
    private static let evictionTime = Duration.seconds(60)
    /// So many peers are asked of a tracker at most.
    private static let mostWanted = 50

    init(_ configuration: SwarmConfiguration, at now: Moment, using generator: inout SplitMix64) {
        ourID = configuration.ourID
        infoHash = configuration.infoHash
        isPrivate = configuration.isPrivate
        limits = configuration.limits
        book = PeerBook(limit: configuration.limits.knownPeers)
        schedule = AnnounceSchedule(
            tiers: configuration.trackerTiers, isPrivate: configuration.isPrivate, at: now, using: &generator)
    }

    /// It has become known what the torrent says of itself.
    mutating func learned(isPrivate: Bool) { self.isPrivate = isPrivate }

    func peer(_ id: ConnectionID) -> PeerConnection? { connections.peer(id) }

    /// Peers that are known, or being connected to, and not connected: they may come.
    var expectedCount: Int { connections.connectingCount + book.idleCount }

    // MARK: Coming and going

    mutating func mint() -> ConnectionID { connections.mint() }

    /// A connection stands.
    mutating func joined(_ peer: PeerConnection) {
        connections.insert(peer)
        if peer.isOutgoing { book.connected(peer.endpoint) }
    }

    /// Where the connection being made under `id` leads.
    func target(_ id: ConnectionID) -> Endpoint? { connections.target(id) }

    /// A connection that we made is not kept.
    mutating func refused(
        _ id: ConnectionID, at endpoint: Endpoint, _ reason: CloseReason, _ agenda: inout Agenda
    ) {
        connections.remove(id)
        switch reason {
        case .ourself, .banned: book.forget(endpoint)
        default: book.ended(endpoint, reason.outcome, at: agenda.now)
        }
        agenda.effects.append(.close(id, reason))
    }

    /// False if no connection is being made under `id`.
    mutating func couldNotConnect(_ id: ConnectionID, _ reason: CloseReason, at now: Moment) -> Bool {
        guard let endpoint = connections.target(id) else { return false }
        connections.remove(id)
        book.ended(endpoint, reason.outcome, at: now)
        return true
    }

    /// Every connection that is being made, given up: the swarm stops.
    mutating func giveUpConnecting() -> [ConnectionID] {
        let ids = connections.connecting
        for id in ids { connections.remove(id) }
        return ids
    }

    /// The swarm stops: nothing is to be kept in mind of `peer`.
    mutating func closed(_ peer: PeerConnection) {
        peer.membership.isGone = true
        connections.remove(peer.id)
    }

    /// The connection has ended. One that lasted was no failed attempt, unless the peer broke the protocol.
    mutating func left(_ peer: PeerConnection, _ reason: CloseReason, at now: Moment) {
        closed(peer)
        guard let listensAt = peer.membership.listensAt else { return }
        book.setSeed(listensAt, peer.pieces.wantsNothing)
        let lasted = now - peer.connectedAt >= Self.lastingTime
        book.ended(listensAt, lasted && reason.outcome == .failure ? .harmless : reason.outcome, at: now)
    }

    /// It has everything: who has everything as well need not look for it.
    mutating func becameSeed(_ peer: PeerConnection) {
        if let listensAt = peer.membership.listensAt { book.setSeed(listensAt, true) }
    }

    /// The extension handshake (BEP 10): who it is, and where it listens if it came to us.
    mutating func introduced(_ peer: PeerConnection, by handshake: ExtensionHandshake, at now: Moment) {
        if let client = handshake.client { peer.membership.client = client }
        guard !peer.isOutgoing, peer.membership.listensAt == nil, let port = handshake.listenPort else { return }
        let listensAt = Endpoint(peer.endpoint.address, port: port)
        peer.membership.listensAt = listensAt
        if mayUse(.incoming) { book.add(listensAt, from: .incoming, at: now) }
        book.connected(listensAt)
        book.setSeed(listensAt, peer.pieces.isSeed)
    }

    /// True if it is banned only now.
    mutating func ban(_ sender: Contributor) -> Bool {
        guard !bans.contains(sender.endpoint, sender.peerID) else { return false }
        bans.ban(sender)
        if let listensAt = sender.listensAt { book.forget(listensAt) }
        return true
    }

    func isBanned(_ peer: PeerConnection) -> Bool { bans.contains(peer.endpoint, peer.peerID) }

    /// It is not looked for again.
    mutating func forget(_ peer: PeerConnection) {
        if let listensAt = peer.membership.listensAt { book.forget(listensAt) }
    }

    /// Others come first for a while.
    mutating func rest(_ peer: PeerConnection, at now: Moment) {
        if let listensAt = peer.membership.listensAt { book.rest(listensAt, at: now) }
    }

    // MARK: Whom next

    /// Addresses from a tracker, from the user or from other peers. Ours and unusable ones are dropped here. False if
    /// the torrent may not use the source.
    mutating func found(
        _ endpoints: [Endpoint], from source: PeerSource, peers: [PeerConnection], at now: Moment
    ) -> Bool {
        guard mayUse(source) else { return false }
        var isNew = false
        for endpoint in endpoints where isUsable(endpoint) {
            guard book.add(endpoint, from: source, at: now) else { continue }
            isNew = true
            if peers.contains(where: { $0.membership.listensAt == endpoint }) { book.connected(endpoint) }
        }
        if isNew { schedule.relax() }
        return true
    }

    private func mayUse(_ source: PeerSource) -> Bool { !isPrivate || source.mayServePrivate }

    private func isUsable(_ endpoint: Endpoint) -> Bool {
        endpoint.port != 0 && !endpoint.address.isUnspecified && !endpoint.address.isMulticast
            && !ourEndpoints.contains(endpoint) && !bans.contains(endpoint)
    }

    mutating func noteOurs(_ endpoint: Endpoint) {
        if ourEndpoints.count < Self.mostOurEndpoints { ourEndpoints.append(endpoint) }
    }

    /// A fifth of the places is kept for those who come to us.
    private var mostByUs: Int { limits.connections - limits.connections / 5 }

    private var hasRoom: Bool {
        connections.connectingCount < limits.connecting && connections.count < mostByUs
    }

    /// Connects while there is somebody to connect to and room.
    mutating func connectMore(peers: [PeerConnection], isComplete: Bool, _ agenda: inout Agenda) {
        while hasRoom, let endpoint = book.takeNext(at: agenda.now, skippingSeeds: isComplete) {
            guard !bans.contains(endpoint) else {
                book.forget(endpoint)
                continue
            }
            guard !peers.contains(where: { $0.membership.listensAt == endpoint }) else { continue }
            agenda.effects.append(.connect(connections.beginConnecting(to: endpoint), endpoint))
        }
        if !isComplete, connections.count + book.idleCount < Self.fewPeers { schedule.hurry(at: agenda.now) }
        noteStarvation(isComplete: isComplete, &agenda)
    }

    /// Says when there is nobody to talk to any more, and when there is again.
    mutating func noteStarvation(isComplete: Bool, _ agenda: inout Agenda) {
        let starves = agenda.isRunning && !isComplete && connections.count == 0
        guard starves != isStarved else { return }
        isStarved = starves
        agenda.effects.append(.starved(starves))
    }

    /// Somebody else waits for a place, and all are taken.
    private func mayTurnOver(isComplete: Bool) -> Bool {
        !isComplete && connections.openCount >= mostByUs && connections.connectingCount == 0 && book.idleCount > 0
    }

    /// Every half minute one place may go from somebody who has been of no use for two, nor we for it, to somebody who
    /// has not been tried, or not for long. Whom the user named stays.
    mutating func turnOver(peers: [PeerConnection], isComplete: Bool, at now: Moment) -> PeerConnection? {
        guard mayTurnOver(isComplete: isComplete), max(turnoverFrom, book.nextTry) <= now else { return nil }
        turnoverFrom = now + Self.timeBetweenTurnovers
        let useless = peers.filter { peer in
            now - peer.membership.usefulAt >= Self.uselessTime
                && peer.membership.listensAt.map { book.isNamed($0) } != true
        }
        return useless.min { $0.membership.usefulAt < $1.membership.usefulAt }
    }

    /// Who leaves for one who comes to us: neither side has been of use to the other for a while.
    func mostUseless(of peers: [PeerConnection], at now: Moment) -> PeerConnection? {
        let idle = peers.filter {
            !$0.isInteresting && !$0.isInterestedInUs && now - $0.membership.usefulAt > Self.evictionTime
        }
        return idle.min { $0.membership.usefulAt < $1.membership.usefulAt }
    }

    // MARK: Deadlines

    /// When somebody is to be connected to, or a tracker to be asked.
    func nextDeadline(isComplete: Bool) -> Moment {
        if hasRoom { return min(schedule.nextAt, book.nextTry) }
        guard mayTurnOver(isComplete: isComplete) else { return schedule.nextAt }
        return min(schedule.nextAt, max(turnoverFrom, book.nextTry))
    }

    /// When a sign of life is due, of this peer or of ours to it.
    func deadline(of peer: PeerConnection) -> Moment {
        min(peer.membership.lastSentAt + Self.keepAliveTime, peer.membership.lastReceivedAt + Self.silenceTime)
    }

    func isSilent(_ peer: PeerConnection, at now: Moment) -> Bool {
        peer.membership.lastReceivedAt + Self.silenceTime <= now
    }

    func keepAlive(_ peer: PeerConnection, _ agenda: inout Agenda) {
        if peer.membership.lastSentAt + Self.keepAliveTime <= agenda.now { peer.send(.keepAlive, &agenda) }
    }

    /// Tells those trackers that know of us that we leave.
    mutating func announceStop(_ agenda: inout Agenda) {
        for order in schedule.stop() { agenda.effects.append(.announce(order.tracker, order.event, wanted: 0)) }
    }

    mutating func announceDue(_ agenda: inout Agenda) {
        for order in schedule.due(at: agenda.now) {
            let room = max(0, limits.connections - connections.count)
            let wanted = Int32(clamping: min(Self.mostWanted, room))
            agenda.effects.append(.announce(order.tracker, order.event, wanted: wanted))
        }
    }
}
