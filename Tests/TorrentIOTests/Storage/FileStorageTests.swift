import Glibc
import TestSupport
import Testing
import TorrentIO

@Suite struct FileStorageTests {
    @Test func aPieceOverSeveralFilesComesBackAsItWas() throws {
        let fixture = try StorageFixture([("a", 5), ("in/b", 7), ("in/deep/c", 4)])
        let payload = pattern(16)
        try fixture.write(Array(payload[2..<14]), at: 2)
        try fixture.write(Array(payload[..<2]), at: 0)
        try fixture.write(Array(payload[14...]), at: 14)
        #expect(try fixture.read(16, at: 0) == payload)
        #expect(try fixture.folder.read("a") == Array(payload[..<5]))
        #expect(try fixture.folder.read("in/b") == Array(payload[5..<12]))
        #expect(try fixture.folder.read("in/deep/c") == Array(payload[12...]))
    }

    @Test func aFileIsMadeSparseAtFullLengthByItsFirstWrite() throws {
        let fixture = try StorageFixture([("big", 1 << 30)])
        try fixture.write([1, 2, 3], at: 1 << 20)
        #expect(try fixture.standing(0)?.size == 1 << 30)
        var status = stat()
        stat(fixture.folder.path("big"), &status)
        #expect(status.st_blocks * 512 < 1 << 20)
        #expect(try fixture.read(4, at: 1 << 20 - 1) == [0, 1, 2, 3])
    }

    @Test func paddingIsNeverOnDisk() throws {
        let fixture = try StorageFixture([("a", 3), (nil, 5), ("b", 2)])
        try fixture.write([1, 2, 3, 9, 9, 9, 9, 9, 4, 5], at: 0)
        #expect(try fixture.read(10, at: 0) == [1, 2, 3, 0, 0, 0, 0, 0, 4, 5])
        #expect(fixture.readCached(10, at: 0).map { $0 == [1, 2, 3, 0, 0, 0, 0, 0, 4, 5] } != false)
        #expect(fixture.folder.names == ["a", "b"])
        #expect(try fixture.standing(1) == nil)
    }

    @Test func whatIsNotOursIsReadAndNeverWritten() throws {
        let fixture = try StorageFixture([("a", 3)])
        try fixture.folder.write("a", [7, 8, 9])
        #expect(throws: StorageError(file: 0, .exists)) { try fixture.write([7, 8, 9], at: 0) }
        try fixture.take()
        #expect(try fixture.read(3, at: 0) == [7, 8, 9])
        #expect(throws: StorageError(file: 0, .differs)) { try fixture.write([1, 2, 3], at: 0) }
        try fixture.write([8, 9], at: 1)
        #expect(try fixture.folder.read("a") == [7, 8, 9])
        try fixture.take(.write)
        try fixture.write([1], at: 1)
        #expect(try fixture.folder.read("a") == [7, 1, 9])
    }

    @Test func anAdoptedFileOfAnotherLengthIsMended() throws {
        let fixture = try StorageFixture([("short", 6), ("long", 2)])
        try fixture.folder.write("short", [1])
        try fixture.folder.write("long", [1, 2, 3, 4])
        try fixture.take(.write)
        try fixture.write([9], at: 5)
        #expect(try fixture.folder.read("short") == [1, 0, 0, 0, 0, 9])
        try fixture.storage.cutToLength(1)
        #expect(try fixture.folder.read("long") == [1, 2])
    }

    @Test func emptyFilesAreMadeAndThoseThatAreThereLeftAlone() throws {
        let fixture = try StorageFixture([("none", 0), ("in/none", 0), ("foreign", 0), (nil, 0)])
        try fixture.folder.write("foreign", [1])
        try fixture.take()
        try fixture.storage.createEmptyFiles()
        #expect(try fixture.folder.read("none") == [])
        #expect(try fixture.folder.read("in/none") == [])
        #expect(try fixture.folder.read("foreign") == [1])
    }

