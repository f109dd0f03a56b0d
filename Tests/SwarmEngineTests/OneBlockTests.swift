import SwarmEngine
import SwarmTestSupport
import Testing
import TorrentCore

/// The shortest way through the brain for one block in each direction. `Tests/SimulationTests/coverage --one-block`
/// lists the functions that take part.
@Suite struct OneBlockTests {
    /// A peer has the only block that we lack, unchokes us, and sends it.
    @Test func oneBlockComesIn() throws {
        let stage = SwarmStage(pieces: 1, pieceLength: 16_384)
        stage.start()
        let peer = stage.enter(1)
        #expect(stage.receive(.haveAll, from: peer).said(to: peer) == [.interested])
        let block = stage.block(0, 0)
        let piece = try #require(stage.geometry.piece(at: 0))
        #expect(stage.receive(.unchoke, from: peer) == [.openPiece(piece), .send(peer, .request(block))])
        #expect(stage.deliver(block, from: peer) == [.verifyAndStore(piece)])
        #expect(stage.store(piece).contains(.completed))
    }

    /// A peer without pieces is interested, is unchoked, asks for a block and gets it.
    @Test func oneBlockGoesOut() throws {
        let stage = SwarmStage(pieces: 1, pieceLength: 16_384, seeder: true)
        stage.start()
        let peer = stage.enter(1)
        stage.receive(.haveNone, from: peer)
        #expect(stage.receive(.interested, from: peer).said(to: peer) == [.unchoke])
        let wire = stage.block(0, 0)
        let block = try #require(stage.geometry.block(wire))
        #expect(stage.receive(.request(wire), from: peer) == [.serve(peer, block)])
        stage.tell(.blockSent(block, to: peer))
        #expect(stage.figures.uploaded == 16_384)
    }
}
