import TorrentCore

/// Whom we talk to: the connections of a swarm, the known peers, the banned ones, and when to ask which tracker for
/// more. It knows nothing of pieces.
struct Membership: ~Copyable {
    let ourID: PeerID
    let infoHash: InfoHash
    /// Known only from the metainfo: until then a torrent is taken to be public.
    private(set) var isPrivate: Bool
    private(set) var limits: SwarmLimits

    private(set) var connections = ConnectionTable()
    var book: PeerBook
    var bans = BanList()
    var schedule: AnnounceSchedule
    var exchange: Exchange
    /// Addresses where we found ourselves: see `noteOurs`.
    private var ourEndpoints: [Endpoint] = []
    /// When all our connections are taken: no peer is replaced by another before this time.
    private var turnoverFrom = Moment.zero
    /// What the last `.starved` effect said.
    private var isStarved = false

    /// A peer is sent something at least this often; BEP 3 says two minutes.
    static let keepAliveTime = Duration.seconds(110)
    /// A peer that sends nothing for this long is taken to be gone.
    static let silenceTime = Duration.seconds(240)
    /// With fewer peers than this, connected or still to be tried, trackers are asked sooner.
    private static let fewPeers = 8
    private static let mostOurEndpoints = 16
    /// A connection that ends after this time counts as a success.
    private static let lastingTime = Duration.seconds(60)
    /// The most peers that a tracker is asked for.
    private static let mostWanted = 50

    init(_ configuration: SwarmConfiguration, at now: Moment, using generator: inout SplitMix64) {
        self.init(
            of: configuration.infoHash, as: configuration.ourID, limits: configuration.limits,
            trackerTiers: configuration.trackerTiers, isPrivate: configuration.isPrivate,
            exchange: Exchange(isOn: configuration.rules.exchangesPeers && !configuration.isPrivate),
            at: now, using: &generator)
    }

    init(
        of infoHash: InfoHash, as ourID: PeerID, limits: SwarmLimits, trackerTiers: [Int], isPrivate: Bool,
        exchange: Exchange, at now: Moment, using generator: inout SplitMix64
    ) {
        self.ourID = ourID
        self.infoHash = infoHash
        self.isPrivate = isPrivate
        self.limits = limits
        self.exchange = exchange
        book = PeerBook(limit: limits.knownPeers)
        schedule = AnnounceSchedule(tiers: trackerTiers, isPrivate: isPrivate, at: now, using: &generator)
    }

    /// The metainfo has come. A private torrent asks one tracker at a time, and forgets peers from sources that it may
    /// not use (BEP 27): the connections that are being made to them are given up, and those that stand are to be
    /// closed.
    mutating func learned(
        isPrivate: Bool, peers: [PeerConnection]
    ) -> (givenUp: [ConnectionID], unwanted: [PeerConnection]) {
        self.isPrivate = isPrivate
        exchange.learned(isPrivate: isPrivate)
        guard isPrivate else { return ([], []) }
        schedule.joinTiers()
        let forbidden = book.forgetForbidden()
        let givenUp = connections.connecting.filter { id in connections.target(id).map(forbidden.contains) ?? false }
        for id in givenUp { connections.remove(id) }
        return (givenUp, peers.filter { $0.isOutgoing && forbidden.contains($0.endpoint) })
    }

    /// At most so many connections from now on. Those being made that are too many are given up; whether open ones are
    /// is for `isOverfull` to say.
    mutating func limitConnections(to count: Int, _ agenda: inout Agenda) {
        limits.connections = max(1, count)
        for id in connections.connecting.reversed() where isOverfull {
            if let endpoint = connections.target(id) { book.ended(endpoint, .harmless, at: agenda.now) }
            connections.remove(id)
            agenda.effects.append(.close(id, .tooMany))
        }
    }

    func peer(_ id: ConnectionID) -> PeerConnection? { connections.peer(id) }

    /// Known peers that are not connected, those being connected to included: they may still come.
    var expectedCount: Int { connections.connectingCount + book.idleCount }

    // MARK: Coming and going

    mutating func mint() -> ConnectionID { connections.mint() }

