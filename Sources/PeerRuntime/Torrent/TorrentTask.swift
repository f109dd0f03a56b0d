import ByteStrings
import PeerEvents
import SwarmEngine
import Synchronization
import TorrentCore
import TorrentIO

/// One torrent of a node from beginning to end: checked, at work, stopped.
// @unchecked: confined to `reactor`; `cancelled` is safe from everywhere.
final class TorrentTask: @unchecked Sendable {
    /// How it ended.
    struct Ending: Sendable {
        var failure: PeerFailure?
        /// It was to be fetched, and was stopped before it was complete.
        var isUnfinished: Bool
    }

    enum Phase {
        case waiting, checking
        case running(SwarmSession, RecordKeeper)
        /// What stood on the disk has changed: the session ends, and another begins after a check.
        case pausing
        case stopping(SwarmSession, RecordKeeper)
        case ended
    }

    /// How long trackers may take to answer at the end.
    private static let stopTimeout = Duration.milliseconds(1_200)

    let content: TorrentContent
    let role: PeerRole
    let reactor: Reactor
    let context: NodeContext
    private let board: ProgressBoard
    private let place: Int
    private let onEnd: (Ending) -> Void
    var phase = Phase.waiting
    private var progress: TorrentProgress
    private var progressTimer: TimerID?
    private var beganAt: Moment
    private(set) var isComplete = false
    private var watch: ContentWatch?
    private var failure: PeerFailure?
    let cancelled = Atomic(false)
    /// Recent changes of the content by others.
    var disturbances = Disturbances()
    /// Bytes moved by earlier sessions.
    private var carried: (downloaded: Int64, uploaded: Int64) = (0, 0)
    private var hasSeedTimer = false
    /// Runs before a check: whoever changes the content may not be done.
    var pauseTimer: TimerID?

    init(
        _ content: TorrentContent, role: PeerRole, reactor: Reactor, context: NodeContext, board: ProgressBoard,
        onEnd: @escaping (Ending) -> Void
    ) {
        self.content = content
        self.role = role
        self.reactor = reactor
        self.context = context
        self.board = board
        self.onEnd = onEnd
        beganAt = reactor.now
        progress = TorrentProgress(
            infoHash: content.metainfo.infoHash, state: .checking, totalBytes: content.geometry.totalLength)
        progress.left = content.geometry.totalLength
        place = board.add(progress)
    }

    var infoHash: InfoHash { content.metainfo.infoHash }

    /// Whether anything is to be fetched, or written, from now on.
    var fetches: Bool { role == .leech && !isComplete }

    /// The session and its keeper, from the first check until the end.
    var work: (session: SwarmSession, keeper: RecordKeeper)? {
        switch phase {
        case .running(let session, let keeper), .stopping(let session, let keeper): (session, keeper)
        case .waiting, .checking, .pausing, .ended: nil
        }
    }

    // MARK: Running

    func begin() {
        reactor.preconditionOnReactor()
        guard case .waiting = phase else { return }
        beganAt = reactor.now
        check(nil)
    }

    func run(_ finding: ContentSurvey.Finding) {
        context.onEvent(.verified(infoHash, finding.verified))
        if !fetches, finding.have.isEmpty, content.geometry.pieceCount > 0 {
            return fail(content.nothingThere)
        }
        let session = SwarmSession(
            content, have: finding.have, fetches: fetches, context: context, reactor: reactor,
            seed: context.options.seed ?? RandomSeed.fromSystem())
        session.delegate = self
        let keeper = RecordKeeper(
            content, recorded: finding.recorded, context: context, reactor: reactor, have: { session.have },
            onProblem: { [weak self] error in self?.met(error) },
            onUnrecorded: { [weak self] error in self?.tellUnrecorded(error) })
        phase = .running(session, keeper)
        progress.state = finding.have.isFull || !fetches ? .seeding : .leeching
        publish()
        watch = ContentWatch(content.storage, reactor: reactor, workers: context.readers) { [weak self] change in
            self?.met(change)
        }
        // What was found is recorded before anything else happens, so that it need not be hashed again.
        keeper.flush { [self] in
            guard case .running(let current, _) = phase, current === session else { return }
            session.start()
            guard fetches else { return sayThatItSeeds() }
            guard session.hasNobodyToAsk else { return }
            // At once: nothing would ever happen, and nothing would ever say why.
            let text = "nobody to ask: it names no tracker; name a peer with --peer"
            context.onEvent(.notice(infoHash, PeerNotice(code: "nobody_to_ask", text: text)))
        }
    }

    private func sayThatItSeeds() {
        progress.state = .seeding
        context.onEvent(
            .seeding(
                infoHash, name: ByteString(content.metainfo.name.bytes), uploaded: progress.uploaded,
                path: content.savedPath))
        stopInTime()
        stopAtRatio()
    }

    func accept(_ established: HandshakeLink.Established, from endpoint: Endpoint) {
        guard case .running(let session, _) = phase else { return established.stream.close() }
        session.accept(established, from: endpoint)
    }

