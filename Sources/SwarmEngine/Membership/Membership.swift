import TorrentCore

/// Whom we talk to: the connections of a swarm, the known peers, the banned ones, and when to ask which tracker for
/// more. It knows nothing of pieces.
struct Membership: ~Copyable {
    let ourID: PeerID
    let infoHash: InfoHash
    /// Known only from the metainfo: until then a torrent is taken to be public.
    private(set) var isPrivate: Bool
    private(set) var limits: SwarmLimits

    var connections = ConnectionTable()
    var book: PeerBook
    var bans = BanList()
    var schedule: AnnounceSchedule
    var exchange: Exchange
    private(set) var ours: OurPlaces
    /// Whom the tracker and the user have named, if nobody else may connect to us where the torrent is private.
    private var vouched: VouchedAddresses?
    /// When all our connections are taken: no peer is replaced by another before this time.
    private var turnoverFrom = Moment.zero
    /// What the last `.starved` effect said.
    private var isStarved = false

    /// A peer is sent something at least this often; BEP 3 says two minutes.
    static let keepAliveTime = Duration.seconds(110)
    /// A peer that sends nothing for this long is taken to be gone.
    static let silenceTime = Duration.seconds(240)
    /// With fewer peers than this, connected or soon to be tried, trackers are asked sooner.
    private static let fewPeers = 8
    /// So long it may take until both sides know whether they are of use to each other.
    private static let settlingTime = Duration.seconds(20)
    /// Who has let its chance pass, and has never traded with us, may stay so long after it became interested.
    private static let timeOfPretenders = Duration.seconds(5)
    /// Who connected to us, and has not traded with us so long after, makes room where there is none.
    private static let timeOfTrial = Duration.seconds(10)
    /// The most peers that a tracker is asked for.
    private static let mostWanted = 50

    init(_ configuration: SwarmConfiguration, at now: Moment, using generator: inout SplitMix64) {
        self.init(
            of: configuration.infoHash, as: configuration.ourID, limits: configuration.limits,
            trackerTiers: configuration.trackerTiers, isPrivate: configuration.isPrivate,
            admitsUnnamed: configuration.rules.admitsUnnamed,
            places: OurPlaces(port: configuration.listenPort, interfaces: configuration.interfaces),
            exchange: Exchange(isOn: configuration.rules.exchangesPeers && !configuration.isPrivate),
            at: now, using: &generator)
    }

    init(
        of infoHash: InfoHash, as ourID: PeerID, limits: SwarmLimits, trackerTiers: [Int], isPrivate: Bool,
        asksOwnTracker: Bool = false, admitsUnnamed: Bool, places: OurPlaces, exchange: Exchange, at now: Moment,
        using generator: inout SplitMix64
    ) {
        self.ourID = ourID
        self.infoHash = infoHash
        self.isPrivate = isPrivate
        self.limits = limits
        self.exchange = exchange
        ours = places
        if !admitsUnnamed { vouched = VouchedAddresses(limit: limits.knownPeers) }
        book = PeerBook(limit: limits.knownPeers, mostNearby: max(1, limits.connecting / 2))
        schedule = AnnounceSchedule(
            tiers: trackerTiers, isPrivate: isPrivate, asksOwnTracker: asksOwnTracker, at: now, using: &generator)
    }

    /// The metainfo has come. A private torrent asks one tracker at a time, that of this process not at all, and
    /// forgets peers from sources that it may not use (BEP 27): the connections that are being made to them are given
    /// up, and the answer is those that stand and are to be closed. If several trackers have answered by now, none of
    /// their peers may stay.
    mutating func learned(
        isPrivate: Bool, peers: [PeerConnection], _ agenda: inout Agenda
    ) -> [PeerConnection] {
        self.isPrivate = isPrivate
        exchange.learned(isPrivate: isPrivate)
        guard isPrivate else { return [] }
        let (isMixed, stopped) = schedule.becomePrivate(at: agenda.now)
        if let stopped { agenda.effects.append(.announce(stopped.tracker, stopped.event, wanted: 0)) }
        if isMixed { forgetUnnamed(at: agenda.now) }
        let forbidden = book.forgetForbidden(at: agenda.now)
        let givenUp = connections.connecting.filter { id in
            connections.target(id).map { isMixed || forbidden.contains($0) } ?? false
        }
        for id in givenUp {
            giveUpConnecting(id, at: agenda.now)
            agenda.effects.append(.close(id, .notUseful))
        }
        return peers.filter { peer in
            if isMixed { return true }
            return peer.isOutgoing ? forbidden.contains(peer.endpoint) : !isWelcome(peer.endpoint.address)
        }
    }

