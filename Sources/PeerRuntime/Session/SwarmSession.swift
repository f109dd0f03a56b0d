import PeerEvents
import SwarmEngine
import TorrentCore
import TorrentIO

/// A torrent at work: its brain, wired to links, buffers, disk and trackers.
///
/// Every event comes in as one call of `tellBrain`, which then carries out the effects; that never calls the brain.
/// What is to be written is flushed once, at the end of the reactor's iteration.
// @unchecked: confined to `reactor`; named in jobs of other threads only to get back there.
final class SwarmSession: @unchecked Sendable {
    let content: TorrentContent
    let context: NodeContext
    let reactor: Reactor
    let client: TrackerClient
    weak var delegate: (any SwarmSessionDelegate)?

    private(set) var swarm: Swarm
    private var effects: SwarmEffects = []
    /// Writes down all that the brain is told and asked, where somebody wants that.
    private var recorder: SessionRecorder?

    // Connections: by the slot of their id; a slot has a link, a handshake or nothing.
    var links: [UInt64: PeerLink] = [:]
    var handshakes: [UInt64: HandshakeLink] = [:]
    /// Whom each of them leads to: see SwarmSession+Telling.swift.
    var neighbours: [UInt64: Neighbour] = [:]
    let detail: PeerDetail
    var named: [UserNamedPeer] = []
    /// Names of peers that are being looked up.
    var namesLookedUp = 0
    /// It has been said that there is no peer, and none has stayed since.
    var isLonely = false
    /// The last peer that was reached and did not stay, if none has stayed since.
    var shortStay: ShortStay?
    let readBuffers = ReadBufferPool(limit: 8)
    let reader: MessageReader

    // Pieces: see SwarmSession+Pieces.swift.
    var openPieces: [UInt32: OpenPiece] = [:]
    /// Buffers that nobody needs any more, kept until the iteration ends: a read may still be aimed at them.
    var graveyard: [PieceBuffer] = []
    /// Failed attempts, until the piece comes good.
    var rejected: [Rejected] = []
    /// Pieces that are good and that a full disk would not take.
    var unwritten: [(piece: PieceIndex, buffer: PieceBuffer)] = []
    /// The last piece that was to be opened got no buffer.
    var lacksMemory = false
    /// Whole pieces that are with the workers.
    var piecesWithWorkers = 0
    /// Waits for the last of them when the session stops.
    var allStored: (() -> Void)?

    // Trackers: see SwarmSession+Announcing.swift.
    var announceQueues: [AnnounceQueue] = []
    let announceKey: UInt32
    /// Waits for the last announces when the session stops.
    var allAnnounced: (() -> Void)?

    private var dirtyLinks: [PeerLink] = []
    private var endsIteration = false
    private var timer: (moment: Moment, id: TimerID)?
    private(set) var isStopping = false

    init(
        _ content: TorrentContent, have: Bitfield, fetches: Bool, context: NodeContext, reactor: Reactor, seed: UInt64
    ) {
        self.content = content
        self.context = context
        self.reactor = reactor
        detail = context.options.detail
        var generator = SplitMix64(seed: seed)
        client = TrackerClient(
            reactor: reactor, resolver: context.resolver, source: context.source, seed: generator.next())
        announceKey = UInt32(truncatingIfNeeded: generator.next())
        reader = MessageReader(pieceCount: content.geometry.pieceCount)
        var configuration = SwarmConfiguration(
            geometry: content.geometry, infoHash: content.metainfo.infoHash, ourID: context.peerID, have: have,
            seed: generator.next())
        configuration.isPrivate = content.metainfo.isPrivate
        configuration.fetchesMissing = fetches
        configuration.rules = context.options.rules
        configuration.limits.connections = context.options.maxPeers
        configuration.limits.openBytes = context.bufferBudget
        configuration.trackerTiers = content.trackerTiers.map(\.count)
        swarm = Swarm(configuration, at: reactor.now)
        recorder = context.recordings.map { SessionRecorder(configuration, at: reactor.now, in: $0) }
        announceQueues = content.trackerTiers.flatMap(\.self).map { AnnounceQueue(url: $0) }
    }

    // MARK: The brain

    /// Tells the brain one thing that happened, and does what it wants done.
    func tellBrain(_ event: SwarmEvent) {
        reactor.preconditionOnReactor()
        let before = effects.count
        swarm.take(event, at: reactor.now, effects: &effects)
        record(.event(event), since: before)
        carryOut()
    }

    /// The same of what brings more than fits into registers.
    func tellBrain(_ news: SwarmNews) {
        _ = take(news)
        carryOut()
    }

    /// What the brain wants done about it, and nobody has done yet.
    private func take(_ news: SwarmNews) -> ArraySlice<SwarmEffect> {
        reactor.preconditionOnReactor()
        let before = effects.count
        swarm.take(news, at: reactor.now, effects: &effects)
        record(.news(news), since: before)
        return effects[before...]
    }

    /// Hands have been shaken over a connection that we made: false if the brain does not want it after all.
    /// `carryOut` must follow.
    func askToKeep(_ id: ConnectionID, _ handshake: Handshake) -> Bool {
        !take(.linkOpened(id, handshake)).contains { effect in
            if case .close(id, _) = effect { true } else { false }
        }
    }

