import PeerEvents
import Synchronization
import TorrentCore
import TorrentIO

// The content on disk: checked at the start, and again when it turns out not to be what we hold.
extension TorrentTask {
    /// Has the content checked, after a rest with what this run knows in place of the record on the disk.
    func check() {
        var known: ResumeRecord?
        if case .rest(_, _, let record) = possession { known = record }
        let before = metadataSession
        letGoOfSession()
        tally.rests(.checking)
        let (stage, isRepeated) = (life.stage, known != nil)
        let check = ContentCheck(
            reply: reactor.reply { [self] answer in checked(answer, of: stage, isRepeated: isRepeated) })
        let open = survey(for: check)
        possession = .check(check, content, before)
        context.shared.checks.perform(check, known, open)
    }

    private func survey(for check: ContentCheck) -> CheckQueues.Opening {
        let (infoHash, onEvent, openFiles) = (infoHash, context.onEvent, context.shared.openFiles)
        let (plan, records, overwrite) = (plan, context.records, context.options.overwrite)
        let role: PeerRole = fetches ? .leech : .seed
        let (content, throttle) = (content, ReportThrottle(.milliseconds(100)))
        return { () throws(PeerFailure) in
            guard let metainfo = plan.metainfo else { preconditionFailure("checked before it is known what it is") }
            let opened = if let content { content } else { try plan.open(metainfo, openFiles) }
            return ContentSurvey(
                content: opened, records: records, role: role, overwrite: overwrite,
                onProgress: { done, total in
                    if done == total || throttle.isDue { onEvent(.checking(infoHash, done: done, total: total)) }
                },
                isCancelled: { check.isCalledOff })
        }
    }

    private func checked(_ answer: ContentCheck.Answer, of stage: Int, isRepeated: Bool) {
        guard life.stage == stage, case .check(_, _, let before) = possession else { return }
        guard life.wantsFinding else { return take(.checkEnded, of: stage) }
        do throws(PeerFailure) {
            let found = try answer.get()
            if isRepeated { try tellRepeated(found.finding) }
            context.onEvent(.verified(infoHash, found.finding.verified))
            if !fetches, found.finding.have.isEmpty, found.content.geometry.pieceCount > 0 {
                throw found.content.nothingThere
            }
            possession = .found(found, before)
            take(.checkFound, of: stage)
        } catch {
            _ = note(error)
            take(.checkEnded, of: stage)
        }
    }

    /// Leaves the content alone for a while: whoever changes it may not be done.
    func rest() {
        guard case .work(let work, let content) = possession else { return }
        let have = work.session.have
        let known = ResumeRecord(infoHash: infoHash, have: have, holdings: content.storage.holdings)
        letGoOfSession()
        let stage = life.stage
        let pause = disturbances.pause(at: reactor.now, pieces: have.setCount)
        let timer = reactor.setTimer(after: pause) { [self] in take(.rested, of: stage) }
        possession = .rest(timer, content, known: known)
    }

    private func tellRepeated(_ finding: ContentSurvey.Finding) throws(PeerFailure) {
        guard disturbances.checked(at: reactor.now, pieces: finding.have.setCount) else {
            let advice = "end what writes to it, then start again"
            throw PeerFailure(.io, "\(plan.name) is changed again and again; \(advice)")
        }
        tell(finding)
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
        guard let content else { return }
        guard error.problem.isChange else { return fail(content.failure(error, have: work?.session.have)) }
        let text = "\(content.path(of: error.file)) \(error.problem)"
        switch life.state {
        case .opening, .running:
            guard content.storage.folder.isAtItsPath else {
                return fail(
                    PeerFailure(
                        .io, "\(content.folderName) was moved away or replaced: start again with the right --dir"))
            }
            context.onEvent(.notice(infoHash, PeerNotice(code: "content_changed", text: "\(text): checking it")))
            take(.contentChanged)
        case .closing(_, then: .end), .closing(_, then: .pause):
            let advice = "the next start checks it"
            context.onEvent(.notice(infoHash, PeerNotice(code: "content_changed", text: "\(text); \(advice)")))
        case .waiting, .held, .fetching, .checking, .closing, .resting, .paused, .ended: break
        }
    }

    func tellUnrecorded(_ error: SystemError) {
        let place = context.records.folder.map { "\($0)" } ?? ""
        let text = "what was verified cannot be recorded in \(place): \(error.text); the next start checks all of it"
        context.onEvent(.notice(infoHash, PeerNotice(code: "not_recorded", text: text)))
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