    /// A private torrent asks another tracker from now on, so it knows nobody any more (BEP 27): gives up all attempts.
    /// The connections that stand are to be closed before.
    mutating func trackerChanged(at now: Moment) -> [ConnectionID] {
        let givenUp = connections.connecting
        for id in givenUp { giveUpConnecting(id, at: now) }
        forgetUnnamed(at: now)
        return givenUp
    }

    private mutating func forgetUnnamed(at now: Moment) {
        book.forgetUnnamed(at: now)
        vouched?.removeAll()
        for endpoint in book.endpoints { vouched?.add(endpoint.address) }
    }

    /// What this tracker told may be used, however late: a private torrent keeps to the one that answered last.
    func usesAnswers(of tracker: TrackerIndex) -> Bool { !isPrivate || schedule.lastAnswered == tracker }

    /// Whether whoever connects to us from there may stay.
    func isWelcome(_ address: IPAddress) -> Bool {
        !isPrivate || vouched?.contains(address) ?? true
    }

    /// At most so many connections from now on. Those being made that are too many are given up; whether open ones are
    /// is for `isOverfull` to say.
    mutating func limitConnections(to count: Int, _ agenda: inout Agenda) {
        limits.connections = max(1, count)
        for id in connections.connecting.reversed() where isOverfull {
            giveUpConnecting(id, at: agenda.now)
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
        book.joined(peer.endpoint.address, isIncoming: !peer.isOutgoing, at: peer.connectedAt)
        guard peer.isOutgoing else { return }
        peer.membership.source = book.source(of: peer.endpoint) ?? peer.membership.source
        book.connected(peer.endpoint)
        book.answered(peer.endpoint)
        exchange.noteChange()
    }

    /// The address to which the connection `id` is being made.
    func target(_ id: ConnectionID) -> Endpoint? { connections.target(id) }

    /// The swarm stops: announces `stopped` to the trackers that know of us, and gives up all connection attempts.
    mutating func stop(_ agenda: inout Agenda) {
        for order in schedule.stop() { agenda.effects.append(.announce(order.tracker, order.event, wanted: 0)) }
        for id in connections.connecting {
            connections.remove(id)
            agenda.effects.append(.close(id, .stopping))
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
        if mayUse(.incoming), book.takesIncoming(from: listensAt.address) {
            book.add(listensAt, from: .incoming, priority: ours.priority(of: listensAt), at: now)
        }
        book.connected(listensAt)
        book.setSeed(listensAt, peer.pieces.isSeed)
    }

    /// False if it was banned already.
    mutating func ban(_ sender: Contributor, at now: Moment) -> Bool {
        guard !bans.contains(sender.endpoint, sender.peerID) else { return false }
        bans.ban(sender)
        if let listensAt = sender.listensAt { book.forget(listensAt, at: now) }
        return true
    }

    func isBanned(_ peer: PeerConnection) -> Bool { bans.contains(peer.endpoint, peer.peerID) }

    /// We do not connect to it again.
    mutating func forget(_ peer: PeerConnection, at now: Moment) {
        if let listensAt = peer.membership.listensAt { book.forget(listensAt, at: now) }
    }

    /// Other peers are tried first for a while.
    mutating func rest(_ peer: PeerConnection, at now: Moment) {
        if let listensAt = peer.membership.listensAt { book.rest(listensAt, at: now) }
    }

    // MARK: Whom to connect to

    /// Takes addresses into the peer book, without our own and those that make no sense from whoever told them. False
    /// if the torrent may not use the source.
    mutating func found(
        _ endpoints: [Endpoint], from source: PeerSource, by teller: IPAddress?, peers: [PeerConnection],
        _ agenda: inout Agenda
    ) -> Bool {
        guard mayUse(source) else { return false }
        // A tracker that is not asked any more has answered: its peers are of no use to a private torrent (BEP 27).
        if isPrivate, source == .tracker, schedule.isLastAnswerUnasked { return false }
        let standpoint = ours.standpoint(of: source, at: teller)
        var isNew = false
        var leftOut = 0
        for endpoint in endpoints {
            guard ours.isPlausible(endpoint, from: standpoint) else {
                leftOut += 1
                continue
            }
            guard !ours.areOurs(endpoint, from: source), !bans.contains(endpoint) else { continue }
            if source.mayServePrivate { vouched?.add(endpoint.address) }
            guard
                book.add(
                    endpoint, from: source, isNear: ours.areNear(endpoint, from: standpoint),
                    priority: ours.priority(of: endpoint), at: agenda.now)
            else { continue }
            isNew = true
            if peers.contains(where: { $0.membership.listensAt == endpoint }) { book.connected(endpoint) }
        }
        if leftOut > 0 {
            agenda.effects.append(.leftOut(Int32(clamping: leftOut), of: source, by: teller))
        }
        if isNew { schedule.relax() }
        return true
    }

    private func mayUse(_ source: PeerSource) -> Bool { !isPrivate || source.mayServePrivate }

    /// We connected to ourselves at this address: it is not used again.
    mutating func noteOurs(_ endpoint: Endpoint) { ours.met(endpoint) }

    /// Others see us at this address.
    mutating func learned(ourAddress address: IPAddress) {
        guard ours.learned(address) else { return }
        book.setPriorities { [ours] in ours.priority(of: $0) }
    }

    /// How the peer of this connection, made or being made, became known.
    func source(of id: ConnectionID) -> PeerSource? {
        if let peer = connections.peer(id) { return peer.membership.source }
        return connections.target(id).flatMap { book.source(of: $0) }
    }

    /// Nobody vouches for the address to which this connection is made, and it has not answered yet.
    func isUnproven(_ id: ConnectionID) -> Bool {
        connections.target(id).map { book.isUnproven($0) } ?? false
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
                book.forget(endpoint, at: agenda.now)
                continue
            }
            guard !peers.contains(where: { $0.membership.listensAt == endpoint }) else {
                book.calledOff(endpoint, at: agenda.now)
                continue
            }
            agenda.effects.append(.connect(connections.beginConnecting(to: endpoint), endpoint))
        }
        if !isComplete, connections.count + book.hopeCount(at: agenda.now) < Self.fewPeers {
            schedule.hurry(at: agenda.now)
        }
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
    /// other for a while, and the user did not name it. Of several the one goes that has the lowest priority (BEP 40),
    /// or was of use longest ago.
    mutating func turnOver(_ leavers: Leavers, isComplete: Bool, at now: Moment) -> PeerConnection? {
        guard mayTurnOver(isComplete: isComplete), turnoverFrom <= now,
            book.hasNext(at: now, skippingSeeds: isComplete)
        else { return nil }
        turnoverFrom = now + leavers.patience.pause
        return leastWanted(
            of: leavers.peers.filter { peer in
                now - peer.membership.usefulAt >= leavers.patience.forKnown
                    && peer.membership.listensAt.map { book.isNamed($0) } != true
            })
    }

    /// The peer that makes room for one that connects to us from `newcomer`: neither side has been of use to the other
    /// for a while, or at all if its priority is lower (BEP 40). Who says that it is interested, and asks for nothing
    /// when it may, is of no use: every place could be taken in that way.
    func mostUseless(of leavers: Leavers, for newcomer: Endpoint, at now: Moment) -> PeerConnection? {
        let unwanted = leavers.peers.filter { !$0.mayGive(at: now) && !$0.wantsOurs(at: now) }
        let idle = unwanted.filter { peer in
            let isPretender = peer.isInterestedInUs && !peer.membership.hasTraded
            return now - peer.membership.usefulAt
                > (isPretender ? Self.timeOfPretenders : leavers.patience.forIncoming)
        }
        if !idle.isEmpty { return leastWanted(of: idle) }
        // Whoever says that it is interested, has had time, and has not traded, has no better right than the next.
        let waiting = leavers.peers.filter { peer in
            peer.isInterestedInUs && !peer.membership.hasTraded && !peer.mayGive(at: now) && !peer.isOutgoing
                && now - peer.connectedAt > Self.timeOfTrial
        }
        if let first = waiting.min(by: { $0.connectedAt < $1.connectedAt }) { return first }
        guard ours.areKnown else { return nil }
        let priority = ours.priority(of: newcomer)
        return leastWanted(
            of: unwanted.filter {
                now - $0.connectedAt > Self.settlingTime && ours.priority(of: $0.endpoint) < priority
            })
    }

    private func leastWanted(of peers: [PeerConnection]) -> PeerConnection? {
        func rank(_ peer: PeerConnection) -> (UInt32, Moment) {
            (ours.areKnown ? ours.priority(of: peer.endpoint) : 0, peer.membership.usefulAt)
        }
        return peers.min { rank($0) < rank($1) }
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
