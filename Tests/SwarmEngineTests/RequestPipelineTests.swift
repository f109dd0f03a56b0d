import SwarmTestSupport
import Testing
import TorrentCore

@testable import SwarmEngine

/// The requests that are under way to a peer.
@Suite struct RequestPipelineTests {
    /// Requests wait a second behind our own blocks before they leave. Told of that, the pipeline does not take it for
    /// a queue at the peer, and deepens.
    @Test(arguments: [true, false])
    func waitsOfOurOwnAreNoQueue(isTold: Bool) {
        var pipeline = RequestPipeline()
        pipeline.answered(sent: .zero, at: .zero + .milliseconds(20), limit: 1_000)
        var now = Moment.zero + .seconds(1)
        for _ in 0..<200 {
            if isTold { pipeline.messagesWaited(.seconds(1)) }
            pipeline.answered(sent: now, at: now + .milliseconds(1_300), limit: 1_000)
            now = now + .milliseconds(20)
        }
        #expect(isTold ? pipeline.depth > 200 : pipeline.depth == RequestPipeline.shallowest)
    }

    /// A peer that answers all requests but the first cannot make the list of requests grow.
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

    /// A snubbed peer is asked for the same blocks again. Each of them is expected only once, since a read may be aimed
    /// at each block only once.
    @Test func whatIsAskedForTwiceIsExpectedOnce() {
        let stage = SwarmStage(pieces: 4)
        stage.start()
        let peer = stage.join(1)
        let first = stage.receive(.unchoke, from: peer).requests(to: peer)
        #expect(Set(first).count == 8)
        let second = stage.pass(.seconds(61)).requests(to: peer)
        let again = stage.deliver(first[3], from: peer).requests(to: peer)
        #expect(second.count == 1 && again.contains(second[0]))
        var expected: [WireBlock] = []
        stage.swarm.forEachExpected(from: peer) { block in
            expected.append(block.onWire)
            return true
        }
        #expect(expected == again)
    }

    /// A peer has dropped its requests without rejects, which BEP 6 forbids. It is asked again, for one block at first.
    @Test(arguments: [true, false])
    func aPeerThatDroppedItsRequestsIsAskedAgain(isFast: Bool) {
        let stage = SwarmStage(pieces: 40)
        stage.start()
        let peer = stage.join(1, isFast ? .fast : [])
        #expect(stage.receive(.unchoke, from: peer).requests(to: peer).count == 8)
        let one = stage.pass(.seconds(61)).requests(to: peer)
        #expect(one.count == 1)
        #expect(stage.deliver(one.first ?? stage.block(0, 0), from: peer).requests(to: peer).count >= 4)
    }
}
