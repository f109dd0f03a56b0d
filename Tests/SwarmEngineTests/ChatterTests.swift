import SwarmEngine
import SwarmTestSupport
import Testing
import TorrentCore

/// Messages that cost us work and bring nothing.
@Suite struct ChatterTests {
    /// How many of these a peer may say at once before it is closed, at most 20,000.
    private static func most(
        _ messages: PeerMessage..., between: (SwarmStage, ConnectionID, Int) -> Void = { _, _, _ in }
    ) -> Int {
        let stage = SwarmStage(pieces: 20)
        stage.start()
        let peer = stage.join(1)
        for count in 0..<20_000 {
            if count % 1_000 == 999 { between(stage, peer, count / 1_000) }
            let effects = stage.receive(messages[count % messages.count], from: peer)
            if effects.contains(.close(peer, .protocolViolation(.chatter))) { return count }
        }
        return 20_000
    }

    @Test func whoSaysNothingButThatEndsItsConnection() {
        #expect(9_000...10_001 ~= Self.most(.keepAlive))
        #expect(9_000...10_001 ~= Self.most(.unchoke, .choke))
        #expect(9_000...10_001 ~= Self.most(.interested, .notInterested))
        #expect(9_000...10_001 ~= Self.most(.have(0)))
        #expect(9_000...10_001 ~= Self.most(.cancel(WireBlock(piece: 0, begin: 0, length: 16_384))))
    }

    /// A busy peer chokes and unchokes with each piece that it sends.
    @Test func whoSendsBlocksBetweenMaySayMore() {
        #expect(
            Self.most(.keepAlive) { stage, peer, _ in
                stage.receive(.unchoke, from: peer)
                var first: WireBlock?
                stage.swarm.forEachExpected(from: peer) { block in
                    first = block.onWire
                    return false
                }
                if let first { stage.deliver(first, from: peer) }
            } == 20_000)
    }

    /// Some send keep-alives far too often, but no flood.
    @Test func whoSaysItOverALongTimeStays() {
        #expect(Self.most(.keepAlive) { stage, _, _ in stage.pass(.seconds(2)) } == 20_000)
    }
}
