import Glibc
import TestSupport
import Testing
import TorrentIO

/// Promise 1: no byte outside the folder, whatever the torrent says and whatever stands on the disk.
@Suite struct ContainmentTests {
    @Test(arguments: [
        [], [""], ["."], [".."], ["a", ".."], ["..", "a"], ["a", "", "b"], ["/etc"], ["a/b"], ["a", "../b"], ["a\0b"],
        [String(repeating: "x", count: 256)],
    ])
    func namesThatCouldClimbAreNoPaths(components: [String]) {
        #expect(RelativePath(components) == nil)
        let isOneByItself = !components.contains { $0.contains("/") }
        #expect(!isOneByItself || RelativePath(joined: Array(components.joined(separator: "/").utf8)) == nil)
    }

    @Test(arguments: [["a"], ["..."], ["..a"], ["a b", "\u{1F600}"], [String(repeating: "x", count: 255)]])
    func oddNamesArePaths(components: [String]) {
        #expect(RelativePath(components) != nil)
        #expect(RelativePath(joined: Array(components.joined(separator: "/").utf8)) == RelativePath(components))
    }

    @Test func aLinkAtAnyLevelIsRefused() throws {
        let outside = try TemporaryFolder()
        try outside.write("secret", [1, 2, 3])
        try outside.folder("inner")
        let fixture = try StorageFixture([("file", 3), ("folder/file", 3), ("real/inner/secret", 3), ("dangling", 3)])
        fixture.folder.link("file", to: outside.path("secret"))
        fixture.folder.link("folder", to: outside.path)
        try fixture.folder.folder("real")
        fixture.folder.link("real/inner", to: outside.path("inner"))
        fixture.folder.link("dangling", to: outside.path("new"))
        for file in 0..<4 {
            let refusal = StorageError(file: file, .symbolicLink)
            #expect(throws: refusal) { try fixture.read(3, at: Int64(file * 3)) }
            #expect(fixture.storage.change(in: [file]) == refusal)
            // A link in the place of the file itself is seen as something that exists.
            #expect(throws: StorageError.self) { try fixture.write([9, 9, 9], at: Int64(file * 3)) }
        }
        #expect(outside.names == ["inner", "secret"])
        #expect(try outside.read("secret") == [1, 2, 3])
        let inner = try ContentFolder(outside.path("inner"))
        #expect(try FolderCursor(inner).standing(try #require(RelativePath(["secret"]))) == nil)
    }

    @Test func aLinkThatStaysInsideIsRefusedToo() throws {
        let fixture = try StorageFixture([("a/file", 1)])
        try fixture.folder.folder("b")
        fixture.folder.link("a", to: "b")
        #expect(throws: StorageError(file: 0, .symbolicLink)) { try fixture.write([1], at: 0) }
    }

    /// Who seeds or verifies reads what its user has put behind links; nothing is ever written through one.
    @Test func linksAreFollowedToReadWhereThatIsWanted() throws {
        let outside = try TemporaryFolder()
        try outside.write("one", [1, 2, 3])
        try outside.write("other", [1, 2, 3])
        try outside.folder("inner")
        try outside.write("inner/file", [4, 5, 6])
        let fixture = try StorageFixture(
            [("file", 3), ("folder/file", 3), ("dangling", 3), ("loop", 3), ("pipe", 3)], readsThroughLinks: true)
        fixture.folder.link("file", to: outside.path("one"))
        fixture.folder.link("folder", to: outside.path("inner"))
        fixture.folder.link("dangling", to: outside.path("new"))
        #expect(try fixture.standing(2) == nil)
        try fixture.take(.overwrite)
        #expect(try fixture.read(6, at: 0) == [1, 2, 3, 4, 5, 6])
        #expect(fixture.storage.change(in: 0..<3) == nil)

        for file in 0..<3 {
            #expect(throws: StorageError.self) { try fixture.write([9, 9, 9], at: Int64(file * 3)) }
        }
        #expect(outside.names == ["inner", "one", "other"])
        #expect(try outside.read("one") == [1, 2, 3])
        #expect(try outside.read("inner/file") == [4, 5, 6])

        // The link leads to another file now, or a folder above does.
        unlink(fixture.folder.path("file"))
        fixture.folder.link("file", to: outside.path("other"))
        #expect(fixture.storage.change(in: [0]) == StorageError(file: 0, .replaced))
        unlink(fixture.folder.path("folder"))
        #expect(fixture.storage.change(in: [1]) == StorageError(file: 1, .gone))

        fixture.folder.link("loop", to: "loop")
        mkfifo(outside.path("pipe"), 0o666)
        fixture.folder.link("pipe", to: outside.path("pipe"))
        #expect(throws: FileProblem.self) { try fixture.standing(3) }
        #expect(throws: FileProblem.notRegularFile) { try fixture.standing(4) }
    }

    @Test func theUsersOwnFolderMayBeALink() throws {
        let real = try TemporaryFolder()
        let other = try TemporaryFolder()
        other.link("dir", to: real.path)
        let folder = try ContentFolder(other.path("dir"))
        _ = try folder.open(try #require(RelativePath(["x"])), .create)
        #expect(real.names == ["x"])
    }

    @Test func onlyRegularFilesAreFiles() throws {
        let fixture = try StorageFixture([("pipe", 1), ("folder", 1), ("file/x", 1), ("socket", 1)])
        mkfifo(fixture.folder.path("pipe"), 0o666)
        try fixture.folder.folder("folder")
        try fixture.folder.write("file", [1])
        mknod(fixture.folder.path("socket"), S_IFSOCK | 0o666, 0)
        for file in 0..<4 {
            let refusal = StorageError(file: file, .notRegularFile)
            #expect(throws: refusal) { try fixture.read(1, at: Int64(file)) }
            #expect(throws: StorageError.self) { try fixture.write([1], at: Int64(file)) }
            #expect(fixture.storage.change(in: [file]) == refusal)
        }
    }

    @Test func aFolderIsMadeOnlyWhenAsked() throws {
        let parent = try TemporaryFolder()
        #expect(throws: SystemError(code: ENOENT, call: "open")) { try ContentFolder(parent.path("a/b")) }
        _ = try ContentFolder(parent.path("a/b"), creating: true)
        _ = try ContentFolder(parent.path("a/b"), creating: true)
        #expect(parent.names == ["a"])
        try parent.write("plain", [])
        #expect(throws: SystemError(code: ENOTDIR, call: "open")) {
            try ContentFolder(parent.path("plain"), creating: true)
        }
    }
}
