import PeerEvents
import Synchronization
import TorrentCore
import TorrentIO

// The content on disk: checked at the start, and again when it turns out not to be what we hold.
extension TorrentTask {
    /// Checks the content and begins to run. With `known`, that record of this run is used in place of the one on the
    /// disk.
    func check(_ known: ResumeRecord?) {
        phase = .checking
        let (infoHash, onEvent) = (infoHash, context.onEvent)
        let throttle = ReportThrottle(.milliseconds(100))
        let survey = ContentSurvey(
            content: content, records: context.records, role: fetches ? .leech : .seed,
            overwrite: context.options.overwrite,
            onProgress: { done, total in
                if done == total || throttle.isDue { onEvent(.checking(infoHash, done: done, total: total)) }
            },
            isCancelled: { self.cancelled.load(ordering: .relaxed) })
        let isRepeated = known != nil
        let reply = reactor.reply { [self] (result: Result<ContentSurvey.Finding, PeerFailure>) in
            surveyed(result, isRepeated: isRepeated)
        }
        context.checks.perform(survey, known, reply: reply)
    }

    private func surveyed(_ result: Result<ContentSurvey.Finding, PeerFailure>, isRepeated: Bool) {
        guard case .checking = phase, !cancelled.load(ordering: .relaxed) else { return end() }
        switch result {
        case .failure(let failure): fail(failure)
        case .success(let finding):
            if isRepeated {
                guard disturbances.checked(at: reactor.now, pieces: finding.have.setCount) else {
                    let advice = "end what writes to it, then start again"
                    return fail(
                        PeerFailure(.io, "\(content.metainfo.name) is changed again and again; \(advice)"))
                }
                tell(finding)
            }
            run(finding)
        }
    }

    private func tell(_ finding: ContentSurvey.Finding) {
        let verified = finding.verified
        let text =
            verified.goodPieces == verified.pieces
            ? "every piece is right: going on"
            : "\(verified.goodPieces) of \(verified.pieces) pieces are right"
                + (fetches ? ": fetching the rest" : ", and served; leech fetches the rest")
        context.onEvent(.notice(infoHash, PeerNotice(code: "content_checked", text: text)))
    }

    /// Something could not be read, written or kept, or is no longer what we hold.
    func met(_ error: StorageError) {
        guard error.problem.isChange else { return fail(content.failure(error, have: work?.session.have)) }
        let text = "\(content.path(of: error.file)) \(error.problem)"
        switch phase {
        case .running(let session, let keeper):
            guard content.storage.folder.isAtItsPath else {
                return fail(
                    PeerFailure(
                        .io, "\(content.folderName) was moved away or replaced: start again with the right --dir"))
            }
            let pause = disturbances.pause(at: reactor.now, pieces: session.have.setCount)
            context.onEvent(.notice(infoHash, PeerNotice(code: "content_changed", text: "\(text): checking it")))
            checkAgain(session, keeper, after: pause)
        case .stopping:
            let advice = "the next start checks it"
            context.onEvent(.notice(infoHash, PeerNotice(code: "content_changed", text: "\(text); \(advice)")))
        case .waiting, .checking, .pausing, .ended: break
        }
    }

    func tellUnrecorded(_ error: SystemError) {
        let place = context.records.folder.map { "\($0)" } ?? ""
        let text = "what was verified cannot be recorded in \(place): \(error.text); the next start checks all of it"
        context.onEvent(.notice(infoHash, PeerNotice(code: "not_recorded", text: text)))
    }

    private func checkAgain(_ session: SwarmSession, _ keeper: RecordKeeper, after pause: Duration) {
        self.pause(session, keeper) { [self] in
            let known = ResumeRecord(
                infoHash: infoHash, have: session.have, holdings: content.storage.holdings)
            if cancelled.load(ordering: .relaxed) { return end() }
            pauseTimer = reactor.setTimer(after: pause) { [self] in
                pauseTimer = nil
                check(known)
            }
        }
    }
}

/// How often others change the content: each time there is a check, after a growing pause, and the torrent ends if
/// pieces are lost again and again.
struct Disturbances {
    private static let window = Duration.seconds(60)
    private static let mostLosses = 6
    private static let mostDoublings = 7

    private var moments: [Moment] = []
    private var losses: [Moment] = []
    /// Pieces that were there at the last change.
    private var piecesBefore = 0

    /// How long to wait before a check: whoever changes the content may not be done.
    mutating func pause(at now: Moment, pieces: Int) -> Duration {
        moments.removeAll { now - $0 > Self.window }
        moments.append(now)
        piecesBefore = pieces
        return .milliseconds(100 << min(moments.count, Self.mostDoublings))
    }

    /// What the check found. False if pieces have been lost so often that somebody must still be at it.
    mutating func checked(at now: Moment, pieces: Int) -> Bool {
        losses.removeAll { now - $0 > Self.window }
        if pieces < piecesBefore { losses.append(now) }
        return losses.count <= Self.mostLosses
    }
}

/// True at most once in `interval`; for any thread.
private final class ReportThrottle: Sendable {
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
