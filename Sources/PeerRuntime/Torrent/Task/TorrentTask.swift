import ByteStrings
import PeerEvents
import SwarmEngine
import TorrentCore
import TorrentIO

/// One torrent of a node from beginning to end: carries out what its `TorrentLife` orders, and tells it what comes of
/// that.
// @unchecked: confined to `reactor`, once it has been made.
final class TorrentTask: @unchecked Sendable {
    /// How it ended.
    struct Ending: Sendable {
        var failure: PeerFailure?
        /// It was to be fetched, and was stopped before it was complete.
        var isUnfinished: Bool
    }

    /// What is said at the end, to whom, and what has to be done before.
    private struct Farewell {
        var failure: PeerFailure?
        var isKeepingMetadata = false
        var isDue = false
        var onEnd: ((TorrentTask, Ending) -> Void)?
    }

    /// How long trackers may take to answer at the end.
    static let stopTimeout = Duration.milliseconds(1_200)

    let plan: TorrentPlan
    let reactor: Reactor
    var context: NodeContext
    var tally: TorrentTally
    private(set) var life: TorrentLife
    var possession: Possession
    private var lock: RecordLock?
    private var progressTimer: TimerID?
    private var seedTime = SeedTime()
    private var beganAt = Moment.zero
    private(set) var isComplete = false
    /// Recent changes of the content by others.
    var disturbances = Disturbances()
    private var farewell: Farewell
    private var sight = Sight()

    /// Called on any thread; everything else on `reactor`. `holding` is what was opened for it: its content, or its
    /// folder as long as its metadata is not known. `lock` keeps others from the content until the end; without one,
    /// `begin` brings it.
    init(
        _ plan: TorrentPlan, holding possession: Possession, lock: RecordLock?, reactor: Reactor,
        context: NodeContext, board: ProgressBoard, onEnd: @escaping (TorrentTask, Ending) -> Void
    ) {
        self.plan = plan
        self.lock = lock
        self.reactor = reactor
        self.context = context
        farewell = Farewell(onEnd: onEnd)
        self.possession = possession
        let metainfo = plan.metainfo
        life = TorrentLife(knowsMetadata: metainfo != nil, wantsContent: plan.role != .look)
        tally = TorrentTally(plan.infoHash, metainfo, on: board)
    }

    var infoHash: InfoHash { plan.infoHash }

    /// Whether anything is to be fetched, or written, from now on.
    var fetches: Bool { plan.role == .leech && !isComplete }

    /// New connections and new pieces are of use.
    var isAtWork: Bool { life.state == .opening || life.state == .running }

    // MARK: Its life

    func begin(_ lock: RecordLock? = nil) {
        reactor.preconditionOnReactor()
        // What was stopped before it was begun has ended already.
        guard life.state != .ended else { return lock?.release() ?? () }
        if let lock { self.lock = lock }
        beganAt = reactor.now
        take(.begin)
    }

    /// Lets go of everything but its name, in good order, until `resume`.
    func pause() {
        reactor.preconditionOnReactor()
        take(.pause)
    }

    func resume() {
        reactor.preconditionOnReactor()
        take(.resume)
    }

    /// Ends it, in good order.
    func stop() {
        reactor.preconditionOnReactor()
        take(.stop)
    }

    func fail(_ failure: PeerFailure) {
        guard note(failure) else { return }
        take(.failed)
    }

    /// False if it has failed before.
    func note(_ failure: PeerFailure) -> Bool {
        guard farewell.failure == nil, life.state != .ended else { return false }
        farewell.failure = failure
        context.onEvent(.failed(infoHash, failure))
        return true
    }

    func take(_ event: TorrentLife.Event) {
        if let order = life.take(event) { carryOut(order) }
        discover()
    }

    func take(_ event: TorrentLife.Event, of stage: Int) {
        if let order = life.take(event, of: stage) { carryOut(order) }
        discover()
    }

    private func carryOut(_ order: TorrentLife.Order) {
        switch order {
        case .tell(let isPaused): tally.rests(isPaused ? .paused : .checking)
        case .fetch: fetchMetadata()
        case .check: check()
        case .callOff: callOff()
        case .open: open()
        case .start: start()
        case .close(let recording): close(recording: recording)
        case .closeMetadata: closeMetadata()
        case .rest: rest()
        case .release: release()
        case .finish: finish()
        }
    }

    // MARK: At work

