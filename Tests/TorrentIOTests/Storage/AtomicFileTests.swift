import Glibc
import Testing
import TorrentIO

@Suite struct AtomicFileTests {
    @Test func theNewOneTakesThePlaceOfTheOld() throws {
        let folder = TemporaryFolder()
        try AtomicFile.write([1, 2, 3], to: folder["x"])
        try AtomicFile.write(pattern(200_000), to: folder["x"])
        #expect(try AtomicFile.readWhole(folder["x"], limit: 200_000) == pattern(200_000))
        #expect(folder.names == ["x"])
    }

    @Test func aFailureLeavesTheOldOneAndNothingElse() throws {
        let folder = TemporaryFolder()
        folder.makeFolder("x")
        folder.makeFolder("x/y")
        // A folder cannot be replaced by a file.
        #expect(throws: SystemError.self) { try AtomicFile.write([1], to: folder["x"]) }
        #expect(folder.names == ["x"])
        #expect(throws: SystemError(code: ENOENT, call: "open")) { try AtomicFile.write([1], to: folder["no/x"]) }
    }

    @Test func aLinkIsReplacedAndNotFollowed() throws {
        let folder = TemporaryFolder()
        try AtomicFile.write([1], to: folder["real"])
        folder.link("link", to: folder["real"])
        try AtomicFile.write([2], to: folder["link"])
        #expect(try folder.read("real") == [1])
        #expect(try folder.read("link") == [2])
    }

    @Test func readingIsBounded() throws {
        let folder = TemporaryFolder()
        try AtomicFile.write(pattern(100_000), to: folder["x"])
        #expect(throws: SystemError(code: EFBIG, call: "read")) { try AtomicFile.readWhole(folder["x"], limit: 99_999) }
        #expect(throws: SystemError(code: EFBIG, call: "read")) {
            try AtomicFile.readWhole("/dev/zero", limit: 1 << 20)
        }
        #expect(throws: SystemError(code: EISDIR, call: "read")) { try AtomicFile.readWhole(folder.path, limit: 10) }
    }
}
