import PeerEvents
import SwarmEngine
import Testing
import TorrentCore

@testable import PeerRuntime

/// Who is blamed for a piece that came with a wrong hash.
@Suite struct BlameTests {
    /// More failed attempts than are remembered; the last piece fails twice, each time by another liar. Who sent its
    /// good blocks is not blamed, and the first liar is found all the same.
    @Test func attemptsAreNotTakenForOneAnother() throws {
        let stage = try SessionStage(length: 65 * 32_768, pieceLength: 32_768)
        let staged = StagedSession(stage)
        defer { staged.stop() }
        var honest: [IPAddress] = []
        var liars: [IPAddress] = []
        for piece in 0..<65 {
            let blocks = stage.blocks(of: piece)
            let first = try Self.join(staged, with: piece)
            first.send(blocks[0])
            first.say(.choke, .reject(blocks[1]))
            try first.burst()
            let second = try Self.join(staged, with: piece)
            #expect(second.requests == [blocks[1]])
            second.send(blocks[1], isTrue: false)
            second.say(.choke)
            try second.burst()
            stage.settle()
            honest.append(first.address)
            liars.append(second.address)
            for peer in [first, second] { peer.leave() }
        }
        #expect(staged.codes == Array(repeating: "piece_rejected", count: 65))
        // One comes good, so there is room for one more.
        honest.append(try Self.give(staged, 1, isTrue: [true, true]).address)
        liars.append(try Self.give(staged, 64, isTrue: [false, true]).address)
        honest.append(try Self.give(staged, 64, isTrue: [true, true]).address)
        let blamed = staged.notices.filter { $0.code == "banned" }.map(\.text)
        for address in honest { #expect(!blamed.contains { $0.hasPrefix("\(address) ") }) }
        for liar in [1, 64, 65] { #expect(blamed.contains { $0.hasPrefix("\(liars[liar]) ") }) }
        #expect(blamed.count == 3)
    }

    /// Somebody comes who has one piece, and is asked for it.
    private static func join(_ staged: StagedSession, with piece: Int) throws -> FarPeer {
        let peer = try staged.join(.fast)
        var pieces = Bitfield(count: staged.stage.geometry.pieceCount)
        pieces[piece] = true
        peer.sayBitfield(pieces)
        peer.say(.unchoke)
        try peer.burst()
        return peer
    }

    /// The same, and it sends all of the piece.
    private static func give(_ staged: StagedSession, _ piece: Int, isTrue: [Bool]) throws -> FarPeer {
        let peer = try join(staged, with: piece)
        for (block, isTrue) in zip(staged.stage.blocks(of: piece), isTrue) { peer.send(block, isTrue: isTrue) }
        try peer.burst()
        staged.stage.settle()
        peer.leave()
        return peer
    }
}
