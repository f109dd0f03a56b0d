import Testing
import TorrentCore

@testable import SwarmEngine

/// What is under way to a peer.
@Suite struct RequestPipelineTests {
    /// A peer that never answers its first request, and all others, cannot make the list of what it was asked grow.
    @Test func anUnansweredRequestKeepsNoAnsweredOnes() throws {
        let geometry = try #require(TorrentGeometry(totalLength: 1 << 24, pieceLength: 1 << 24))
        let blocks = (0..<1_000).map { geometry.block($0, of: geometry.piece(0)) }
        var pipeline = RequestPipeline()
        pipeline.append(blocks[0], at: .zero)
        for round in 0..<1_000 {
            for step in 0..<8 { pipeline.append(blocks[1 + (round + step) % 999], at: .zero) }
            for step in (0..<8).reversed() {
                let position = try #require(pipeline.position(of: blocks[1 + (round + step) % 999]))
                pipeline.remove(at: position)
            }
            #expect(pipeline.positions == [0] && pipeline.count == 1)
        }
        pipeline.append(blocks[5], at: .zero)
        #expect(try #require(pipeline.positions.last) < 300)
    }

    /// It was asked in vain and is asked again: two requests of each block are under way, and a read that is aimed at
    /// what comes next has each of them once.
    @Test func whatIsAskedForTwiceIsExpectedOnce() {
        var bench = Bench(pieces: 4)
        bench.start()
        let peer = bench.join(1)
        let first = bench.receive(.unchoke, from: peer).requests(to: peer)
        #expect(Set(first).count == 8)
        bench.pass(.seconds(61))
        let again = bench.deliver(first[0], from: peer).requests(to: peer)
        #expect(!again.isEmpty && Set(again).isSubset(of: first))
        var expected: [WireBlock] = []
        bench.swarm.forEachExpected(from: peer) { block in
            expected.append(block.onWire)
            return true
        }
        #expect(expected == again)
    }
}
