import Dispatch
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

    private enum Phase {
        case waiting, checking
        case running(SwarmSession, RecordKeeper)
        case stopping(SwarmSession, RecordKeeper)
        case ended
    }

    /// The trackers are told for so long at the end, and no longer.
    private static let stopTimeout = Duration.milliseconds(1_200)

    let content: TorrentContent
    let role: PeerRole
    let reactor: Reactor
    private let context: NodeContext
    private let board: ProgressBoard
    private let place: Int
    private let onEnd: (Ending) -> Void
    private var phase = Phase.waiting
    private var progress: TorrentProgress
    private var progressTimer: TimerID?
    private var beganAt: Moment
    private var isComplete = false
    /// Once nothing is written any more.
    private var watch: ContentWatch?
    private var failure: PeerFailure?
    private let cancelled = Atomic(false)
    private let checkQueue: DispatchQueue

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
        checkQueue = DispatchQueue(label: "p2p.check")
        progress = TorrentProgress(
            infoHash: content.metainfo.infoHash, name: content.metainfo.name.description, state: .checking,
            totalBytes: content.geometry.totalLength)
        progress.left = content.geometry.totalLength
        place = board.add(progress)
    }

    private var infoHash: InfoHash { content.metainfo.infoHash }

    /// What there is from the first check on until the end.
    private var work: (session: SwarmSession, keeper: RecordKeeper)? {
        switch phase {
        case .running(let session, let keeper), .stopping(let session, let keeper): (session, keeper)
        case .waiting, .checking, .ended: nil
        }
    }

    // MARK: Checking

    func begin() {
        reactor.preconditionOnReactor()
        guard case .waiting = phase else { return }
        phase = .checking
        beganAt = reactor.now
        let (infoHash, onEvent) = (infoHash, context.onEvent)
        let pace = Pace(.milliseconds(100))
        let survey = ContentSurvey(
            content: content, records: context.records, role: role, overwrite: context.options.overwrite,
            onProgress: { done, total in
                if done == total || pace.isDue { onEvent(.checking(infoHash, done: done, total: total)) }
            },
            isCancelled: { self.cancelled.load(ordering: .relaxed) })
        let reply = reactor.reply { [self] (result: Result<ContentSurvey.Finding, PeerFailure>) in surveyed(result) }
        checkQueue.async {
            reply.send(Result { () throws(PeerFailure) in try survey.run() })
        }
    }

    private func surveyed(_ result: Result<ContentSurvey.Finding, PeerFailure>) {
        guard case .checking = phase, !cancelled.load(ordering: .relaxed) else { return end() }
        switch result {
        case .failure(let failure): fail(failure)
        case .success(let finding): run(finding)
        }
    }

    // MARK: Running

    private func run(_ finding: ContentSurvey.Finding) {
        context.onEvent(.verified(infoHash, finding.verified))
        if role == .seed, finding.have.isEmpty, content.geometry.pieceCount > 0 {
            return fail(
                PeerFailure(
                    .notFound, "nothing of \(content.metainfo.name) is in \(content.folderName): check --dir"))
        }
        let session = SwarmSession(
            content, have: finding.have, fetches: role == .leech, context: context, reactor: reactor,
            seed: context.options.seed ?? RandomSeed.fromSystem())
        session.delegate = self
        let keeper = RecordKeeper(
            content, record: finding.record, recorded: finding.recorded, context: context, reactor: reactor,
            have: { session.have },
            onFailure: { [weak self] error in
                guard let self else { return }
                self.session(session, notice: PeerNotice(code: "flush_failed", text: content.failure(error).message))
            })
        phase = .running(session, keeper)
        progress.state = finding.have.isFull || role == .seed ? .seeding : .leeching
        publish()
        // The record says whose the files are before the first of them is made.
        keeper.flush { [self] in
            guard case .running(let session, let keeper) = phase else { return }
            session.start()
            if role == .seed {
                sayThatItSeeds(session, keeper)
                stopInTime()
            }
        }
    }

    private func sayThatItSeeds(_ session: SwarmSession, _ keeper: RecordKeeper) {
        watch = ContentWatch(
            content.storage, keeper.record.signatures, reactor: reactor, workers: context.readers,
            onChange: { [weak self] change in
                guard let self else { return }
                fail(content.failure(change))
            })
        progress.state = .seeding
        context.onEvent(
            .seeding(infoHash, name: content.metainfo.name.description, uploaded: session.figures.uploaded))
    }

    func accept(_ socket: Descriptor, from endpoint: Endpoint, handshake: Handshake) {
        guard case .running(let session, _) = phase else { return socket.close() }
        session.accept(socket, from: endpoint, handshake: handshake)
    }

    private func publish() {
        if let figures = work?.session.figures {
            progress.downloaded = figures.downloaded
            progress.uploaded = figures.uploaded
            progress.left = figures.left
            progress.downloadRate = figures.downloadRate
            progress.uploadRate = figures.uploadRate
            progress.peers = figures.peers
            progress.seeds = figures.seeds
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
        // A piece that is written after the record was would make it one of other files.
        session.whenStored { keeper.flush(done: done) }
    }

    private func fail(_ failure: PeerFailure) {
        guard self.failure == nil else { return }
        self.failure = failure
        context.onEvent(.failed(infoHash, failure))
        switch phase {
        case .running(let session, let keeper): stop(session, keeper)
        case .waiting, .checking: end()
        case .stopping, .ended: break
        }
    }

    private func end() {
        if case .ended = phase { return }
        phase = .ended
        if let progressTimer { reactor.cancel(progressTimer) }
        progress.state = .stopped
        progress.downloadRate = 0
        progress.uploadRate = 0
        content.storage.close()
        context.onEvent(.stopped(infoHash, downloaded: progress.downloaded, uploaded: progress.uploaded))
        onEnd(Ending(failure: failure, isUnfinished: role == .leech && !isComplete))
    }
}

