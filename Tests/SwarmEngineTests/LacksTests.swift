import SwarmTestSupport
import Testing
import TorrentCore

@testable import SwarmEngine

/// Peers that have a piece no more (BEP 54).
@Suite struct LacksTests {
    private func lacks(_ piece: UInt32, _ stage: SwarmStage, from id: ConnectionID) -> SwarmEffects {
        stage.tell(.extended(.lacks(piece), from: id))
    }

    @Test func itsRequestsGoToSomebodyElse() {
        let stage = SwarmStage(pieces: 2)
        stage.start()
        let first = stage.join(1, .ours, has: [0])
        let second = stage.join(2, .ours, has: [0])
        #expect(stage.receive(.unchoke, from: first).requests(to: first).count == 2)
        // Both blocks are asked of the first; in the endgame the second would be asked for the same.
        stage.receive(.unchoke, from: second)
        let effects = lacks(0, stage, from: first)
        #expect(Set(effects.said(to: first).prefix(2)) == [.cancel(stage.block(0, 0)), .cancel(stage.block(0, 1))])
        #expect(effects.said(to: first).contains(.notInterested))
        #expect(stage.connections.first { $0.id == first }?.pieces == 0)
        stage.receive(.reject(stage.block(0, 0)), from: first)
        stage.receive(.reject(stage.block(0, 1)), from: first)
        for block in 0..<2 { stage.deliver(stage.block(0, block), from: second) }
        #expect(stage.store(stage.geometry.piece(0)).contains(.send(second, .have(0))))
    }

    @Test func aPieceThatNobodyHasIsNotWaitedFor() {
        let stage = SwarmStage(pieces: 2)
        stage.start()
        let peer = stage.join(1, .ours, has: [0])
        stage.receive(.unchoke, from: peer)
        #expect(lacks(0, stage, from: peer).contains(.discardPiece(stage.geometry.piece(0))))
        #expect(stage.figures.availability == 0 && stage.figures.useful == 0)
        // It has it again.
        #expect(stage.receive(.have(0), from: peer).said(to: peer).contains(.interested))
    }

    /// Who had everything is counted piece by piece from then on.
    @Test func aSeedBecomesOneOfMany() {
        let stage = SwarmStage(pieces: 40)
        stage.start()
        let peer = stage.join(1, .ours)
        let other = stage.join(2, .ours, has: [3])
        #expect(stage.figures.seeds == 1 && stage.figures.availability == 1)
        _ = lacks(3, stage, from: peer)
        #expect(stage.figures.seeds == 0 && stage.figures.availability == 1)
        _ = lacks(3, stage, from: other)
        #expect(stage.figures.availability == 0)
        _ = lacks(5, stage, from: peer)
        #expect(stage.connections.map(\.pieces) == [38, 0])
        stage.tell(.linkClosed(peer, .remoteClosed))
        #expect(stage.figures.availability == 0)
        let third = stage.join(3, .ours)
        #expect(stage.receive(.unchoke, from: third).requests(to: third).isEmpty == false)
        #expect(stage.figures.availability == 1)
    }

    @Test func whatItNeverHadIsLetPassAndWhatThereIsNotEndsIt() {
        let stage = SwarmStage(pieces: 4)
        stage.start()
        let peer = stage.join(1, .ours, has: [0])
        #expect(lacks(1, stage, from: peer) == [])
        #expect(lacks(4, stage, from: peer).contains(.close(peer, .protocolViolation(.pieceOutOfRange))))
    }

    /// Only who wants to hear it is told.
    @Test func itIsSaidUnderTheIdOfTheOther() {
        let stage = SwarmStage(pieces: 4, have: [0])
        stage.start()
        let peer = stage.join(1, .ours, has: [0])
        let output = ExtensionOutput.lacks(stage.geometry.piece(3))
        #expect(stage.sent(output, to: peer) == nil)
        stage.introduce(peer, speaking: [.lacks])
        #expect(stage.sent(output, to: peer) == .lacks(3))
        #expect(stage.swarm.extensionHandshake(listenPort: nil).ids.id(for: .lacks) == PeerExtension.lacks.rawValue)
    }

    /// A piece that is stored is not given up because somebody else has lost it.
    @Test func whatWeHaveStays() {
        let stage = SwarmStage(pieces: 4, have: [0])
        stage.start()
        let peer = stage.join(1, .ours, has: [0, 1])
        let effects = lacks(0, stage, from: peer)
        #expect(effects == [])
        #expect(stage.figures.useful == 1)
    }
}
