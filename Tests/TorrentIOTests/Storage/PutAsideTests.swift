import ByteStrings
import TestSupport
import Testing
import TorrentIO

@Suite struct PutAsideTests {
    @Test func `a file gets a name that nobody has, and takes nobody's`() throws {
        let folder = try TemporaryFolder()
        try folder.write("a", [1])
        try folder.write("taken", [2])
        try AtomicFile.putAside(ByteString(folder.path("a")), as: ByteString(folder.path("free")))
        #expect(try folder.read("free") == [1])
        #expect(throws: SystemError.self) {
            try AtomicFile.putAside(ByteString(folder.path("free")), as: ByteString(folder.path("taken")))
        }
        #expect(try folder.read("taken") == [2] && folder.read("free") == [1])
        #expect(throws: SystemError.self) {
            try AtomicFile.putAside(ByteString(folder.path("nobody")), as: ByteString(folder.path("new")))
        }
        #expect(folder.names.sorted() == ["free", "taken"], "no name is left behind for what could not be moved")
    }

    @Test func `a beginning is as long as it is asked for, or as there is`() throws {
        let folder = try TemporaryFolder()
        try folder.write("x", [1, 2, 3])
        #expect(try AtomicFile.readBeginning(ByteString(folder.path("x")), count: 2) == [1, 2])
        #expect(try AtomicFile.readBeginning(ByteString(folder.path("x")), count: 9) == [1, 2, 3])
        #expect(throws: SystemError.self) { try AtomicFile.readBeginning(ByteString(folder.path), count: 1) }
        #expect(throws: SystemError.self) { try AtomicFile.readBeginning("/dev/zero", count: 1) }
    }
}