extension TorrentTask: SwarmSessionDelegate {
    func sessionCompleted(_ session: SwarmSession) {
        guard role == .leech, !isComplete, let keeper = work?.keeper else { return }
        // Not before everything is on the disk: complete means that it is there.
        keeper.flush(finishing: true) { [weak self] in self?.completed(session, keeper) }
    }

    private func completed(_ session: SwarmSession, _ keeper: RecordKeeper) {
        guard !isComplete else { return }
        if let failure = keeper.lastFailure { return fail(content.failure(failure)) }
        isComplete = true
        publish()
        context.onEvent(
            .complete(
                infoHash, bytes: content.geometry.totalLength, seconds: (reactor.now - beganAt).inSeconds))
        // The last pieces may come good on the way out.
        guard case .running = phase else { return }
        if context.options.exitWhenDone { return stop() }
        sayThatItSeeds(session, keeper)
        stopInTime()
        stopAtRatio(session)
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
            stopAtRatio(session)
        }
    }

    private func stopInTime() {
        guard let time = context.options.seedTime else { return }
        reactor.setTimer(after: time) { [weak self] in self?.stop() }
    }

    private func stopAtRatio(_ session: SwarmSession) {
        guard let ratio = context.options.seedRatio, isComplete || role == .seed else { return }
        let total = Double(content.geometry.totalLength)
        if Double(session.figures.uploaded) >= ratio * total { stop() }
    }

    func session(_ session: SwarmSession, notice: PeerNotice) {
        context.onEvent(.notice(infoHash, notice))
    }

    func session(_ session: SwarmSession, failed failure: PeerFailure) {
        fail(failure)
    }

    func session(_ session: SwarmSession, stored piece: PieceIndex) {
        work?.keeper.stored(piece)
    }
}

/// True at most once an interval; from any thread.
private final class Pace: Sendable {
    private let interval: Duration
    private let last = Mutex(Moment.zero)

    init(_ interval: Duration) {
        self.interval = interval
    }

    var isDue: Bool {
        let now = MonotonicClock.now()
        return last.withLock { last in
            guard now - last >= interval else { return false }
            last = now
            return true
        }
    }
}
