import SwarmEngine
import SwarmTestSupport
import Testing
import TorrentCore

/// The shell says how many pieces may be open, since torrents share its memory.
@Suite struct SharedMemoryTests {
    private func opened(_ effects: SwarmEffects) -> Int {
        effects.count { if case .openPiece = $0 { true } else { false } }
    }

    /// A peer that has everything and lets us ask, while no piece may be opened.
    private func starved(pieces: Int = 8) -> (SwarmStage, ConnectionID, SwarmEffects) {
        let stage = SwarmStage(pieces: pieces)
        stage.start()
        stage.tell(.mayOpen(0))
        let seed = stage.join(1)
        return (stage, seed, stage.receive(.unchoke, from: seed))
    }

    @Test func memoryIsWantedOnceAndNotTaken() {
        let (stage, _, effects) = starved()
        #expect(effects == [.wantMemory])
        let other = stage.join(2)
        #expect(stage.receive(.unchoke, from: other).filter { $0 == .wantMemory } == [])
        #expect(stage.pass(.seconds(20)).count { $0 == .wantMemory } == 0)
    }

    @Test func whatIsAllowedIsOpenedAtOnceAndNoMore() {
        let (stage, seed, _) = starved()
        let effects = stage.tell(.mayOpen(2))
        #expect(opened(effects) == 2)
        #expect(effects.requests(to: seed).count == 4)
        #expect(effects.last == .wantMemory)
        #expect(opened(stage.tell(.mayOpen(3))) == 1)
    }

    @Test func whoHasWhatNobodyElseNeedsWantsNoMemory() {
        let stage = SwarmStage(pieces: 4, have: [0])
        stage.start()
        stage.tell(.mayOpen(1))
        let first = stage.join(1, has: [0, 1])
        #expect(opened(stage.receive(.unchoke, from: first)) == 1)
        let second = stage.join(2, has: [0, 1])
        #expect(!stage.receive(.unchoke, from: second).contains(.wantMemory))
    }

    /// With less allowed than is open, what is open goes on.
    @Test func lessMemoryTakesNothingAway() {
        let (stage, seed, _) = starved()
        let asked = stage.tell(.mayOpen(2)).requests(to: seed)
        #expect(stage.tell(.mayOpen(1)) == [.wantMemory])
        for block in asked where block.piece == asked[0].piece { stage.deliver(block, from: seed) }
        #expect(opened(stage.store(stage.geometry.piece(Int(asked[0].piece)))) == 0)
        for block in asked where block.piece != asked[0].piece { stage.deliver(block, from: seed) }
        #expect(opened(stage.store(stage.geometry.piece(Int(asked[2].piece)))) == 1)
    }

    /// Blocks are not asked of two peers only because other torrents have the memory.
    @Test func theLastBlocksOfAPieceAreNotAskedForTwice() {
        let (stage, seed, _) = starved()
        let asked = stage.tell(.mayOpen(1)).requests(to: seed)
        let other = stage.join(2)
        #expect(asked.count == 2)
        #expect(stage.receive(.unchoke, from: other).requests(to: other) == [])
    }

    @Test func aPieceThatDoesNotMoveIsGivenUpForOthers() {
        let (stage, seed, _) = starved()
        let asked = stage.tell(.mayOpen(1)).requests(to: seed)
        stage.deliver(asked[0], from: seed)
        #expect(stage.tell(.memoryIsWanted).isEmpty, "it moved a moment ago")
        stage.pass(.seconds(11))
        let effects = stage.tell(.memoryIsWanted)
        let piece = stage.geometry.piece(Int(asked[0].piece))
        #expect(effects.filter { $0 == .discardPiece(piece) }.count == 1)
        #expect(effects.said(to: seed).contains(.cancel(asked[1])))
        #expect(opened(effects) == 0 && effects.contains(.wantMemory))
        // What still comes of it is of no use, and once there is memory all of it is asked for again.
        stage.deliver(asked[1], from: seed)
        #expect(Set(stage.tell(.mayOpen(8)).requests(to: seed).map(\.piece)).contains(piece.number))
    }

    @Test func aPieceBeingVerifiedIsNotGivenUp() {
        let (stage, seed, _) = starved()
        for block in stage.tell(.mayOpen(1)).requests(to: seed) { stage.deliver(block, from: seed) }
        stage.pass(.seconds(30))
        #expect(stage.tell(.memoryIsWanted).isEmpty)
    }
}
