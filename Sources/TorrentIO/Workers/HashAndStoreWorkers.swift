package import TorrentCore

/// Hashes many messages at once: a digest each, in order.
package typealias HashFunction = @Sendable ([UnsafeRawBufferPointer]) -> [SHA1Digest]

/// Checks whole pieces against their digests and writes the good ones. Hashes as many at once as the kernel has
/// streams, on threads of its own, and answers through the reactor's inbox piece by piece.
package final class HashAndStoreWorkers: Sendable {
    /// A complete piece in its buffer. The workers own the buffer from then on.
    package struct Job: Sendable {
        package let buffer: PieceBuffer
        /// Bytes of the piece, from the start of the buffer on.
        package let length: Int
        /// Where the piece belongs in the payload.
        package let offset: Int64
        package let check: PieceCheck
        /// Where the piece is written.
        package let store: any PieceStore
        /// An earlier attempt was rejected: report the digests of the good blocks, so that the peers that sent bad ones
        /// can be found.
        package let wantsBlockDigests: Bool
        package let reply: Reply<Outcome>

        package init(
            buffer: PieceBuffer, length: Int, offset: Int64, check: PieceCheck, store: any PieceStore,
            wantsBlockDigests: Bool = false, reply: Reply<Outcome>
        ) {
            precondition(length > 0 && length <= buffer.length)
            self.buffer = buffer
            self.length = length
            self.offset = offset
            self.check = check
            self.store = store
            self.wantsBlockDigests = wantsBlockDigests
            self.reply = reply
        }
    }

    /// What became of a piece.
    package enum Outcome: Sendable {
        /// Hashed right and written. A digest a block of 16 KiB if they were wanted, else none.
        case stored(blockDigests: [SHA1Digest])
        /// Hashed wrong and not written. A digest a block of 16 KiB.
        case rejected(blockDigests: [SHA1Digest])
        /// Hashed right, and the disk would not take it. The buffer comes back: another try needs no second download.
        case failed(StorageError, PieceBuffer)
    }

    /// Streams of the widest kernel.
    package static let batch = 16

    private let pool: WorkerPool<Job>

    /// As many workers as help: on two processors a second one brought nothing (the reactor wants the other), on many
    /// the disk is the limit.
    package static var usefulCount: Int { max(1, min(4, ProcessLimits.processors / 2)) }

    /// `count` threads; `hash` is given up to `batch` pieces at once.
    package init(name: String, count: Int = usefulCount, hash: @escaping HashFunction = bestKernel) {
        pool = WorkerPool(name: name, workers: count, batch: Self.batch) { Self.process(&$0, hash) }
    }

    /// The best kernel of this processor, with all its streams.
    package static let bestKernel: HashFunction = { buffers in
        var hasher = PieceHasher()
        return hasher.digests(of: buffers)
    }

    /// Takes `job`, to be done when a worker is free; its reply comes once, whatever happens.
    package func add(_ job: Job) { pool.add(job) }

    /// Waits until every job is done; their replies are on their way then.
    package func waitUntilIdle() { pool.waitUntilIdle() }

    private static func process(_ jobs: inout [Job], _ hash: HashFunction) {
        for isRight in areRight(jobs, hash) {
            let reply = jobs[0].reply
            // The job goes with the call, so its buffer is in the pool again before the reactor hears of it and opens
            // the next piece.
            let outcome = outcome(of: jobs.removeFirst(), isRight: isRight, hash)
            reply.send(outcome)
        }
    }

    /// All of them are hashed in one go.
    private static func areRight(_ jobs: [Job], _ hash: HashFunction) -> [Bool] {
        let digests = hash(jobs.map { UnsafeRawBufferPointer($0.buffer.slice(0, $0.length)) })
        precondition(digests.count == jobs.count)
        return zip(jobs, digests).map { job, digest in
            switch job.check {
            case .sha1(let expected): digest == expected
            }
        }
    }

    private static func outcome(of job: Job, isRight: Bool, _ hash: HashFunction) -> Outcome {
        guard isRight else { return .rejected(blockDigests: blockDigests(of: job, hash)) }
        do {
            try job.store.write(UnsafeRawBufferPointer(job.buffer.slice(0, job.length)), at: job.offset)
        } catch {
            return .failed(error, job.buffer)
        }
        return .stored(blockDigests: job.wantsBlockDigests ? blockDigests(of: job, hash) : [])
    }

    private static func blockDigests(of job: Job, _ hash: HashFunction) -> [SHA1Digest] {
        let block = TorrentGeometry.blockLength
        return hash(
            stride(from: 0, to: job.length, by: block).map {
                UnsafeRawBufferPointer(job.buffer.slice($0, min(block, job.length - $0)))
            })
    }
}
