import SwarmEngine
import Synchronization
import TorrentCore
import TorrentIO

// What is on the disk: checked at the start, and again when it turns out not to be what we hold.
extension TorrentTask {
    /// Looks at the content and begins to run. With `known`, what this run knows takes the place of the record.
    func check(_ known: ResumeRecord?) {
        phase = .checking
        let (infoHash, onEvent) = (infoHash, context.onEvent)
        let pace = Pace(.milliseconds(100))
        let survey = ContentSurvey(
            content: content, records: context.records, role: fetches ? .leech : .seed,
            overwrite: context.options.overwrite,
            onProgress: { done, total in
                if done == total || pace.isDue { onEvent(.checking(infoHash, done: done, total: total)) }
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
            if isRepeated { tell(finding) }
            run(finding)
        }
    }

    private func tell(_ finding: ContentSurvey.Finding) {
        let verified = finding.verified
        disturbances.isHarmless(verified.goodPieces >= disturbances.piecesBefore)
        let text =
            verified.goodPieces == verified.pieces
            ? "every piece is right: going on"
            : "\(verified.goodPieces) of \(verified.pieces) pieces are right"
                + (fetches ? ": fetching the rest" : ", and served; leech fetches the rest")
        context.onEvent(.notice(infoHash, PeerNotice(code: "content_checked", text: text)))
    }

    /// Something could not be read, written or kept, or is no longer what we hold.
    func met(_ error: StorageError) {
        guard error.problem.isChange else { return fail(content.failure(error)) }
        let text = "\(content.path(of: error.file)) \(error.problem)"
        switch phase {
        case .running(let session, let keeper):
            guard content.storage.folder.isAtItsPath else {
                return fail(
                    PeerFailure(
                        .io, "\(content.folderName) was moved away or replaced: start again with the right --dir"))
            }
            guard let pause = disturbances.pause(at: reactor.now, pieces: session.have.setCount) else {
                return fail(PeerFailure(.io, "\(text), again and again; end what writes to it, then start again"))
            }
            if disturbances.areMarksUseless { lookAtSizesAlone() }
            context.onEvent(.notice(infoHash, PeerNotice(code: "content_changed", text: "\(text): checking it")))
            checkAgain(session, keeper, after: pause)
        case .stopping:
            let advice = "the next start checks it"
            context.onEvent(.notice(infoHash, PeerNotice(code: "content_changed", text: "\(text); \(advice)")))
        case .waiting, .checking, .pausing, .ended: break
        }
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

    private func lookAtSizesAlone() {
        content.storage.lookAtSizesAlone()
        let text = "\(content.folderName) changes the times of files by itself: changes are told by size alone"
        context.onEvent(.notice(infoHash, PeerNotice(code: "marks_useless", text: text)))
    }
}

/// How often others disturb the content, so that no torrent checks itself for ever.
struct Disturbances {
    private static let window = Duration.seconds(60)
    private static let limit = 6
    /// Checks in a row that found every piece as it was, after which the file system is held to be the cause.
    private static let harmlessLimit = 5

    private var moments: [Moment] = []
    private var harmless = 0
    /// Pieces that were there when the last one was seen.
    private(set) var piecesBefore = 0

    /// How long to wait before looking, longer each time; nil if there have been too many within a minute.
    mutating func pause(at now: Moment, pieces: Int) -> Duration? {
        moments.removeAll { now - $0 > Self.window }
        moments.append(now)
        piecesBefore = pieces
        guard moments.count <= Self.limit else { return nil }
        return .milliseconds(100 << moments.count)
    }

    /// What the check found.
    mutating func isHarmless(_ yes: Bool) { harmless = yes ? harmless + 1 : 0 }

    var areMarksUseless: Bool { harmless >= Self.harmlessLimit }
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
