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
    /// Files that nobody wrote to and that a flush looks at all the same; a torrent of more is gone through by turns.
    private static let looksAFlush = 1_000

    private let content: TorrentContent
    private let context: NodeContext
    private let reactor: Reactor
    /// The bits to be recorded, asked for when a flush begins.
    private let have: () -> Bitfield
    /// What could not be flushed, or is not what is held any more.
    private let onProblem: (StorageError) -> Void
    /// Told once: the record could not be written.
    private let onUnrecorded: (SystemError) -> Void
    private var hasToldUnrecorded = false
    /// What stands on the disk, as far as we know.
    private var recorded: ResumeRecord?
    private var touched: Set<Int> = []
    private var nextLook = 0
    private var unflushedBytes = 0
    private var timer: TimerID?
    private var isFlushing = false
    /// Set once nothing is recorded any more; waits for the flush that is still under way.
    private var retired: (() -> Void)?
    private var waiting: [() -> Void] = []
    /// What became of the last flush.
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

    /// Nothing is recorded from now on; `done` when the flush that is under way has ended, of which nobody is told. Its
    /// record must not be of pieces that were there when it began and of files as they are found later.
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
            /// What stands on the disk now. Without a record the next start checks everything: slower, and nothing is
            /// lost.
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
            // Also where somebody was at a file: the record is of the file as we left it, so that the next start sees
            // the difference, and need not doubt all the others.
            let record = ResumeRecord(
                infoHash: content.metainfo.infoHash, have: have, holdings: content.storage.holdings)
            // What stands there already need not be written again: a seeder of 100,000 files never does.
            if record == recorded { return Outcome(recorded: record, problem: problem) }
            do throws(SystemError) {
                try records.save(record, of: content)
                return Outcome(recorded: record, problem: problem)
            } catch {
                return Outcome(recorded: nil, problem: problem, unrecorded: error)
            }
        }

        /// What somebody has changed, once all the rest is on the disk.
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
