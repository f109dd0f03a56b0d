import Glibc
import Synchronization
import TestSupport
import Testing
import TorrentIO

/// A storage writes to the file that it holds, and to no other that came in its place.
@Suite struct HoldingTests {
    enum Deed: CaseIterable {
        case remove, truncate, append, replace, overwrite, overwriteAndPutTimeBack, move, link, touch

        var problem: FileProblem {
            switch self {
            case .remove, .move: .gone
            case .replace: .replaced
            default: .changed
            }
        }

        func perform(_ fixture: StorageFixture) throws {
            let path = fixture.folder.path("a")
            switch self {
            case .remove: unlink(path)
            case .truncate: Glibc.truncate(path, 10)
            case .append: try Self.write([1], to: path, at: 40_000)
            case .replace: try fixture.folder.write("a", pattern(40_000, seed: 9))
            case .overwrite: try Self.write([77], to: path, at: 5)
            case .overwriteAndPutTimeBack:
                var status = stat()
                stat(path, &status)
                try Self.write([77], to: path, at: 5)
                let times = [status.st_atim, status.st_mtim]
                #expect(utimensat(AT_FDCWD, path, times, 0) == 0)
            case .move: rename(path, fixture.folder.path("elsewhere"))
            case .link: Glibc.link(path, fixture.folder.path("elsewhere"))
            case .touch: utimensat(AT_FDCWD, path, nil, 0)
            }
        }

        private static func write(_ bytes: [UInt8], to path: String, at offset: Int) throws {
            let file = open(path, O_WRONLY)
            defer { close(file) }
            #expect(pwrite(file, bytes, bytes.count, off_t(offset)) == bytes.count)
        }
    }

    @Test(arguments: Deed.allCases, ["/tmp", "/dev/shm"])
    func whatIsNoLongerHeldIsNotWrittenTo(deed: Deed, parent: String) throws {
        let fixture = try StorageFixture([("a", 40_000), ("b", 10)], in: parent)
        try fixture.write(pattern(20_000), at: 0)
        #expect(fixture.storage.change(in: 0..<2) == nil)
        try fixture.write(pattern(10_000), at: 20_000)
        try deed.perform(fixture)
        let before = try? fixture.folder.read("a")
        #expect(fixture.storage.change(in: 0..<2) == StorageError(file: 0, deed.problem))
        #expect { try fixture.write([1, 2, 3], at: 30_000) } throws: { ($0 as? StorageError)?.problem.isChange == true }
        #expect((try? fixture.folder.read("a")) == before)
        // Nor is it read from, so that nobody is sent a byte of it.
        #expect(fixture.readCached(10, at: 0) == nil)
        #expect(fixture.storage.mapCached(10, at: 0) == nil)
        #expect { try fixture.read(10, at: 0) } throws: { ($0 as? StorageError)?.problem.isChange == true }
        // The same when its descriptor was given up meanwhile.
        fixture.storage.close()
        #expect { try fixture.write([1, 2, 3], at: 30_000) } throws: { ($0 as? StorageError)?.problem.isChange == true }
        #expect { try fixture.read(10, at: 0) } throws: { ($0 as? StorageError)?.problem.isChange == true }
        #expect((try? fixture.folder.read("a")) == before)
    }

    @Test func aFileThatCameWhereNoneWasIsNotWrittenTo() throws {
        let fixture = try StorageFixture([("a", 4)])
        try fixture.folder.write("a", [])
        #expect(throws: StorageError(file: 0, .exists)) { try fixture.write([1, 2, 3, 4], at: 0) }
        #expect(fixture.storage.change(in: [0]) == StorageError(file: 0, .exists))
        #expect(try fixture.folder.read("a") == [])
    }

