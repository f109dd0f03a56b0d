import ByteStrings
import Foundation
import TestSupport
import Testing
import TorrentIO

/// A file that grows is ours, is never another one, and is open only while it grows.
@Suite struct AppendedFileTests {
    private static func isOpen(_ path: String) throws -> Bool {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").contains { number in
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(number)")) == path
        }
    }

    @Test func partsFollowEachOtherAndNothingStaysOpen() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/new"
        var file = try AppendedFile(new: ByteString(path))
        try file.append([1, 2])
        try file.append([])
        try file.append([3])
        #expect(try FileTree.read(path) == [1, 2, 3])
        #expect(try !Self.isOpen(path))
    }

    @Test func whatStandsThereIsLeftAsItIs() throws {
        let folder = try TemporaryFolder()
        try FileTree.write([7], to: "\(folder.path)/taken")
        #expect(throws: SystemError.self) { try AppendedFile(new: ByteString("\(folder.path)/taken")) }
        #expect(try FileTree.read("\(folder.path)/taken") == [7])
    }

    /// Also where the file system gives the new file the number of the old one, and they are of one length.
    @Test(arguments: [0, 3, 4, 5])
    func anotherFileInItsPlaceIsNotWrittenTo(before: Int) throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/new"
        var file = try AppendedFile(new: ByteString(path))
        try file.append([1, 2, 3, 4])
        try FileManager.default.removeItem(atPath: path)
        let other = [UInt8](repeating: 9, count: before)
        try FileTree.write(other, to: path)
        #expect(throws: SystemError.self) { try file.append([5]) }
        #expect(try FileTree.read(path) == other)
    }

    @Test func aFileThatIsGoneIsNotMadeAgain() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/new"
        var file = try AppendedFile(new: ByteString(path))
        try FileManager.default.removeItem(atPath: path)
        #expect(throws: SystemError.self) { try file.append([5]) }
        #expect(!FileTree.exists(path))
    }

    /// A link that leads back to the same file is followed neither.
    @Test func aLinkInItsPlaceIsNotFollowed() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/new"
        var file = try AppendedFile(new: ByteString(path))
        try FileManager.default.moveItem(atPath: path, toPath: "\(folder.path)/moved")
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "\(folder.path)/moved")
        #expect(throws: SystemError.self) { try file.append([5]) }
        #expect(try FileTree.read("\(folder.path)/moved") == [])
    }
}
