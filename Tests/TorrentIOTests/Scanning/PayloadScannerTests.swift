import Glibc
import TestSupport
import Testing
import TorrentCore
import TorrentIO

/// Every kernel, with and without threads that read beside the hashing ones, against the portable one.
@Suite struct PayloadScannerTests {
    /// A way to scan.
    struct Way: Sendable, CustomTestStringConvertible {
        var kernel: HashKernel
        var threads: Int
        var readsBeside: Bool

        var testDescription: String { "\(kernel.name), \(threads) threads\(readsBeside ? " and readers" : "")" }

        static let all = HashKernel.available.flatMap { kernel in
            [(1, false), (1, true), (2, false), (3, true)].map { Way(kernel: kernel, threads: $0, readsBeside: $1) }
        }
    }

    /// Files of these lengths with `pattern` bytes, cut into pieces.
    private struct World {
        let folder: TemporaryFolder
        let payload: [UInt8]
        private let lengths: [Int]

        init(_ lengths: [Int]) throws {
            folder = try TemporaryFolder()
            self.lengths = lengths
            let (length, part) = (lengths.reduce(0, +), pattern(100_003))
            var payload: [UInt8] = []
            payload.reserveCapacity(length)
            while payload.count < length { payload.append(contentsOf: part.prefix(length - payload.count)) }
            self.payload = payload
            var start = 0
            for (number, length) in lengths.enumerated() {
                let file = open(folder.path("\(number)"), O_CREAT | O_WRONLY, 0o600)
                defer { close(file) }
                let written = payload.withUnsafeBytes { pwrite(file, $0.baseAddress! + start, length, 0) }
                try #require(written == length)
                start += length
            }
        }

        func scan(
            _ way: Way, pieceLength: Int, wanted: Bitfield? = nil
        ) throws -> (result: ScanResult, geometry: TorrentGeometry, done: Int64) {
            let geometry = try #require(
                TorrentGeometry(totalLength: Int64(payload.count), pieceLength: pieceLength))
            let files = try lengths.enumerated().map { number, length in
                let path = try #require(RelativePath([String(number)]))
                return ScanFile(path: path, length: Int64(length), present: Int64(length))
            }
            let scanner = PayloadScanner(
                folder: try ContentFolder(folder.path), files: files,
                layout: try #require(FileLayout(lengths: lengths.map(Int64.init))), geometry: geometry, wanted: wanted,
                threads: way.threads, readsBeside: way.readsBeside, kernel: way.kernel)
            var done: Int64 = 0
            let result = try #require(scanner.run(progress: { done = $0 }, isCancelled: { false }))
            return (result, geometry, done)
        }

        func digests(pieceLength: Int) -> [SHA1Digest] {
            stride(from: 0, to: payload.count, by: pieceLength).map { start in
                var hash = SHA1(kernel: .portable)
                payload.withUnsafeBytes {
                    hash.update(UnsafeRawBufferPointer(rebasing: $0[start..<min(start + pieceLength, $0.count)]))
                }
                return hash.finish()
            }
        }

        func check(_ way: Way, pieceLength: Int, digests: [SHA1Digest]? = nil) throws {
            let (result, geometry, done) = try scan(way, pieceLength: pieceLength)
            #expect(result.hashed.isFull && result.problems.isEmpty, "\(way), \(pieceLength)")
            #expect(done == geometry.totalLength)
            let expected = digests ?? self.digests(pieceLength: pieceLength)
            #expect(geometry.pieces.map { result.digest(of: $0) } == expected, "\(way), \(pieceLength)")
        }
    }

    @Test(arguments: Way.all)
    func `tiny pieces, batches that end within a piece, and short last pieces`(way: Way) throws {
        let world = try World([1, 0, 400_000, 77, 223_457])
        for pieceLength in [100, 4_096, 16_384, 131_072, 200_000, 262_144, 1 << 20] {
            try world.check(way, pieceLength: pieceLength)
        }
    }

    @Test func `pieces of 64 MiB`() throws {
        let world = try World([(130 << 20) + 5])
        let digests = world.digests(pieceLength: 64 << 20)
        for way in Way.all where way.threads < 3 {
            try world.check(way, pieceLength: 64 << 20, digests: digests)
        }
    }

    @Test func `thousands of small files`() throws {
        let world = try World((0..<2_000).map { $0 * 7 % 1_201 })
        let digests = world.digests(pieceLength: 16_384)
        for way in Way.all { try world.check(way, pieceLength: 16_384, digests: digests) }
    }

    @Test(arguments: Way.all)
    func `a file that went away spoils its pieces alone`(way: Way) throws {
        let world = try World([50_000, 300_000, 50_000])
        unlink(world.folder.path("1"))
        let (result, geometry, _) = try world.scan(way, pieceLength: 16_384)
        #expect(result.problems.map(\.file) == [1])
        let digests = world.digests(pieceLength: 16_384)
        for piece in geometry.pieces {
            let isWhole = piece.position < 3 || piece.position > 21
            #expect(result.digest(of: piece) == (isWhole ? digests[piece.position] : nil), "\(piece)")
        }
    }

    @Test(arguments: Way.all)
    func `pieces that are not wanted are not hashed`(way: Way) throws {
        let world = try World([200_000])
        var wanted = Bitfield(count: 13)
        for piece in [0, 5, 12] { wanted[piece] = true }
        let (result, _, done) = try world.scan(way, pieceLength: 16_384, wanted: wanted)
        #expect(result.hashed == wanted)
        #expect(done == 200_000)
    }
}