    /// A connection is open.
    mutating func joined(_ peer: PeerConnection) {
        connections.insert(peer)
        if peer.isOutgoing {
            book.connected(peer.endpoint)
            exchange.noteChange()
        }
    }

    /// The address to which the connection `id` is being made.
    func target(_ id: ConnectionID) -> Endpoint? { connections.target(id) }

    /// A connection that we made is closed right after the handshake.
    mutating func refused(
        _ id: ConnectionID, at endpoint: Endpoint, _ reason: CloseReason, peers: [PeerConnection],
        _ agenda: inout Agenda
    ) {
        connections.remove(id)
        switch reason {
        case .ourself, .banned: book.forget(endpoint)
        // Connected to us already: nobody need be looked for there.
        case .duplicate where peers.contains(where: { $0.membership.listensAt == endpoint }): break
        default: book.ended(endpoint, reason.outcome, at: agenda.now)
        }
        agenda.effects.append(.close(id, reason))
    }

    /// A connection attempt has failed. False if no connection `id` is being made.
    mutating func couldNotConnect(_ id: ConnectionID, _ reason: CloseReason, at now: Moment) -> Bool {
        guard let endpoint = connections.target(id) else { return false }
        connections.remove(id)
        book.ended(endpoint, reason.outcome, at: now)
        return true
    }

    /// The swarm stops: announces `stopped` to the trackers that know of us, and gives up all connection attempts.
    mutating func stop(_ agenda: inout Agenda) {
        for order in schedule.stop() { agenda.effects.append(.announce(order.tracker, order.event, wanted: 0)) }
        for id in connections.connecting {
            connections.remove(id)
            agenda.effects.append(.close(id, .stopping))
        }
    }

    /// The connection is closed; the peer book is left as it is.
    mutating func closed(_ peer: PeerConnection) {
        peer.membership.isGone = true
        connections.remove(peer.id)
    }

    /// The connection has ended. If it lasted or blocks were traded, that is no failure, and earlier ones are
    /// forgotten, unless the peer broke the protocol.
    mutating func left(_ peer: PeerConnection, _ reason: CloseReason, at now: Moment) {
        closed(peer)
        guard let listensAt = peer.membership.listensAt else { return }
        exchange.noteChange()
        book.setSeed(listensAt, peer.pieces.wantsNothing)
        let hasStood = peer.membership.hasTraded || now - peer.connectedAt >= Self.lastingTime
        if hasStood, reason.outcome != .misconduct {
            book.forgiven(listensAt)
            book.ended(listensAt, .harmless, at: now)
        } else {
            book.ended(listensAt, reason.outcome, at: now)
        }
    }

    /// It has something less than everything, after all.
    mutating func isNoSeed(_ peer: PeerConnection) {
        if let listensAt = peer.membership.listensAt { book.setSeed(listensAt, false) }
    }

    /// It has everything: once we have everything, too, we need not connect to it again.
    mutating func becameSeed(_ peer: PeerConnection) {
        if let listensAt = peer.membership.listensAt { book.setSeed(listensAt, true) }
    }

    /// The extension handshake (BEP 10) names its program and, if it connected to us, the port where it listens.
    mutating func introduced(_ peer: PeerConnection, by handshake: ExtensionHandshake, at now: Moment) {
        if let client = handshake.client { peer.membership.client = client }
        guard !peer.isOutgoing, peer.membership.listensAt == nil, let port = handshake.listenPort else { return }
        let listensAt = Endpoint(peer.endpoint.address, port: port)
        peer.membership.listensAt = listensAt
        exchange.noteChange()
        if mayUse(.incoming) { book.add(listensAt, from: .incoming, at: now) }
        book.connected(listensAt)
        book.setSeed(listensAt, peer.pieces.isSeed)
    }

    /// False if it was banned already.
    mutating func ban(_ sender: Contributor) -> Bool {
        guard !bans.contains(sender.endpoint, sender.peerID) else { return false }
        bans.ban(sender)
        if let listensAt = sender.listensAt { book.forget(listensAt) }
        return true
    }

    func isBanned(_ peer: PeerConnection) -> Bool { bans.contains(peer.endpoint, peer.peerID) }

