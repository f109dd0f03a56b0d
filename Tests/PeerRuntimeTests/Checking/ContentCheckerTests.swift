import Glibc
import PeerRuntime
import TestSupport
import Testing
import TorrentCore
import TorrentIO

@Suite struct ContentCheckerTests {
    private let pieceLength = 16_384
    private let lengths = [("a", 20_000), ("b", 0), ("d/c", 50_000), ("e", 16_384)]

    /// A folder with a whole torrent in it, at t/.
    private func fill(_ folder: TemporaryFolder, padding: Int? = nil) throws -> Metainfo {
        mkdir(folder.path("t"), 0o777)
        mkdir(folder.path("t/d"), 0o777)
        var payload: [UInt8] = []
        var files: [MetainfoBuilder.File] = []
        for (seed, (name, length)) in lengths.enumerated() {
            let bytes = pattern(length, seed: seed)
            try folder.write("t/" + name, bytes)
            payload += bytes
            files.append(MetainfoBuilder.File(components: path(name), length: Int64(length)))
            if let padding, name == "a" {
                payload += Array(repeating: 0, count: padding)
                files.append(
                    MetainfoBuilder.File(
                        components: path(".pad/\(padding)"), length: Int64(padding), attributes: .padding))
            }
        }
        var digests: [UInt8] = []
        for start in stride(from: 0, to: payload.count, by: pieceLength) {
            digests += SHA1.digest(of: Array(payload[start..<min(start + pieceLength, payload.count)])).bytes.array
        }
        let builder = MetainfoBuilder(
            name: Array("t".utf8), pieceLength: pieceLength, content: .files(files), pieces: digests)
        return try Metainfo(parsing: builder.encoded)
    }

    private func path(_ name: String) -> [[UInt8]] { name.split(separator: "/").map { Array($0.utf8) } }

    private func check(_ torrent: Metainfo, _ folder: TemporaryFolder, threads: Int = 2) throws -> ContentReport {
        try ContentChecker(metainfo: torrent, folder: folder.path, threads: threads).run { _ in
        } isCancelled: {
            false
        }
    }

    private func missing(_ report: ContentReport) -> [Int] {
        (0..<report.pieces.count).filter { !report.pieces[$0] }
    }

    @Test(arguments: [1, 2, 4])
    func `what is whole is found whole`(threads: Int) throws {
        let folder = try TemporaryFolder()
        let torrent = try fill(folder)
        let report = try check(torrent, folder, threads: threads)
        #expect(report.isComplete)
        #expect(report.pieces.isFull)
    }

    @Test func `padding is zeros and needs no file`() throws {
        let folder = try TemporaryFolder()
        let torrent = try fill(folder, padding: 2 * 16_384 - 20_000)
        let report = try check(torrent, folder)
        #expect(report.isComplete)
        #expect(report.files[1].state == .notStored)
    }

    @Test func `a wrong byte is found in its piece and named by its file`() throws {
        let folder = try TemporaryFolder()
        let torrent = try fill(folder)
        var bytes = pattern(50_000, seed: 2)
        // Byte 40,000 of d/c is byte 60,000 of the payload: piece 3, which is bytes 29,152 to 45,536 of the file.
        bytes[40_000] ^= 1
        try folder.write("t/d/c", bytes)
        let report = try check(torrent, folder)
        #expect(missing(report) == [3])
        #expect(report.files.map(\.state) == [.present, .present, .present, .present])
        #expect(report.files[2].differing == [29_152..<45_536])
        #expect(report.files.map(\.isWhole) == [true, true, false, true])
        bytes[30_000 - 20_000 + 6_000] ^= 1
        try folder.write("t/d/c", bytes)
        #expect(try check(torrent, folder).files[2].differing == [12_768..<45_536])
    }

    @Test func `missing, short and long files are told apart`() throws {
        let folder = try TemporaryFolder()
        let torrent = try fill(folder)
        unlink(folder.path("t/a"))
        unlink(folder.path("t/b"))
        try folder.write("t/d/c", Array(pattern(50_000, seed: 2)[..<30_000]))
        try folder.write("t/e", pattern(16_384, seed: 3) + [1])
        let report = try check(torrent, folder)
        #expect(report.files.map(\.state) == [.missing, .missing, .short(30_000), .long(16_385)])
        // Pieces 0 and 1 hold a; 3 and 4 begin within what d/c still has, and beyond; the last one is e's alone.
        #expect(missing(report) == [0, 1, 3, 4])
        #expect(report.files[2].differing == [])
        #expect(report.files[2].uncheckable == [0..<12_768, 29_152..<30_000])
        #expect(report.files[3].uncheckable == [0..<11_920])
        #expect(!report.isComplete)
    }