    private func open() {
        guard case .found(let found, let before) = possession else { preconditionFailure("nothing was found out") }
        let (content, have) = (found.content, found.finding.have)
        let session = SwarmSession(
            content, have: have, fetches: fetches, magnet: plan.source.link, context: context, reactor: reactor,
            seed: seed, after: before)
        session.delegate = self
        let keeper = RecordKeeper(
            content, recorded: found.finding.recorded, context: context, reactor: reactor, have: { session.have },
            onProblem: { [weak self] error in self?.met(error) },
            onUnrecorded: { [weak self] error in self?.tellUnrecorded(error) })
        let watch = ContentWatch(content.storage, reactor: reactor, workers: context.readers) { [weak self] change in
            self?.met(change)
        }
        possession = .work(Work(session: session, keeper: keeper, watch: watch), content)
        tally.works(have.isFull || !fetches ? .seeding : .leeching)
        publish()
        _ = sight.tell(of: self)
        // Peers that are connected already do not wait for the disk.
        if before != nil { session.start() }
        // What was found is recorded before anything else happens, so that it need not be hashed again.
        let stage = life.stage
        keeper.flush { [self] in take(.recorded, of: stage) }
    }

    private func start() {
        guard let session = work?.session else { return }
        session.start()
        guard fetches else {
            // It became complete while it was being paused.
            if isComplete, context.options.ends.whenDone { return stop() }
            return sayThatItSeeds()
        }
        sayIfAlone(session, for: session.isPrivate ? "it is private and names no tracker" : "it names no tracker")
    }

    /// For all choices of a brain.
    var seed: UInt64 { context.options.seed ?? RandomSeed.fromSystem() }

    func accept(_ established: HandshakeLink.Established, from endpoint: Endpoint) {
        if let metadataSession { return metadataSession.accept(established, from: endpoint) }
        guard isAtWork, let session = work?.session else { return established.stream.close() }
        session.accept(established, from: endpoint)
    }

    /// These have announced themselves, for this torrent, at the tracker of this process.
    func announcedHere(_ endpoints: [Endpoint]) {
        reactor.preconditionOnReactor()
        for endpoint in endpoints {
            if let metadataSession {
                metadataSession.tellBrain(.newcomer(endpoint))
            } else if isAtWork {
                work?.session.tellBrain(.newcomer(endpoint))
            }
        }
    }

    /// The rates, or the number of peers, may be others now.
    func limitsChanged(peers: Int) {
        reactor.preconditionOnReactor()
        let hasOtherPeers = peers != context.options.maxPeers
        context.options.maxPeers = peers
        if let metadataSession { tellLimits(to: metadataSession, areOther: hasOtherPeers) }
        if isAtWork, let session = work?.session { tellLimits(to: session, areOther: hasOtherPeers) }
    }

    private func tellLimits(to session: some PeerSession, areOther hasOtherPeers: Bool) {
        if hasOtherPeers { session.tellBrain(.connectionsLimited(Int32(clamping: context.options.maxPeers))) }
        session.links.limitsChanged()
    }

    func publish() {
        if let session = work?.session {
            tally.publish(session, at: reactor.now)
        } else if let metadataSession {
            tally.publish(metadataSession, at: reactor.now)
        } else {
            tally.publish()
        }
    }

    // MARK: Endings

    private func close(recording: Bool) {
        guard case .work(var work, let content) = possession else { return }
        publish()
        _ = sight.tell(of: self)
        if !recording {
            work.watch = nil
            possession = .work(work, content)
            if let progressTimer { reactor.cancel(progressTimer) }
            progressTimer = nil
            tally.rests(.checking)
        }
        let stage = life.stage
        let (session, keeper) = (work.session, work.keeper)
        session.stop(within: Self.stopTimeout) { [self] in take(.sessionClosed, of: stage) }
        // A piece that is written after the record was made would change the files that it describes.
        session.whenStored { [self] in
            let done = { self.take(.recordClosed, of: stage) }
            if recording { keeper.flush(done: done) } else { keeper.retire(done: done) }
        }
    }

    /// Nothing that the session still does is heard.
    func letGoOfSession() {
        guard case .work(let work, let content) = possession else { return }
        work.session.delegate = nil
        tally.leave(work.session)
        possession = .content(content)
        // Its peers are gone.
        _ = sight.tell(of: self)
    }

    private func release() {
        letGoOfSession()
        letGoOfContent()
        // Nor are those of a session that fetched the metadata there any more.
        _ = sight.tell(of: self)
        tally.rests(.paused)
    }

    private func letGoOfContent() {
        for timer in [progressTimer, seedTime.end(at: reactor.now)] { if let timer { reactor.cancel(timer) } }
        if case .rest(let timer, _, _) = possession { reactor.cancel(timer) }
        progressTimer = nil
        content?.storage.close()
        possession = .nothing
    }