    /// We do not connect to it again.
    mutating func forget(_ peer: PeerConnection) {
        if let listensAt = peer.membership.listensAt { book.forget(listensAt) }
    }

    /// Other peers are tried first for a while.
    mutating func rest(_ peer: PeerConnection, at now: Moment) {
        if let listensAt = peer.membership.listensAt { book.rest(listensAt, at: now) }
    }

    // MARK: Whom to connect to

    /// Takes addresses into the peer book, without our own and unusable ones. False if the torrent may not use the
    /// source.
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

    /// We connected to ourselves at this address: it is not used again.
    mutating func noteOurs(_ endpoint: Endpoint) {
        if ourEndpoints.count < Self.mostOurEndpoints { ourEndpoints.append(endpoint) }
    }

    /// Connections up to which we make more; a fifth is kept free for peers that connect to us.
    private var mostByUs: Int { limits.connections - limits.connections / 5 }

    private var hasRoom: Bool {
        connections.connectingCount < limits.connecting && connections.count < mostByUs
    }

    /// Connects to known peers while there is room.
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

    /// Tells when the last connection is gone, and when there is one again.
    mutating func noteStarvation(isComplete: Bool, _ agenda: inout Agenda) {
        let starves = agenda.isRunning && !isComplete && connections.count == 0
        guard starves != isStarved else { return }
        isStarved = starves
        agenda.effects.append(.starved(starves))
    }

    /// All our connections are taken while known peers wait to be tried.
    private func mayTurnOver(isComplete: Bool) -> Bool {
        !isComplete && connections.openCount >= mostByUs && connections.connectingCount == 0 && book.idleCount > 0
    }

    /// The peer that is to be replaced by one that has not been tried for long: neither side has been of use to the
    /// other for a while, and the user did not name it.
    mutating func turnOver(_ leavers: Leavers, isComplete: Bool, at now: Moment) -> PeerConnection? {
        guard mayTurnOver(isComplete: isComplete), max(turnoverFrom, book.nextTry) <= now else { return nil }
        turnoverFrom = now + leavers.patience.pause
        let useless = leavers.peers.filter { peer in
            now - peer.membership.usefulAt >= leavers.patience.forKnown
                && peer.membership.listensAt.map { book.isNamed($0) } != true
        }
        return useless.min { $0.membership.usefulAt < $1.membership.usefulAt }
    }

    /// The peer that makes room for one that connects to us: neither side has been of use to the other for a while.
    func mostUseless(of leavers: Leavers, at now: Moment) -> PeerConnection? {
        let idle = leavers.peers.filter {
            !$0.isInteresting && !$0.isInterestedInUs && now - $0.membership.usefulAt > leavers.patience.forIncoming
        }
        return idle.min { $0.membership.usefulAt < $1.membership.usefulAt }
    }

    // MARK: Deadlines

    /// When to connect to a peer, or to ask a tracker.
    func nextDeadline(isComplete: Bool) -> Moment {
        if hasRoom { return min(schedule.nextAt, book.nextTry) }
        guard mayTurnOver(isComplete: isComplete) else { return schedule.nextAt }
        return min(schedule.nextAt, max(turnoverFrom, book.nextTry))
    }

    /// When we owe this peer a keep-alive, or it has been silent for too long.
    func deadline(of peer: PeerConnection) -> Moment {
        min(peer.membership.lastSentAt + Self.keepAliveTime, peer.membership.lastReceivedAt + Self.silenceTime)
    }

    func isSilent(_ peer: PeerConnection, at now: Moment) -> Bool {
        peer.membership.lastReceivedAt + Self.silenceTime <= now
    }

    func keepAlive(_ peer: PeerConnection, _ agenda: inout Agenda) {
        if peer.membership.lastSentAt + Self.keepAliveTime <= agenda.now { peer.send(.keepAlive, &agenda) }
    }

    mutating func announceDue(_ agenda: inout Agenda) {
        for order in schedule.due(at: agenda.now) {
            let room = max(0, limits.connections - connections.count)
            let wanted = Int32(clamping: min(Self.mostWanted, room))
            agenda.effects.append(.announce(order.tracker, order.event, wanted: wanted))
        }
    }
}
