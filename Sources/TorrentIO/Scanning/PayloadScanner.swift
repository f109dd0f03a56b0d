import Dispatch
import Synchronization
package import TorrentCore

/// Reads the payload of a torrent from beginning to end and hashes every piece, on several threads with as many streams
/// as the hash kernel has.
///
/// A worker takes a run of pieces, one for each stream of the kernel, and reads and hashes them in batches of at most
/// `sliceLength` bytes of each: memory does not grow with the length of a piece, and bytes are hashed while they are in
/// the processor's cache. Where there are processors to spare, there are twice as many workers as may hash at once: the
/// others read.
package final class PayloadScanner: Sendable {
    /// Most bytes of one piece in a batch; a multiple of 64. More where workers wait for each other: waking one takes
    /// as long as hashing some 100 KiB.
    let sliceLength: Int
    /// Bytes that a worker aims to have in hand at once where pieces are short.
    private let runLength: Int

    let folder: ContentFolder
    let files: [ScanFile]
    let layout: FileLayout
    let geometry: TorrentGeometry
    let kernel: HashKernel
    /// The pieces to be looked at; nil for all.
    let wanted: Bitfield?
    private let threads: Int
    private let workers: Int

    private let nextPiece = Atomic(0)
    private let bytesDone = Atomic<Int64>(0)
    private let isCancelled = Atomic(false)
    private let problems = Mutex<[Int: FileProblem]>([:])

    /// `geometry` must be of as many bytes as `files` have together. Pieces that are not `wanted` are stepped over.
    /// `threads` hash; with `readsBeside` as many again read meanwhile, as a rule where every one of them has a
    /// processor of its own.
    package init(
        folder: ContentFolder, files: [ScanFile], layout: FileLayout, geometry: TorrentGeometry,
        wanted: Bitfield? = nil, threads: Int, readsBeside: Bool? = nil, kernel: HashKernel = .best
    ) {
        precondition(layout.totalLength == geometry.totalLength && layout.lengths.count == files.count)
        self.folder = folder
        self.files = files
        self.layout = layout
        self.geometry = geometry
        self.wanted = wanted
        self.threads = max(1, threads)
        let readsBeside = readsBeside ?? (2 * self.threads <= ProcessLimits.processors)
        workers = readsBeside ? 2 * self.threads : self.threads
        sliceLength = readsBeside ? 512 << 10 : 128 << 10
        runLength = 8 * sliceLength
        self.kernel = kernel
    }

    /// How many pieces a worker has in hand at once: enough for every stream, but no more than the share of one that
    /// hashes.
    var runPieces: Int {
        let share = (geometry.pieceCount + threads - 1) / threads
        return max(1, min(share, max(kernel.streams, runLength / geometry.pieceLength)))
    }

    /// Once only. Blocks; meanwhile tells `progress` on this thread, a few times a second, how many bytes are done, and
    /// asks `isCancelled`. Nil if it was cancelled.
    package func run(progress: (Int64) -> Void, isCancelled cancelled: () -> Bool) -> ScanResult? {
        guard !cancelled() else { return nil }
        let output = ScanOutput(pieces: geometry.pieceCount)
        let group = DispatchGroup()
        let runs = (geometry.pieceCount + runPieces - 1) / runPieces
        let permits = DispatchSemaphore(value: threads)
        for number in 0..<min(workers, runs) {
            ScanWorker(scanner: self, output: output, label: "p2p.scan.\(number)", permits: permits).run(in: group)
        }
        while group.wait(timeout: .now() + .milliseconds(50)) == .timedOut {
            progress(bytesDone.load(ordering: .relaxed))
            if cancelled() { isCancelled.store(true, ordering: .relaxed) }
        }
        guard !isCancelled.load(ordering: .relaxed) else { return nil }
        progress(bytesDone.load(ordering: .relaxed))
        let found = problems.withLock { $0 }.sorted { $0.key < $1.key }
        return output.result(problems: found.map { StorageError(file: $0.key, $0.value) })
    }

    // MARK: For the workers

    /// The next run of pieces; nil if there is none, or somebody called it off.
    func takeRun() -> Range<Int>? {
        guard !isCancelled.load(ordering: .relaxed) else { return nil }
        let first = nextPiece.add(runPieces, ordering: .relaxed).oldValue
        guard first < geometry.pieceCount else { return nil }
        return first..<min(first + runPieces, geometry.pieceCount)
    }

    func makeBatch() -> ScanBatch {
        ScanBatch(slots: runPieces, slotLength: min(sliceLength, (geometry.pieceLength + 63) & ~63))
    }

    var wasCancelled: Bool { isCancelled.load(ordering: .relaxed) }

    func noteDone(_ bytes: Int) { bytesDone.add(Int64(bytes), ordering: .relaxed) }

    /// The first problem of a file is the one that is kept.
    func note(_ problem: FileProblem, with file: Int) {
        problems.withLock { if $0[file] == nil { $0[file] = problem } }
    }

    func problem(with file: Int) -> FileProblem? { problems.withLock { $0[file] } }
}

/// Where the workers put their digests, each in its own places.
final class ScanOutput: @unchecked Sendable {
    private let digests: UnsafeMutableBufferPointer<UInt8>
    private let hashed: UnsafeMutableBufferPointer<Bool>

    init(pieces: Int) {
        digests = .allocate(capacity: pieces * 20)
        digests.initialize(repeating: 0)
        hashed = .allocate(capacity: pieces)
        hashed.initialize(repeating: false)
    }

    deinit {
        digests.deallocate()
        hashed.deallocate()
    }

    /// Called once a piece, by whichever worker took it.
    func put(_ digest: SHA1Digest, at piece: Int) {
        for (position, byte) in digest.bytes.array.enumerated() { digests[piece * 20 + position] = byte }
        hashed[piece] = true
    }

    /// After all workers have ended.
    func result(problems: [StorageError]) -> ScanResult {
        var bits = Bitfield(count: hashed.count)
        for piece in hashed.indices where hashed[piece] { bits[piece] = true }
        return ScanResult(digests: Array(digests), hashed: bits, problems: problems)
    }
}