    /// What to do with the bytes of a block that a peer begins to send. Effects are carried out before the answer is
    /// used.
    func askToAdmit(_ block: WireBlock, from id: ConnectionID) -> BlockAdmission {
        reactor.preconditionOnReactor()
        let before = effects.count
        let answer = swarm.admit(block, from: id, at: reactor.now, effects: &effects)
        record(.admit(block, from: id, answer: answer), since: before)
        carryOut()
        return answer
    }

    /// Who this is from now on; nil if the brain does not want it. `carryOut` must follow.
    func askToAccept(from endpoint: Endpoint, _ handshake: Handshake) -> ConnectionID? {
        reactor.preconditionOnReactor()
        let before = effects.count
        let answer = swarm.linkAccepted(from: endpoint, handshake: handshake, at: reactor.now, effects: &effects)
        record(.linkAccepted(from: endpoint, handshake, answer: answer), since: before)
        return answer
    }

    /// The hash of a piece is wrong: under which name what came of it is to be kept, if it is of use.
    func askAboutRejected(_ piece: PieceIndex) -> RejectedAttempt? {
        reactor.preconditionOnReactor()
        let before = effects.count
        let answer = swarm.pieceRejected(piece, at: reactor.now, effects: &effects)
        record(.pieceRejected(piece, answer: answer), since: before)
        carryOut()
        return answer
    }

    /// Its effects are those behind the first `count`.
    private func record(_ input: @autoclosure () -> RecordedInput, since count: Int) {
        guard let recorder else { return }
        recorder.add(input(), at: reactor.now, effects: effects[count...], nextDeadline: swarm.nextDeadline)
    }

    func carryOut() {
        perform()
        endIterationLater()
    }

    private func perform() {
        guard !effects.isEmpty else { return }
        var queue: SwarmEffects = []
        swap(&queue, &effects)
        for effect in queue { perform(effect) }
        precondition(effects.isEmpty, "carrying out an effect must not call the brain")
        // The array goes back, so that no call allocates one.
        queue.removeAll(keepingCapacity: true)
        swap(&queue, &effects)
    }

    /// Has the link flushed at the end of the iteration.
    func markDirty(_ link: PeerLink) {
        guard !link.isDirty else { return }
        link.isDirty = true
        dirtyLinks.append(link)
    }

    func endIterationLater() {
        guard !endsIteration else { return }
        endsIteration = true
        reactor.atEndOfIteration { [weak self] in self?.endIteration() }
    }

    private func endIteration() {
        endsIteration = false
        graveyard.removeAll()
        let flushing = dirtyLinks
        dirtyLinks.removeAll(keepingCapacity: true)
        for link in flushing {
            link.isDirty = false
            link.flush()
        }
        if recorder?.handOver() == false { recorder = nil }
        armTimer()
        delegate?.sessionMoved(self)
    }

    private func armTimer() {
        let next = swarm.nextDeadline
        guard timer?.moment != next else { return }
        if let timer { reactor.cancel(timer.id) }
        timer = nil
        guard next != .distantFuture, !isStopping else { return }
        let id = reactor.setTimer(at: next) { [weak self] in
            guard let self else { return }
            timer = nil
            tellBrain(.deadlineReached)
        }
        timer = (next, id)
    }

    // MARK: Life

    func start() {
        tellBrain(.start)
        if swarm.isComplete { delegate?.sessionCompleted(self) }
        connectToNamedPeers()
    }

    /// Closes everything at once and tells the trackers; `done` is called when they know, or when time is up.
    func stop(within timeout: Duration, done: @escaping () -> Void) {
        guard !isStopping else { return done() }
        isStopping = true
        tellBrain(.stop)
        storeUnwritten()
        for link in links.values { link.close() }
        for handshake in handshakes.values { handshake.close() }
        neighbours = [:]
        links = [:]
        handshakes = [:]
        openPieces = [:]
        armTimer()
        let wait = StopWait(done)
        reactor.setTimer(after: timeout) { [self] in
            cancelAnnounces()
            wait.finish()
        }
        whenAnnounced { wait.finish() }
    }

    /// Verified and stored.
    var have: Bitfield { swarm.have }

    /// Figures of this moment.
    var figures: SwarmFigures { swarm.figures(at: reactor.now) }
}

/// Calls its body once, whoever comes first.
private final class StopWait {
    private var body: (() -> Void)?
    init(_ body: @escaping () -> Void) { self.body = body }

    func finish() {
        let body = body
        self.body = nil
        body?()
    }
}

/// Whoever owns a session hears of what concerns the torrent as a whole.
protocol SwarmSessionDelegate: AnyObject {
    /// Every piece is stored, in this run or before it.
    func sessionCompleted(_ session: SwarmSession)
    /// Something changed that a person might want to see.
    func sessionMoved(_ session: SwarmSession)
    func session(_ session: SwarmSession, notice: PeerNotice)
    /// Content could not be read or stored, or is not what we hold any more.
    func session(_ session: SwarmSession, failed: StorageError)
    /// A piece has been verified and written, and is not flushed yet.
    func session(_ session: SwarmSession, stored piece: PieceIndex)
}
