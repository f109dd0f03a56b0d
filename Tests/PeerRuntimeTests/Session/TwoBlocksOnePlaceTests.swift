import SwarmEngine
import Testing
import TorrentCore

@testable import PeerRuntime

/// The same block may be asked for twice; its bytes have one place all the same.
@Suite struct TwoBlocksOnePlaceTests {
    /// It has one piece, chokes with two requests open, announces another, unchokes, and sends the two and the first
    /// four of the next in one burst.
    @Test(arguments: [true, false])
    func aChokeBetweenRequestAndBlock(isFast: Bool) throws {
        let stage = try SessionStage(length: 8 * 65_536, pieceLength: 65_536)
        let staged = StagedSession(stage)
        defer { staged.stop() }
        let peer = try staged.join(isFast ? .fast : [])
        var pieces = Bitfield(count: 8)
        pieces[2] = true
        peer.sayBitfield(pieces)
        peer.say(.unchoke)
        try peer.burst()
        #expect(peer.requests == stage.blocks(of: 2))
        peer.answer()
        peer.answer()
        try peer.burst()

        peer.say(.choke)
        for block in peer.requests where isFast { peer.say(.reject(block)) }
        peer.requests = []
        peer.say(.have(5), .unchoke)
        try peer.burst()
        #expect(peer.requests == stage.blocks(of: 2).suffix(2) + stage.blocks(of: 5))

        while !peer.requests.isEmpty { peer.answer() }
        try peer.burst()
        stage.settle()
        #expect(staged.codes == [])
        #expect(staged.session.have[stage.geometry.piece(2)] && staged.session.have[stage.geometry.piece(5)])
        try peer.listen()
        #expect(!peer.isClosed)
    }
}