    @Test(arguments: ["/tmp", "/dev/shm"])
    func aFileThatShrankIsAnErrorAndNoCrash(parent: String) throws {
        let fixture = try StorageFixture([("a", 4), ("b", 100_000)], in: parent)
        try fixture.write(pattern(100_004), at: 0)
        #expect(try fixture.read(100_004, at: 0) == pattern(100_004))
        truncate(fixture.folder.path("b"), 50_000)
        #expect(throws: StorageError(file: 1, .changed)) { try fixture.read(100_004, at: 0) }
        #expect(fixture.readCached(100_004, at: 0) == nil)
        try fixture.take()
        #expect(throws: StorageError(file: 1, .shrank)) { try fixture.read(100_004, at: 0) }
        #expect(try fixture.read(50_004, at: 0) == Array(pattern(100_004)[..<50_004]))
    }

    @Test func aFileThatIsGoneIsAnErrorWithItsName() throws {
        let fixture = try StorageFixture([("a", 4)])
        #expect(throws: StorageError(file: 0, .system(SystemError(code: ENOENT, call: "open")))) {
            try fixture.read(4, at: 0)
        }
        #expect(try fixture.standing(0) == nil)
    }

    @Test(arguments: ["/tmp", "/dev/shm"])
    func warmBytesAreReadWithoutWaiting(parent: String) throws {
        let fixture = try StorageFixture([("a", 300_000), ("b", 300_000)], in: parent)
        // Not open yet: opening may wait, so this is a miss.
        #expect(fixture.readCached(10, at: 0) == nil)
        try fixture.write(pattern(600_000), at: 0)
        // What was just written is in memory; a file system that cannot tell may answer with a miss, never wrongly.
        let warm = fixture.readCached(512 << 10, at: 1_000)
        #expect(warm == nil || warm == Array(pattern(600_000)[1_000..<1_000 + 512 << 10]))
        if parent == "/dev/shm" { #expect(warm != nil) }
    }

    @Test func whatIsInMemoryIsMappedFromOneFileAlone() throws {
        let fixture = try StorageFixture([("a", 300_000), ("b", 300_000)], in: "/dev/shm")
        #expect(fixture.storage.mapCached(10, at: 0) == nil)
        try fixture.write(pattern(600_000), at: 0)
        for offset in [1_000, 305_000] {
            let mapped = try #require(fixture.storage.mapCached(200_000, at: Int64(offset)))
            #expect(mapped.bytes.elementsEqual(pattern(600_000)[offset..<offset + 200_000]))
        }
        #expect(fixture.storage.mapCached(200_000, at: 200_000) == nil)
        // Nothing stands in the middle of a sparse file.
        let sparse = try StorageFixture([("a", 300_000)], in: "/dev/shm")
        try sparse.write([1], at: 0)
        #expect(sparse.storage.mapCached(200_000, at: 0) == nil)
    }

    @Test func moreFilesThanDescriptors() throws {
        let count = 60
        let fixture = try StorageFixture((0..<count).map { ("d\($0 % 7)/f\($0)", 10) }, openFiles: 8)
        let payload = pattern(count * 10)
        for file in 0..<count { try fixture.write(Array(payload[file * 10..<file * 10 + 10]), at: Int64(file * 10)) }
        #expect(fixture.cache.count == 8)
        #expect(try fixture.read(payload.count, at: 0) == payload)
        try fixture.storage.flush()
        fixture.storage.close()
        #expect(fixture.cache.count == 0)
        #expect(try fixture.read(payload.count, at: 0) == payload)
    }

    @Test func theLeastRecentlyUsedFileMakesRoom() throws {
        let fixture = try StorageFixture([("a", 1), ("b", 1), ("c", 1)], openFiles: 2, in: "/dev/shm")
        try fixture.write([1], at: 0)
        try fixture.write([2], at: 1)
        _ = try fixture.read(1, at: 0)
        try fixture.write([3], at: 2)
        #expect(fixture.readCached(1, at: 0) == [1])
        #expect(fixture.readCached(1, at: 1) == nil)
        #expect(fixture.readCached(1, at: 2) == [3])
    }

    @Test func signaturesChangeWithTheFile() throws {
        let fixture = try StorageFixture([("a", 4)])
        try fixture.write([1, 2, 3, 4], at: 0)
        let before = try fixture.standing(0)
        #expect(try fixture.standing(0) == before)
        try fixture.folder.write("a", [1, 2, 3, 4])
        #expect(try fixture.standing(0) != before)
    }
}
