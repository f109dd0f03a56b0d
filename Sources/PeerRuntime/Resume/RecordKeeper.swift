import TorrentCore
import TorrentIO

/// Keeps a torrent's resume record up to date: at most two seconds or 64 MiB of stored pieces are not in it (promise
/// 3).
///
/// First the files are flushed, then the record is written, so it never says more than the disk holds. Confined to the
/// torrent's reactor; the waiting is done on a worker, one flush at a time.
// @unchecked: confined as said; `Job` holds what the worker needs.
final class RecordKeeper: @unchecked Sendable {
    static let flushInterval = Duration.seconds(2)
    static let flushBytes = 64 << 20

    private let content: TorrentContent
    private let context: NodeContext
    private let reactor: Reactor
    /// The bits to be recorded, asked for when a flush begins.
    private let have: () -> Bitfield
    private let onFailure: (StorageError) -> Void
    private(set) var record: ResumeRecord
    /// What stands on the disk, as far as we know.
    private var recorded: ResumeRecord?
    private var touched: Set<Int> = []
    private var unflushedBytes = 0
    private var timer: TimerID?
    private var isFlushing = false
    private var waiting: [() -> Void] = []
    private var toldOfFailure = false
    /// What became of the last flush.
    private(set) var lastFailure: StorageError?

    init(
        _ content: TorrentContent, record: ResumeRecord, recorded: ResumeRecord?, context: NodeContext,
        reactor: Reactor,
        have: @escaping () -> Bitfield, onFailure: @escaping (StorageError) -> Void
    ) {
        self.content = content
        self.context = context
        self.reactor = reactor
        self.have = have
        self.record = record
        self.recorded = recorded
        self.onFailure = onFailure
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
    /// `finishing`, every piece is there: files without content are made, and files of ours that are too long are cut.
    func flush(finishing: Bool = false, done: @escaping () -> Void = {}) {
        if isFlushing {
            // The one under way began too early for `done`: another follows it.
            waiting.append { [self] in flush(finishing: finishing, done: done) }
            return
        }
        if let timer { reactor.cancel(timer) }
        timer = nil
        isFlushing = true
        record.have = have()
        let files = finishing ? Array(content.storage.files.indices) : touched.sorted()
        let job = Job(
            content: content, record: record, recorded: recorded, files: files, isFinishing: finishing,
            records: context.records)
        touched = []
        unflushedBytes = 0
        let reply = reactor.reply { [self] (outcome: Job.Outcome) in
            isFlushing = false
            ended(outcome)
            done()
            let next = waiting
            waiting = []
            for body in next { body() }
        }
        context.readers.perform(reply: reply) { job.run() }
    }

    private func ended(_ outcome: Job.Outcome) {
        switch outcome {
        case .flushed(let now, let isRecorded):
            lastFailure = nil
            record.signatures = now.signatures
            record.ours = now.ours
            recorded = isRecorded ? now : nil
        case .failed(let error, let files):
            lastFailure = error
            touched.formUnion(files)
            if !toldOfFailure { onFailure(error) }
            toldOfFailure = true
        }
    }

    /// One flush, as a worker does it.
    private struct Job: Sendable {
        enum Outcome: Sendable {
            /// Without a record on the disk the next start checks everything: slower, and nothing is lost.
            case flushed(ResumeRecord, isRecorded: Bool)
            case failed(StorageError, files: [Int])
        }

        let content: TorrentContent
        let record: ResumeRecord
        let recorded: ResumeRecord?
        let files: [Int]
        let isFinishing: Bool
        let records: ResumeStore

        func run() -> Outcome {
            var record = record
            do throws(StorageError) {
                if isFinishing { try finish() }
                try content.storage.flush()
                for file in files {
                    record.signatures[file] = try content.storage.signature(of: file)
                    record.ours[file] = content.storage.isOurs(file)
                }
            } catch {
                return .failed(error, files: files)
            }
            // What stands there already need not be written again: a seeder of 100,000 files never does.
            if record == recorded { return .flushed(record, isRecorded: true) }
            let isSaved = (try? records.save(record, of: content)) != nil
            return .flushed(record, isRecorded: isSaved)
        }

        private func finish() throws(StorageError) {
            try content.storage.createEmptyFiles()
            for file in files where content.storage.isOurs(file) { try content.storage.cutToLength(file) }
        }
    }
}