    @Test func `links are followed, and pipes are never read`() throws {
        let folder = try TemporaryFolder()
        let torrent = try fill(folder)
        rename(folder.path("t/a"), folder.path("elsewhere"))
        folder.link("t/a", to: folder.path("elsewhere"))
        unlink(folder.path("t/e"))
        mkfifo(folder.path("t/e"), 0o666)
        rename(folder.path("t/d"), folder.path("d"))
        folder.link("t/d", to: folder.path("d"))
        var report = try check(torrent, folder)
        #expect(report.files[0].state == .present)
        #expect(report.files[2].state == .present)
        #expect(report.files[3].state == .unusable(.notRegularFile))
        #expect(missing(report) == [4, 5])
        // Links to themselves, to a pipe and to nothing.
        for (name, target) in [("a", "a"), ("b", folder.path("t/e")), ("d", "nowhere")] {
            unlink(folder.path("t/" + name))
            folder.link("t/" + name, to: target)
        }
        report = try check(torrent, folder)
        #expect(report.files[0].state == .unusable(.system(SystemError(code: ELOOP, call: "stat"))))
        #expect(report.files[1].state == .unusable(.notRegularFile))
        #expect(report.files[2].state == .missing)
        #expect(report.pieces.setCount == 0)
    }

    @Test func `holes of sparse files are zeros`() throws {
        let folder = try TemporaryFolder()
        let bytes = Array(repeating: UInt8(0), count: 4 * 65_536) + pattern(65_536) + [0, 0, 0]
        let made = Array(repeating: UInt8(0), count: 65_536)
        try folder.write("f", bytes)
        let maker = try TorrentMaker(path: folder.path("f"), options: MakeOptions())
        let torrent = try Metainfo(
            parsing: try maker.run { _ in
            } isCancelled: {
                false
            }.encoded)
        #expect(
            torrent.check(of: torrent.geometry.piece(0)) == .sha1(SHA1.digest(of: Array(made[..<torrent.pieceLength]))))
        unlink(folder.path("f"))
        let file = open(folder.path("f"), O_RDWR | O_CREAT, 0o666)
        _ = pattern(65_536).withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, 4 * 65_536) }
        ftruncate(file, off_t(bytes.count))
        close(file)
        #expect(try check(torrent, folder).isComplete)
        truncate(folder.path("f"), 2 * 65_536)
        truncate(folder.path("f"), off_t(bytes.count))
        let report = try check(torrent, folder)
        #expect(missing(report) == [16, 17, 18, 19])
        #expect(report.files[0].differing == [262_144..<327_680])
    }

    @Test func `pieces longer than a batch, of odd length, come out right`() throws {
        let folder = try TemporaryFolder()
        let bytes = pattern(1_000_003)
        try folder.write("f", bytes)
        for length in [300_001, 131_072, 131_073, 999_999, 77] {
            var digests: [UInt8] = []
            for start in stride(from: 0, to: bytes.count, by: length) {
                digests += SHA1.digest(of: Array(bytes[start..<min(start + length, bytes.count)])).bytes.array
            }
            let builder = MetainfoBuilder(
                name: Array("f".utf8), pieceLength: length, content: .singleFile(length: 1_000_003), pieces: digests)
            #expect(try check(Metainfo(parsing: builder.encoded), folder).isComplete, "\(length)")
        }
    }

    @Test func `a folder that is not there, or being called off, is an error`() throws {
        let folder = try TemporaryFolder()
        let torrent = try fill(folder)
        let error = #expect(throws: CheckError.self) {
            try ContentChecker(metainfo: torrent, folder: folder.path("none")).run { _ in
            } isCancelled: {
                false
            }
        }
        guard case .folder(_, let system) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(system.isNotFound)
        #expect(throws: CheckError.cancelled) {
            try ContentChecker(metainfo: torrent, folder: folder.path).run { _ in
            } isCancelled: {
                true
            }
        }
    }
}
