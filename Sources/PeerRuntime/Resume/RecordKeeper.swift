import TorrentCore
import TorrentIO

/// Keeps a torrent's resume record up to date: at most two seconds or 64 MiB of stored pieces are not in it (promise
/// 3).
///
/// First the files are flushed, then their paths are looked at as a stranger would, then the record is written: it
/// never says more than the disk holds, and is only of files that stand where they should. Confined to the torrent's
/// reactor; the waiting is done on a worker, one flush at a time.
// @unchecked: confined as said; `Job` holds what the worker needs.
final class RecordKeeper: @unchecked Sendable {
    static let flushInterval = Duration.seconds(2)
    static let flushBytes = 64 << 20
    /// Most files that a flush looks at although nobody wrote to them; in a larger torrent each flush looks at the next
    /// ones.
    private static let looksAFlush = 1_000

    private let content: TorrentContent
    private let context: NodeContext
    private let reactor: Reactor
    /// The bits to be recorded, asked for when a flush begins.
    private let have: () -> Bitfield
    /// Called with what could not be flushed, or is no longer what is held.
    private let onProblem: (StorageError) -> Void
    /// Called once if the record could not be written.
    private let onUnrecorded: (SystemError) -> Void
    private var hasToldUnrecorded = false
    /// What stands on the disk, as far as we know.
    private var recorded: ResumeRecord?
    private var touched: Set<Int> = []
    private var nextLook = 0
    private var unflushedBytes = 0
    private var timer: TimerID?
    private var isFlushing = false
    /// Set when nothing more is to be recorded; called when the current flush has ended.
    private var retired: (() -> Void)?
    private var waiting: [() -> Void] = []
    /// The problem of the last flush.
    private(set) var lastProblem: StorageError?

    init(
        _ content: TorrentContent, recorded: ResumeRecord?, context: NodeContext, reactor: Reactor,
        have: @escaping () -> Bitfield, onProblem: @escaping (StorageError) -> Void,
        onUnrecorded: @escaping (SystemError) -> Void
    ) {
        self.content = content
        self.context = context
        self.reactor = reactor
        self.have = have
        self.recorded = recorded
        self.onProblem = onProblem
        self.onUnrecorded = onUnrecorded
    }

    /// A piece has been written.
    func stored(_ piece: PieceIndex) {
        let length = content.geometry.length(of: piece)
        for segment in content.storage.layout.segments(offset: content.geometry.offset(of: piece), length: length) {
            touched.insert(segment.file)
        }
        unflushedBytes += length
        if unflushedBytes >= Self.flushBytes, !isFlushing {
            flush()
        } else if timer == nil {
            timer = reactor.setTimer(after: Self.flushInterval) { [weak self] in
                self?.timer = nil
                self?.flush()
            }
        }
    }

    /// Flushes and records all that is stored now; `done` is called when that is on the disk, or has failed. With
    /// `finishing`, every piece is there: files without content are made, and every file is looked at.
    func flush(finishing: Bool = false, done: @escaping () -> Void = {}) {
        if isFlushing {
            // The one under way began too early for `done`: another follows it.
            waiting.append { [self] in flush(finishing: finishing, done: done) }
            return
        }
        if let timer { reactor.cancel(timer) }
        timer = nil
        isFlushing = true
        let job = Job(
            content: content, have: have(), recorded: recorded, looks: finishing ? allFiles : filesToLookAt(),
            isFinishing: finishing, records: context.records)
        touched = []
        unflushedBytes = 0
        let reply = reactor.reply { [self] (outcome: Job.Outcome) in
            isFlushing = false
            if let retired { return retired() }
            ended(outcome)
            done()
            let next = waiting
            waiting = []
            for body in next { body() }
        }
        context.readers.perform(reply: reply) { job.run() }
    }

    /// Nothing is recorded from now on; `done` is called when the current flush has ended, which is not reported. Its
    /// record must not combine pieces from when it began with files as they are found later.
    func retire(done: @escaping () -> Void) {
        if let timer { reactor.cancel(timer) }
        timer = nil
        waiting = []
        retired = done
        if !isFlushing { done() }
    }

    private var allFiles: [Int] { Array(content.storage.files.indices) }

    private func filesToLookAt() -> [Int] {
        let count = content.storage.files.count
        guard count > Self.looksAFlush else { return allFiles }
        let others = (0..<Self.looksAFlush).map { (nextLook + $0) % count }
        nextLook = (nextLook + Self.looksAFlush) % count
        return touched.sorted() + others
    }

    private func ended(_ outcome: Job.Outcome) {
        recorded = outcome.recorded
        lastProblem = outcome.problem
        if let error = outcome.unrecorded, !hasToldUnrecorded {
            hasToldUnrecorded = true
            onUnrecorded(error)
        }
        if let problem = outcome.problem { onProblem(problem) }
    }

    /// One flush, as a worker does it.
    private struct Job: Sendable {
        struct Outcome: Sendable {
            /// The record on the disk. Without one the next start checks everything: slower, but nothing is lost.
            var recorded: ResumeRecord?
            var problem: StorageError?
            /// Why the record could not be written.
            var unrecorded: SystemError?
        }

        let content: TorrentContent
        let have: Bitfield
        let recorded: ResumeRecord?
        let looks: [Int]
        let isFinishing: Bool
        let records: ResumeStore

        func run() -> Outcome {
            FlushGate.wait()
            let problem: StorageError?
            do throws(StorageError) {
                if isFinishing { try content.storage.createEmptyFiles() }
                problem = try flush()
            } catch {
                return Outcome(recorded: recorded, problem: error)
            }
            // Also if somebody changed a file: the record describes it as we left it, so that the next start sees the
            // difference, and can trust the other files.
            let record = ResumeRecord(
                infoHash: content.metainfo.infoHash, have: have, holdings: content.storage.holdings)
            // A record that is there already is not written again: a seeder of 100,000 files never writes one.
            if record == recorded { return Outcome(recorded: record, problem: problem) }
            do throws(SystemError) {
                try records.save(record, of: content)
                return Outcome(recorded: record, problem: problem)
            } catch {
                return Outcome(recorded: nil, problem: problem, unrecorded: error)
            }
        }

        /// Returns which file somebody has changed, once all others are on the disk.
        private func flush() throws(StorageError) -> StorageError? {
            do throws(StorageError) {
                try content.storage.flush()
            } catch {
                guard error.problem.isChange else { throw error }
                return error
            }
            return content.storage.change(in: looks)
        }
    }
}
