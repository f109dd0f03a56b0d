import SwarmEngine
import Testing
import TorrentCore

/// The shortest way through the brain for one block in each direction. `Tests/SimulationTests/coverage --one-block`
/// lists the functions that take part.
@Suite struct OneBlockTests {
    /// A peer has the only block that we lack, unchokes us, and sends it.
    @Test func oneBlockComesIn() throws {
        let bench = Bench(pieces: 1, pieceLength: 16_384)
        bench.start()
        let peer = bench.enter(1)
        #expect(bench.receive(.haveAll, from: peer).said(to: peer) == [.interested])
        let block = bench.block(0, 0)
        let piece = try #require(bench.geometry.piece(at: 0))
        #expect(bench.receive(.unchoke, from: peer) == [.openPiece(piece), .send(peer, .request(block))])
        #expect(bench.deliver(block, from: peer) == [.verifyAndStore(piece)])
        #expect(bench.store(piece).contains(.completed))
    }

    /// A peer without pieces is interested, is unchoked, asks for a block and gets it.
    @Test func oneBlockGoesOut() throws {
        let bench = Bench(pieces: 1, pieceLength: 16_384, seeder: true)
        bench.start()
        let peer = bench.enter(1)
        bench.receive(.haveNone, from: peer)
        #expect(bench.receive(.interested, from: peer).said(to: peer) == [.unchoke])
        let wire = bench.block(0, 0)
        let block = try #require(bench.geometry.block(wire))
        #expect(bench.receive(.request(wire), from: peer) == [.serve(peer, block)])
        bench.tell(.blockSent(block, to: peer))
        #expect(bench.figures.uploaded == 16_384)
    }
}
