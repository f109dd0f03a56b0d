package import TorrentCore

/// The brain of one torrent: whom to talk to, what to ask of whom, whom to serve, when to announce.
///
/// It holds no socket, file, clock or payload. Each verb tells it one thing that happened, at a time that the shell
/// says, and appends what is to be done to `effects`. `nextDeadline` says when it wants to be woken if nothing happens.
/// A swarm is one thing with one owner: a copy would share its connections.
package struct Swarm {
    package let configuration: SwarmConfiguration
    /// What is stored and verified.
    package internal(set) var have: Bitfield

    // Each part is described in its own file; the extensions in Swarm+….swift are the verbs that move them.
    var generator: SplitMix64
    var picker: PiecePicker
    var rejections = RejectionLog()
    var policy = UploadPolicy.classic(ClassicChoker())
    var connections = ConnectionTable()
    var book: PeerBook
    var bans = BanList()
    var schedule: AnnounceSchedule

    /// Bytes of pieces not yet stored.
    var left: Int64
    var wasted: Int64 = 0
    /// Over 5 seconds: for people, and for the number of upload slots.
    var received = RateMeter(window: .seconds(5))
    var sent = RateMeter(window: .seconds(5))
    var isRunning = false
    /// What was last said of `starved`.
    var isStarved = false
    /// When the next round of choking is due; nil while nobody is interested.
    var nextRound: Moment?
    /// When, with every place taken, one may next be given to somebody else.
    var nextTurnover = Moment.zero
    /// When there may be memory again for as many pieces as the budget has room for.
    var memoryBackAt = Moment.distantFuture
    /// When the peers are looked after next.
    var nextPatrol = Moment.distantFuture
    /// Blocks that have left, to whomever.
    var blocksLeft: Int64 = 0
    /// How many have stalled since the last one left.
    var stalledSinceLast = 0
    /// When it is looked whether our uploads still go as they should; distant while there are none.
    var nextUploadCheck = Moment.distantFuture
    /// Turns of whole pieces are given, not slots.
    var isSerial: Bool
    /// When it is next looked at whether they fit.
    var nextReview = Moment.zero
    var slotsTime = Self.shortestSlotsTime
    /// From the first block of a piece that is handed over until its receiver says that it has the piece.
    var deliveryTime = TimeMean()
    /// When the first turn began, and when the first piece was handed over, since turns are given.
    var firstTurnAt: Moment?
    var firstDeliveryAt: Moment?
    /// What had left before turns were given, bytes.
    var sentBefore: Int64 = 0
    // A serial uplink: whose turn it is, in the order in which the turns began, and how it goes.
    var turns: [PeerConnection] = []
    var serial = SerialChoker()
    var pace = UplinkPace()
    var answerTime = TimeMean()
    var uplinkIsBusy = false
    /// The share of turns of late in which nothing was asked for.
    var misses = 0.0
    /// When a turn may have come to nothing.
    var nextTurnCheck = Moment.distantFuture
    /// What a seeder that hides its pieces goes by.
    var ledger: SpreadLedger?

    /// The others have been told that the endgame has begun.
    var hasRungEndgame = false
    /// Addresses that turned out to be our own.
    var ourEndpoints: [Endpoint] = []

    package init(_ configuration: SwarmConfiguration, at now: Moment) {
        precondition(configuration.have.count == configuration.geometry.pieceCount, "a bit a piece")
        self.configuration = configuration
        have = configuration.have
        generator = SplitMix64(seed: configuration.seed)
        // Who fetches begins with slots, and looks around among how many it is.
        isSerial = configuration.rules.uploads == .serial || (configuration.rules.uploads == .fitting && have.isFull)
        picker = PiecePicker(
            geometry: configuration.geometry, have: configuration.have, openBytes: configuration.limits.openBytes,
            keepsPiecesWhole: isSerial,
            using: &generator)
        book = PeerBook(limit: configuration.limits.knownPeers)
        schedule = AnnounceSchedule(
            tiers: configuration.trackerTiers, isPrivate: configuration.isPrivate, at: now, using: &generator)
        if configuration.rules.hidesPieces, isSerial, have.isFull, have.count <= SpreadLedger.mostPieces {
            ledger = SpreadLedger(pieceCount: have.count, using: &generator)
        }
        left = configuration.geometry.totalLength
        let geometry = configuration.geometry
        have.forEachSet { left -= Int64(geometry.length(of: geometry.piece($0))) }
    }

    package var isComplete: Bool { have.isFull }

    /// Whether there is anything that we want of others. Where there is not, no peer has anything useful.
    package var isFetching: Bool { configuration.fetchesMissing && !isComplete }

    var geometry: TorrentGeometry { configuration.geometry }
    var limits: SwarmLimits { configuration.limits }

    // MARK: Life

    package mutating func start(at now: Moment, effects: inout SwarmEffects) {
        guard !isRunning else { return }
        isRunning = true
        schedule.start(at: now)
        announceDue(at: now, effects: &effects)
        fillConnections(at: now, effects: &effects)
    }

    /// Closes everything and announces `stopped` where we were known.
    package mutating func stop(at now: Moment, effects: inout SwarmEffects) {
        guard isRunning else { return }
        isRunning = false
        for order in schedule.stop() { effects.append(.announce(order.tracker, order.event, wanted: 0)) }
        for id in connections.connecting {
            connections.remove(id)
            effects.append(.close(id, .stopping))
        }
        for peer in connections.open {
            giveUpAll(of: peer)
            peer.turn = nil
            connections.remove(peer.id)
            effects.append(.close(peer.id, .stopping))
        }
        for progress in picker.open where !progress.isVerifying { picker.discard(progress, effects: &effects) }
        nextRound = nil
        turns = []
    }

    // MARK: What every verb uses

    func send(_ message: PeerMessage, to peer: PeerConnection, at now: Moment, effects: inout SwarmEffects) {
        peer.lastSentAt = now
        effects.append(.send(peer.id, message))
    }

    /// Ends the connection of one who broke the protocol.
    mutating func violate(
        _ violation: Violation, by peer: PeerConnection, at now: Moment, effects: inout SwarmEffects
    ) {
        close(peer, .protocolViolation(violation), at: now, effects: &effects)
    }
}