    private func finish() {
        letGoOfSession()
        letGoOfContent()
        tally.end()
        farewell.isDue = true
        sayGoodbye()
    }

    /// The last word, when what is being written beside the records has been.
    private func sayGoodbye() {
        guard farewell.isDue, !farewell.isKeepingMetadata, let tell = farewell.onEnd else { return }
        farewell.onEnd = nil
        lock?.release()
        let progress = tally.progress
        context.onEvent(
            .stopped(
                infoHash, downloaded: progress.downloaded, uploaded: progress.uploaded,
                left: life.knowsMetadata ? progress.left : nil))
        tell(self, Ending(failure: farewell.failure, isUnfinished: isUnfinished))
    }

    /// Keeps the metadata for the next run, on a worker.
    func keep(metadata bytes: [UInt8]) {
        farewell.isKeepingMetadata = true
        let (records, infoHash) = (context.records, infoHash)
        let reply = reactor.reply { [self] (problem: SystemError?) in
            if let problem { tellUnkept(problem) }
            farewell.isKeepingMetadata = false
            sayGoodbye()
        }
        context.readers.perform(reply: reply) { () -> SystemError? in
            do throws(SystemError) { try records.saveMetadata(bytes, of: infoHash) } catch { return error }
            return nil
        }
    }

    /// What it was for is not there.
    private var isUnfinished: Bool {
        switch plan.role {
        case .seed: false
        case .leech: !isComplete
        case .look: !life.knowsMetadata
        }
    }
}

extension TorrentTask: SwarmSessionDelegate {
    func sessionCompleted(_ session: SwarmSession) {
        guard plan.role == .leech, !isComplete, let keeper = work?.keeper else { return }
        // Complete means that everything is on the disk, so not before.
        keeper.flush(finishing: true) { [weak self] in self?.completed(keeper) }
    }

    private func completed(_ keeper: RecordKeeper) {
        // What kept it from the disk, or is not what we wrote, has been told by then.
        guard !isComplete, work?.keeper === keeper, keeper.lastProblem == nil, let content else { return }
        isComplete = true
        publish()
        context.onEvent(
            .complete(
                infoHash, bytes: content.geometry.totalLength, seconds: (reactor.now - beganAt).inSeconds,
                path: content.savedPath))
        // The last pieces may be verified while stopping.
        guard life.state == .running else { return }
        if context.options.ends.whenDone { return stop() }
        sayThatItSeeds()
    }

    private func sayThatItSeeds() {
        guard let content else { return }
        // From now on it is only read: others may seed from the same folder.
        lock?.become(writing: false)
        tally.works(.seeding)
        context.onEvent(
            .seeding(
                infoHash, name: ByteString(content.metainfo.name.bytes), uploaded: tally.progress.uploaded,
                path: content.savedPath))
        if let session = work?.session { publishOnceNobodyNearHasCome(session) }
        if let notice = work?.session.superSeedingNotice { context.onEvent(.notice(infoHash, notice)) }
        stopInTime()
        stopAtRatio()
    }

    func sessionMoved(_ session: SwarmSession) { publishLater() }

    func publishLater() {
        guard progressTimer == nil, isAtWork || metadataSession != nil else { return }
        progressTimer = reactor.setTimer(after: ProgressBoard.interval) { [weak self] in
            guard let self else { return }
            progressTimer = nil
            let before = tally.progress
            publish()
            let isSeenToMove = sight.tell(of: self)
            let progress = tally.progress
            if progress.uploaded > before.uploaded { work?.watch?.served() }
            // Rates fall to zero after the last byte: look again until they have.
            if progress != before || progress.downloadRate + progress.uploadRate > 0 || isSeenToMove {
                publishLater()
            } else {
                context.buffers.trim()
            }
            stopAtRatio()
        }
    }

    private func stopInTime() {
        guard let limit = context.options.ends.time else { return }
        seedTime.begin(at: reactor.now, of: limit) { left in
            reactor.setTimer(after: left) { [weak self] in self?.stop() }
        }
    }

    private func stopAtRatio() {
        guard let ratio = context.options.ends.ratio, isComplete || plan.role == .seed, let content else { return }
        if Double(tally.progress.uploaded) >= ratio * Double(content.geometry.totalLength) { stop() }
    }

    func session(_ session: SwarmSession, notice: PeerNotice) {
        context.onEvent(.notice(infoHash, notice))
    }

    func session(_ session: SwarmSession, failed error: StorageError) {
        met(error)
    }

    func session(_ session: SwarmSession, stored piece: PieceIndex) {
        work?.keeper.stored(piece)
    }
}