    func publish() {
        if let figures = work?.session.figures {
            progress.downloaded = carried.downloaded + figures.downloaded
            progress.uploaded = carried.uploaded + figures.uploaded
            progress.left = figures.left
            progress.downloadRate = figures.downloadRate
            progress.uploadRate = figures.uploadRate
            progress.peers = figures.peers
            progress.seeds = figures.seeds
            progress.standstill = work?.session.standstill(figures)
            progress.whyNobodyStays = progress.standstill == .nobodyStays ? work?.session.shortStay?.why : nil
            progress.nextAnnounce = figures.nextAnnounce.map { ($0 - reactor.now).inSeconds.rounded() }
        }
        board.put(progress, at: place)
    }

    // MARK: Ending

    /// Ends it, in good order.
    func stop() {
        reactor.preconditionOnReactor()
        cancelled.store(true, ordering: .relaxed)
        switch phase {
        case .waiting: end()
        case .running(let session, let keeper): stop(session, keeper)
        case .pausing: if pauseTimer != nil { end() }
        // The check looks at `cancelled`.
        case .checking, .stopping, .ended: break
        }
    }

    private func stop(_ session: SwarmSession, _ keeper: RecordKeeper) {
        publish()
        phase = .stopping(session, keeper)
        var waitsFor = 2
        let done: () -> Void = { [self] in
            waitsFor -= 1
            if waitsFor == 0 { end() }
        }
        session.stop(within: Self.stopTimeout, done: done)
        // A piece that is written after the record was made would change the files that it describes.
        session.whenStored { keeper.flush(done: done) }
    }

    func fail(_ failure: PeerFailure) {
        guard self.failure == nil else { return }
        self.failure = failure
        context.onEvent(.failed(infoHash, failure))
        switch phase {
        case .running(let session, let keeper): stop(session, keeper)
        case .waiting, .checking: end()
        case .pausing, .stopping, .ended: break
        }
    }

    /// Ends a session that another one will follow; `done` when everything that it received is stored and nothing more
    /// will be recorded of it.
    func pause(_ session: SwarmSession, _ keeper: RecordKeeper, done: @escaping () -> Void) {
        publish()
        carried = (progress.downloaded, progress.uploaded)
        phase = .pausing
        watch = nil
        progress.state = .checking
        progress.standstill = nil
        publish()
        var waitsFor = 2
        let ended: () -> Void = {
            waitsFor -= 1
            guard waitsFor == 0 else { return }
            session.delegate = nil
            keeper.retire(done: done)
        }
        session.stop(within: Self.stopTimeout, done: ended)
        session.whenStored(ended)
    }

    func end() {
        if case .ended = phase { return }
        phase = .ended
        for timer in [progressTimer, pauseTimer] { if let timer { reactor.cancel(timer) } }
        progress.state = .stopped
        progress.standstill = nil
        progress.downloadRate = 0
        progress.uploadRate = 0
        content.storage.close()
        context.records.unlock(content)
        context.onEvent(
            .stopped(
                infoHash, downloaded: progress.downloaded, uploaded: progress.uploaded, left: progress.left))
        onEnd(Ending(failure: failure, isUnfinished: role == .leech && !isComplete))
    }
}

extension TorrentTask: SwarmSessionDelegate {
    func sessionCompleted(_ session: SwarmSession) {
        guard role == .leech, !isComplete, let keeper = work?.keeper else { return }
        // Complete means that everything is on the disk, so not before.
        keeper.flush(finishing: true) { [weak self] in self?.completed(keeper) }
    }

    private func completed(_ keeper: RecordKeeper) {
        // What kept it from the disk, or is not what we wrote, has been told by then.
        guard !isComplete, keeper.lastProblem == nil else { return }
        isComplete = true
        publish()
        context.onEvent(
            .complete(
                infoHash, bytes: content.geometry.totalLength, seconds: (reactor.now - beganAt).inSeconds,
                path: content.savedPath))
        // The last pieces may be verified while stopping.
        guard case .running = phase else { return }
        if context.options.exitWhenDone { return stop() }
        // From now on it is only read: others may seed from the same folder.
        _ = context.records.lock(content, writing: false)
        sayThatItSeeds()
    }

    func sessionMoved(_ session: SwarmSession) {
        guard progressTimer == nil, case .running = phase else { return }
        progressTimer = reactor.setTimer(after: ProgressBoard.interval) { [weak self] in
            guard let self else { return }
            progressTimer = nil
            let before = progress
            publish()
            if progress.uploaded > before.uploaded { watch?.served() }
            // Rates fall to zero after the last byte: look again until they have.
            if progress != before || progress.downloadRate + progress.uploadRate > 0 {
                sessionMoved(session)
            } else {
                context.buffers.trim()
            }
            stopAtRatio()
        }
    }

    private func stopInTime() {
        guard let time = context.options.seedTime, !hasSeedTimer else { return }
        hasSeedTimer = true
        reactor.setTimer(after: time) { [weak self] in self?.stop() }
    }

    private func stopAtRatio() {
        guard let ratio = context.options.seedRatio, isComplete || role == .seed else { return }
        let total = Double(content.geometry.totalLength)
        if Double(progress.uploaded) >= ratio * total { stop() }
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
