import ByteStrings
import TestSupport
import Testing
import TorrentCore

@testable import PeerRuntime

@Suite struct PeerIdentityTests {
    private let folder: TemporaryFolder
    private let id = "-PS0100-0123456789ab"

    init() throws { folder = try TemporaryFolder() }

    private func path(_ name: String) -> ByteString { ByteString(folder.path(name)) }

    private var fresh: PeerID { PeerID(folderName: ByteString(id)).unsafelyUnwrapped }

    private func place(_ name: String) throws -> IdentityPlace { try IdentityPlace(path(name), fresh: fresh) }

    @Test func `it is the same peer again, at the same port`() throws {
        let made = try #require(try? PeerIdentity(place("me")))
        #expect(made.isNew && made.port == nil && made.id == fresh)
        #expect(made.folder == path("me/\(id)"))
        try made.keep(port: 7_001)
        let found = try IdentityPlace(path("me"), fresh: PeerID(.zero))
        #expect(found == IdentityPlace.known(made.folder, fresh))
        #expect(try IdentityPlace(made.folder, fresh: PeerID(.zero)) == found)
    }

    @Test func `what is kept is read`() throws {
        do { try PeerIdentity(place("me")).keep(port: 7_001) }
        do {
            let again = try PeerIdentity(place("me"))
            #expect(!again.isNew && again.port == 7_001 && again.id == fresh)
            #expect(throws: IdentityError.inUse(again.folder)) { try PeerIdentity(place("me")) }
        }
        try FileTree.write(Array("p2p-peer 1\nport 70000\n".utf8), to: folder.path("me/\(id)/peer"))
        #expect(throws: IdentityError.damaged(path("me/\(id)/peer"))) { try PeerIdentity(place("me")) }
    }

    @Test func `a folder that names an id is a peer of that id`() throws {
        let other = "-XY0001-zzzzzzzzzzzz"
        let place = try place("peers/\(other)")
        #expect(place == IdentityPlace.unknown(path("peers/\(other)"), PeerID(folderName: ByteString(other))))
        #expect(try PeerIdentity(place).folder == path("peers/\(other)"))
        #expect(try self.place("peers").id == PeerID(folderName: ByteString(other)))
    }

    @Test func `a folder with something else is left as it is`() throws {
        try FileTree.write([1], to: folder.path("mine/thesis.txt"))
        #expect(throws: IdentityError.foreign(path("mine"))) { try place("mine") }
        #expect(throws: IdentityError.noFolder(path("mine/thesis.txt"))) { try place("mine/thesis.txt") }
        // A name alone makes no peer.
        try FileTree.write([1], to: folder.path("like/\(id)/thesis.txt"))
        #expect(throws: IdentityError.foreign(path("like"))) { try place("like") }
        #expect(throws: IdentityError.foreign(path("like/\(id)"))) { try place("like/\(id)") }
        #expect(FileTree.files(below: folder.path) == ["like/\(id)/thesis.txt", "mine/thesis.txt"])
    }

    /// A process that was killed, or found no room, has left no more than this.
    @Test(arguments: [[], ["lock"], ["lock", ".p2p-1a2b.tmp"]])
    func `a making that was cut short is gone on with`(left: [String]) throws {
        _ = try folder.folder("me/\(id)")
        for name in left { try FileTree.write([], to: folder.path("me/\(id)/\(name)")) }
        let begun = IdentityPlace.unknown(path("me/\(id)"), fresh)
        #expect(try IdentityPlace(path("me"), fresh: PeerID(.zero)) == begun)
        #expect(try place("me/\(id)") == begun)
        let made = try PeerIdentity(begun)
        #expect(made.isNew && made.id == fresh)
        #expect(try place("me") == IdentityPlace.known(begun.folder, fresh))
        // With something else beside it nobody knows whose it is.
        try FileTree.write([1], to: folder.path("theirs/thesis.txt"))
        _ = try folder.folder("theirs/\(id)")
        #expect(throws: IdentityError.foreign(path("theirs"))) { try place("theirs") }
    }

    @Test func `of several one has to be named`() throws {
        for name in ["-PS0100-aaaaaaaaaaaa", "-PS0100-bbbbbbbbbbbb"] { _ = try PeerIdentity(place("peers/\(name)")) }
        #expect(throws: IdentityError.several(path("peers"), ["-PS0100-aaaaaaaaaaaa", "-PS0100-bbbbbbbbbbbb"])) {
            try place("peers")
        }
        #expect(try place("peers/-PS0100-bbbbbbbbbbbb").isThere)
    }

    @Test(
        arguments: [
            "", "-PS0100-0123456789a", "-PS0100-0123456789abc", "xPS0100-0123456789ab", "-PS0100-01234/6789ab",
        ])
    func `other names are no ids`(name: String) { #expect(PeerID(folderName: ByteString(name)) == nil) }
}

extension IdentityPlace {
    fileprivate static func known(_ folder: ByteString, _ id: PeerID) -> IdentityPlace {
        IdentityPlace(folder: folder, id: id, isThere: true)
    }

    fileprivate static func unknown(_ folder: ByteString, _ id: PeerID?) -> IdentityPlace {
        IdentityPlace(folder: folder, id: id ?? PeerID(.zero), isThere: false)
    }
}
