import ByteStrings
import TestSupport
import Testing
import TorrentCore

@testable import PeerRuntime

/// The info dictionaries that are kept beside the records.
@Suite struct MetadataStoreTests {
    private let bytes: [UInt8] = Array("d4:name1:xe".utf8)
    private var infoHash: InfoHash { InfoHash(bytes.withBytes { SHA1.digest(of: $0) }.bytes) }

    @Test func whatIsSavedIsFoundByItsHash() throws {
        let home = try TemporaryFolder()
        let store = ResumeStore(folder: ByteString(home.path("state")))
        #expect(store.metadata(of: infoHash) == nil)
        try store.saveMetadata(bytes, of: infoHash)
        #expect(store.metadata(of: infoHash) == bytes)
        #expect(store.metadata(of: InfoHash(.zero)) == nil)
        // Once more over it.
        try store.saveMetadata(bytes, of: infoHash)
        #expect(store.metadata(of: infoHash) == bytes)
    }

    @Test(arguments: [[UInt8](), Array("d4:name1:ye".utf8), Array("d4:name1:xe ".utf8)])
    func whatHasAnotherHashIsAsIfItWereNotThere(other: [UInt8]) throws {
        let home = try TemporaryFolder()
        let store = ResumeStore(folder: ByteString(home.path))
        try FileTree.write(other, to: home.path("\(infoHash.hex).metadata"))
        #expect(store.metadata(of: infoHash) == nil)
        try store.saveMetadata(bytes, of: infoHash)
        #expect(store.metadata(of: infoHash) == bytes)
    }

    @Test func withoutAFolderNothingIsKept() throws {
        let store = ResumeStore(folder: nil)
        try store.saveMetadata(bytes, of: infoHash)
        #expect(store.metadata(of: infoHash) == nil)
    }
}
