import ByteStrings
import Glibc
import TestSupport
import Testing

@testable import TorrentIO

@Suite struct AtomicFileTests {
    @Test func theNewOneTakesThePlaceOfTheOld() throws {
        let folder = try TemporaryFolder()
        try AtomicFile.write([1, 2, 3], to: folder.path("x"))
        try AtomicFile.write(pattern(200_000), to: folder.path("x"))
        #expect(try AtomicFile.readWhole(folder.path("x"), limit: 200_000) == pattern(200_000))
        #expect(folder.names == ["x"])
    }

    @Test func aFailureLeavesTheOldOneAndNothingElse() throws {
        let folder = try TemporaryFolder()
        try folder.folder("x")
        try folder.folder("x/y")
        // A folder cannot be replaced by a file.
        #expect(throws: SystemError.self) { try AtomicFile.write([1], to: folder.path("x")) }
        #expect(folder.names == ["x"])
        #expect(throws: SystemError(code: ENOENT, call: "open")) { try AtomicFile.write([1], to: folder.path("no/x")) }
    }

    /// A state or a torrent may be kept elsewhere by a link, which is not ours to replace.
    @Test func aLinkIsFollowedAndStays() throws {
        let folder = try TemporaryFolder()
        try folder.folder("there")
        folder.link("first", to: "second")
        folder.link("second", to: "there/new")
        for round: UInt8 in 1...2 {
            try AtomicFile.write([round], to: folder.path("first"))
            #expect(try folder.read("there/new") == [round])
        }
        #expect(folder.names == ["first", "second", "there"])
        folder.link("loop", to: "loop")
        #expect(throws: SystemError(code: ELOOP, call: "open")) { try AtomicFile.write([1], to: folder.path("loop")) }
    }

    @Test func whatIsNoFileIsRefusedAndStays() throws {
        let folder = try TemporaryFolder()
        try #require(mkfifo(folder.path("pipe"), 0o600) == 0)
        try folder.folder("empty")
        for name in ["pipe", "empty"] {
            #expect(throws: SystemError.self) { try AtomicFile.write([1], to: folder.path(name)) }
        }
        #expect(throws: SystemError.self) { try AtomicFile.write([1], to: "/dev/null") }
        #expect(folder.names == ["empty", "pipe"])
    }

    /// Both ways to write one, whichever the file system of the tests has.
    @Test(arguments: [true, false])
    func nothingIsReplacedUnasked(hasName: Bool) throws {
        let folder = try TemporaryFolder()
        func put(_ byte: UInt8, replaces: Bool) throws(SystemError) {
            try WriteTarget(ByteString(folder.path("x"))).put([byte], mode: 0o640, replaces: replaces, hasName: hasName)
        }
        try put(1, replaces: false)
        #expect(throws: SystemError(code: EEXIST, call: "link")) { try put(2, replaces: false) }
        #expect(try folder.read("x") == [1])
        try put(3, replaces: true)
        #expect(try folder.read("x") == [3])
        #expect(folder.names == ["x"])
        folder.link("nowhere", to: "/nonexistent/file")
        #expect(throws: SystemError.self) { try AtomicFile.write([1], to: folder.path("nowhere")) }
    }

    @Test func theModeOfTheOldOneIsKept() throws {
        let folder = try TemporaryFolder()
        for mode: mode_t in [0o600, 0o444, 0o750] {
            try AtomicFile.write([1], to: folder.path("x"))
            chmod(folder.path("x"), mode)
            try AtomicFile.write([2], to: folder.path("x"))
            var status = stat()
            stat(folder.path("x"), &status)
            #expect(status.st_mode & 0o7777 == mode)
            unlink(folder.path("x"))
        }
    }

    @Test func aNameMayBeAsLongAsNamesAre() throws {
        let folder = try TemporaryFolder()
        let name = String(repeating: "n", count: 255)
        for round: UInt8 in 1...2 { try AtomicFile.write([round], to: folder.path(name)) }
        #expect(try folder.read(name) == [2])
        #expect(folder.names == [name])
    }

    @Test func readingIsBounded() throws {
        let folder = try TemporaryFolder()
        try AtomicFile.write(pattern(100_000), to: folder.path("x"))
        #expect(throws: SystemError(code: EFBIG, call: "read")) {
            try AtomicFile.readWhole(folder.path("x"), limit: 99_999)
        }
        #expect(throws: SystemError(code: EFBIG, call: "read")) {
            try AtomicFile.readWhole("/dev/zero", limit: 1 << 20)
        }
        #expect(throws: SystemError(code: EISDIR, call: "read")) { try AtomicFile.readWhole(folder.path, limit: 10) }
    }
}
