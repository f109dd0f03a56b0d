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
    private var touched: Set<Int> = []
    private var unflushedBytes = 0
    private var timer: TimerID?
    private var isFlushing = false
    private var waiting: [() -> Void] = []
    private var toldOfFailure = false
    /// What became of the last flush.
    private(set) var lastFailure: StorageError?

    init(
        _ content: TorrentContent, record: ResumeRecord, context: NodeContext, reactor: Reactor,
        have: @escaping () -> Bitfield, onFailure: @escaping (StorageError) -> Void
    ) {
        self.content = content
        self.context = context
        self.reactor = reactor
        self.have = have
        self.record = record
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
            content: content, record: record, files: files, isFinishing: finishing, records: context.records)
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
        case .recorded(let signatures, let ours):
            lastFailure = nil
            record.signatures = signatures
            record.ours = ours
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
            case recorded([FileSignature?], ours: Bitfield)
            case failed(StorageError, files: [Int])
        }

        let content: TorrentContent
        var record: ResumeRecord
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
            // Without a record the next start checks everything: slower, and nothing is lost.
            try? records.save(record, of: content)
            return .recorded(record.signatures, ours: record.ours)
        }

        private func finish() throws(StorageError) {
            try content.storage.createEmptyFiles()
            for file in files where content.storage.isOurs(file) { try content.storage.cutToLength(file) }
        }
    }
}