    @Test func aFolderThatWasMovedIsNoticed() throws {
        let parent = try TemporaryFolder()
        try parent.folder("in")
        let path = try #require(RelativePath(["a"]))
        let storage = try #require(
            FileStorage(
                folder: try ContentFolder(parent.path("in")), files: [FileStorage.File(path: path, length: 4)],
                cache: OpenFileCache()))
        #expect(storage.change(in: [0]) == nil)
        rename(parent.path("in"), parent.path("out"))
        #expect(storage.change(in: [0])?.problem.isChange == true)
        try parent.folder("in")
        #expect(storage.change(in: [0])?.problem.isChange == true)
    }

    @Test func gapsAreFilledAndBytesThatStandThereStay() throws {
        let fixture = try StorageFixture([("a", 8)])
        try fixture.folder.write("a", [1, 0, 3, 0])
        try fixture.take(.fill)
        try fixture.write([1, 2], at: 0)
        #expect(throws: StorageError(file: 0, .differs)) { try fixture.write([9, 4], at: 2) }
        try fixture.write([3, 4, 5, 6], at: 2)
        #expect(try fixture.folder.read("a") == [1, 2, 3, 4, 5, 6, 0, 0])
    }

    @Test func aFileWithAnotherNameIsCopiedAndTheOtherStays() throws {
        let fixture = try StorageFixture([("in/a", 300_000)])
        try fixture.write(pattern(200_000), at: 0)
        link(fixture.folder.path("in/a"), fixture.folder.path("other"))
        let other = try #require(RelativePath(["other"]))
        let before = try FolderCursor(fixture.storage.folder).standing(other)
        try fixture.take()
        try fixture.storage.detach(0)
        try fixture.write([1, 2, 3], at: 0)
        #expect(
            try FolderCursor(fixture.storage.folder).standing(other)?.signature.modified == before?.signature.modified)
        #expect(try fixture.folder.read("other") == pattern(200_000) + Array(repeating: 0, count: 100_000))
        #expect(try fixture.read(200_000, at: 0) == [1, 2, 3] + pattern(200_000)[3...])
        #expect(fixture.folder.names == ["in", "other"])
        #expect(fixture.storage.change(in: [0]) == nil)
    }

    @Test func whatTheDiskLostOnceIsNeverTrusted() throws {
        let fails = Mutex(true)
        let folder = try TemporaryFolder()
        let path = try #require(RelativePath(["a"]))
        let storage = try #require(
            FileStorage(
                folder: try ContentFolder(folder.path), files: [FileStorage.File(path: path, length: 4)],
                cache: OpenFileCache(),
                sync: { file in
                    guard fails.withLock({ $0 }) else { return fdatasync(file) }
                    errno = EIO
                    return -1
                }))
        try [UInt8]([1, 2, 3, 4]).withUnsafeBytes { try storage.write($0, at: 0) }
        let lost = StorageError(file: 0, .notKept(SystemError(code: EIO, call: "fdatasync")))
        #expect(throws: lost) { try storage.flush() }
        // The system forgets the failure, and what it lost; we do not.
        fails.withLock { $0 = false }
        #expect(throws: lost) { try storage.flush() }
    }

    /// What the disk is asked for when 40 small files have been written: one by one, or all of it at once.
    private final class Flushes: Sendable {
        private let counts = Mutex((one: 0, all: 0))
        func countOne() { counts.withLock { $0.one += 1 } }
        func countAll() { counts.withLock { $0.all += 1 } }
        var seen: [Int] { counts.withLock { [$0.one, $0.all] } }
    }

    private func manyFiles(
        _ count: Int, flushes: Flushes, all: @escaping @Sendable () -> Int32
    ) throws -> (FileStorage, TemporaryFolder) {
        let folder = try TemporaryFolder()
        let files = (0..<count).map {
            FileStorage.File(path: RelativePath(["shelf \($0 % 3)", "item \($0)"]), length: 4)
        }
        let storage = try #require(
            FileStorage(
                folder: try ContentFolder(folder.path), files: files, cache: OpenFileCache(limit: 4),
                sync: { _ in
                    flushes.countOne()
                    return 0
                },
                syncAll: { _ in
                    flushes.countAll()
                    return all()
                }))
        try [UInt8](repeating: 7, count: 4 * count).withUnsafeBytes { try storage.write($0, at: 0) }
        return (storage, folder)
    }

    @Test func manySmallFilesAreFlushedTogether() throws {
        let flushes = Flushes()
        let (storage, folder) = try manyFiles(40, flushes: flushes) { 0 }
        try storage.flush()
        #expect(flushes.seen == [0, 1])
        try storage.flush()
        #expect(flushes.seen == [0, 1])
        #expect(try folder.read("shelf 1/item 25") == [7, 7, 7, 7])
        #expect(storage.change(in: storage.files.indices) == nil)
    }

    @Test func fewFilesAndThoseOfOtherFileSystemsAreFlushedOneByOne() throws {
        let few = Flushes()
        let (some, folder) = try manyFiles(20, flushes: few) { 0 }
        try some.flush()
        #expect(few.seen == [20, 0])
        let unable = Flushes()
        let (many, otherFolder) = try manyFiles(40, flushes: unable) {
            errno = ENOSYS
            return -1
        }
        try many.flush()
        #expect(unable.seen == [40, 1])
        withExtendedLifetime((folder, otherFolder)) {}
    }

    /// Whose bytes were lost is not known then.
    @Test func whatWasLostTogetherIsNeverTrusted() throws {
        let fails = Mutex(true)
        let (storage, folder) = try manyFiles(40, flushes: Flushes()) {
            guard fails.withLock({ $0 }) else { return 0 }
            errno = EIO
            return -1
        }
        let lost = StorageError(file: 0, .notKept(SystemError(code: EIO, call: "syncfs")))
        #expect(throws: lost) { try storage.flush() }
        fails.withLock { $0 = false }
        #expect(throws: lost) { try storage.flush() }
        withExtendedLifetime(folder) {}
    }

    @Test(arguments: [false, true])
    func aFileThatIsGoneNeedsNoFlushOnceThatIsKnown(isOpen: Bool) throws {
        let fixture = try StorageFixture([("in/a", 4), ("b", 4)])
        try fixture.write([1, 2, 3, 4, 5, 6, 7, 8], at: 0)
        if !isOpen { fixture.storage.close() }
        rename(fixture.folder.path("in"), fixture.folder.path("out"))
        #expect(throws: StorageError(file: 0, .gone)) { try fixture.storage.flush() }
        try fixture.take(.write)
        try fixture.storage.flush()
        try fixture.write([1, 2, 3, 4], at: 0)
        try fixture.storage.flush()
        #expect(try fixture.folder.read("in/a") == [1, 2, 3, 4])
    }

    @Test func whatIsWorseThanAChangeIsToldFirst() throws {
        let folder = try TemporaryFolder()
        let paths = [RelativePath(["a"]), RelativePath(["b"])]
        let files = paths.map { FileStorage.File(path: $0, length: 4) }
        let storage = try #require(
            FileStorage(
                folder: try ContentFolder(folder.path), files: files, cache: OpenFileCache(limit: 1),
                sync: { _ in
                    errno = EIO
                    return -1
                }))
        try [UInt8](1...8).withUnsafeBytes { try storage.write($0, at: 0) }
        unlink(folder.path("a"))
        let lost = StorageError(file: 1, .notKept(SystemError(code: EIO, call: "fdatasync")))
        #expect(throws: lost) { try storage.flush() }
    }

    @Test func datesFarAwayAreNoTrouble() throws {
        let fixture = try StorageFixture([("a", 4)])
        try fixture.write([1, 2, 3, 4], at: 0)
        for seconds in [10_413_792_000, -9_000_000_000, Int.max / 2] {
            let times = Array(repeating: timespec(tv_sec: seconds, tv_nsec: 0), count: 2)
            utimensat(AT_FDCWD, fixture.folder.path("a"), times, 0)
            #expect(fixture.storage.change(in: [0]) == StorageError(file: 0, .changed))
            try fixture.take()
            #expect(fixture.storage.change(in: [0]) == nil)
        }
    }

    @Test func halfDoneFilesAreToldFromOthers() throws {
        let fixture = try StorageFixture([("a", 100_000)])
        let path = try #require(RelativePath(["a"]))
        func probe() throws -> FileProbe { try FileProbe(path, in: fixture.storage.folder) }
        try fixture.write([], at: 0)
        try fixture.folder.write("a", [])
        #expect(try probe().isHollow)
        try fixture.folder.write("a", Array(repeating: 7, count: 20_000))
        #expect(try !probe().isHollow)
        #expect(try !probe().hasGap(in: 0..<20_000))
        #expect(try probe().hasGap(in: 16_384..<32_768))
        // A page of zeros is where a write stopped; one that no page fits in is not.
        var bytes = Array(repeating: UInt8(7), count: 20_000)
        bytes.replaceSubrange(8_192..<12_288, with: Array(repeating: 0, count: 4_096))
        try fixture.folder.write("a", bytes)
        #expect(try probe().hasGap(in: 1_000..<17_384))
        #expect(try !probe().hasGap(in: 1_000..<12_287))
        #expect(try probe().hasGap(in: 9_000..<10_000))
    }
}
