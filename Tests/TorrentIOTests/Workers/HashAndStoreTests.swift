import Glibc
import Synchronization
import TestSupport
import Testing
import TorrentCore
import TorrentIO

/// A disk in memory that can be full.
private final class MemoryStore: PieceStore {
    let written = Mutex<[Int64: [UInt8]]>([:])
    let isFull: Bool
    init(isFull: Bool = false) { self.isFull = isFull }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(StorageError) {
        if isFull { throw StorageError(file: 3, .system(SystemError(code: ENOSPC, call: "pwrite"))) }
        written.withLock { $0[offset] = Array(bytes) }
    }
}

@Suite struct HashAndStoreTests {
    static let pieceLength = 40_000

    private static func buffer(_ bytes: [UInt8], _ pool: PieceBufferPool) throws -> PieceBuffer {
        let buffer = try #require(pool.take(pieceLength))
        buffer.slice(0, buffer.length).copyBytes(from: bytes)
        return buffer
    }

    private enum Seen: Equatable {
        case stored(Int, [SHA1Digest])
        case rejected(Int, [SHA1Digest])
        case failed(Int, StorageError, [UInt8])
    }

    /// Runs the pieces through the workers and says what came back, by piece.
    private func run(
        _ pieces: [[UInt8]], expecting digests: [SHA1Digest], store: any PieceStore, wantsBlockDigests: Bool = false,
        pool: PieceBufferPool
    ) throws -> [Seen] {
        let reactor = try Reactor(name: "test")
        let workers = HashAndStoreWorkers(name: "test.hash", count: 2)
        let seen = Recorder<Seen>()
        let latch = Latch()
        for (number, bytes) in pieces.enumerated() {
            let reply = reactor.reply { (outcome: HashAndStoreWorkers.Outcome) in
                switch outcome {
                case .stored(let blocks): seen.add(.stored(number, blocks))
                case .rejected(let blocks): seen.add(.rejected(number, blocks))
                case .failed(let error, let buffer):
                    seen.add(.failed(number, error, Array(buffer.slice(0, bytes.count))))
                }
                latch.signal()
            }
            workers.add(
                HashAndStoreWorkers.Job(
                    buffer: try Self.buffer(bytes, pool), length: bytes.count,
                    offset: Int64(number * Self.pieceLength), check: .sha1(digests[number]), store: store,
                    wantsBlockDigests: wantsBlockDigests, reply: reply))
        }
        reactor.start()
        #expect(latch.wait(for: pieces.count))
        workers.waitUntilIdle()
        reactor.stop()
        return seen.all
    }

    @Test func goodPiecesAreWrittenAndBadOnesAreNot() throws {
        let pool = PieceBufferPool(budget: 4 << 20, idleLimit: 4 << 20)
        let store = MemoryStore()
        var pieces = (0..<40).map { pattern($0 == 39 ? 17_001 : Self.pieceLength, seed: $0) }
        let digests = pieces.map { SHA1.digest(of: $0) }
        for bad in [3, 20] { pieces[bad][20_000] ^= 1 }
        let seen = try run(pieces, expecting: digests, store: store, pool: pool)
        #expect(seen.count == 40)
        for number in 0..<40 {
            if number == 3 || number == 20 {
                let blocks = stride(from: 0, to: Self.pieceLength, by: 16_384).map {
                    SHA1.digest(of: Array(pieces[number][$0..<min($0 + 16_384, Self.pieceLength)]))
                }
                #expect(seen.contains(.rejected(number, blocks)))
            } else {
                #expect(seen.contains(.stored(number, [])))
            }
        }
        let written = store.written.withLock { $0 }
        #expect(written.count == 38)
        #expect(written[Int64(39 * Self.pieceLength)] == pieces[39])
        // Every buffer came back to the pool.
        #expect(pool.figures.used == 0)
    }

    @Test func theBlocksOfAGoodPieceTellWhoLied() throws {
        let pool = PieceBufferPool(budget: 1 << 20, idleLimit: 0)
        let good = pattern(Self.pieceLength)
        var bad = good
        bad[16_384] ^= 0x80
        let expected = [SHA1.digest(of: good), SHA1.digest(of: good)]
        let seen = try run(
            [bad, good], expecting: expected, store: MemoryStore(), wantsBlockDigests: true, pool: pool)
        guard case .rejected(0, let lies)? = seen.first(where: { if case .rejected = $0 { true } else { false } }),
            case .stored(1, let truths)? = seen.first(where: { if case .stored = $0 { true } else { false } })
        else {
            Issue.record("one of each was expected: \(seen)")
            return
        }
        #expect(zip(lies, truths).map { $0 == $1 } == [true, false, true])
    }

    @Test func aFullDiskIsSaidAndThePieceNotLost() throws {
        let pool = PieceBufferPool(budget: 1 << 20, idleLimit: 0)
        let piece = pattern(Self.pieceLength)
        let seen = try run(
            [piece], expecting: [SHA1.digest(of: piece)], store: MemoryStore(isFull: true), pool: pool)
        let error = StorageError(file: 3, .system(SystemError(code: ENOSPC, call: "pwrite")))
        #expect(seen == [.failed(0, error, piece)])
        #expect(error.isNoSpace)
        #expect(pool.figures == PieceBufferPool.Figures(used: 0, idle: 0))
    }

    @Test func piecesReachTheFiles() throws {
        let pool = PieceBufferPool(budget: 1 << 20, idleLimit: 0)
        let fixture = try StorageFixture([("a", 30_000), ("b/c", 50_000)])
        let payload = pattern(80_000)
        let pieces = [Array(payload[..<40_000]), Array(payload[40_000...])]
        _ = try run(pieces, expecting: pieces.map { SHA1.digest(of: $0) }, store: fixture.storage, pool: pool)
        #expect(try fixture.read(80_000, at: 0) == payload)
        #expect(try fixture.folder.read("a") == Array(payload[..<30_000]))
    }

    @Test func theErrorOfARealFullDeviceIsNoSpace() throws {
        // The kernel's own full disk, behind the link that a storage would refuse.
        let full = try #require(fopen("/dev/full", "w"))
        defer { fclose(full) }
        #expect(pwrite(fileno(full), "x", 1, 0) == -1)
        #expect(SystemError.last("pwrite").isNoSpace)
    }
}
