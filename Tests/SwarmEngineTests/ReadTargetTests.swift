import SwarmEngine
import SwarmTestSupport
import Testing
import TorrentCore

/// Which blocks one read from a peer may be aimed at.
@Suite struct ReadTargetTests {
    /// One piece of four blocks, of which two peers are asked in the endgame.
    private let stage = SwarmStage(pieces: 1, pieceLength: 65_536)
    private let one: ConnectionID
    private let other: ConnectionID

    init() {
        stage.start()
        one = stage.join(1)
        stage.receive(.unchoke, from: one)
        other = stage.join(2)
        stage.receive(.unchoke, from: other)
    }

    private func targets(of id: ConnectionID, behind begun: WireBlock? = nil) -> [WireBlock] {
        var blocks: [WireBlock] = []
        stage.swarm.forEachReadTarget(from: id, behind: begun) { block in
            blocks.append(block.onWire)
            return true
        }
        return blocks
    }

    private func expected(from id: ConnectionID) -> [WireBlock] {
        var blocks: [WireBlock] = []
        stage.swarm.forEachExpected(from: id) { block in
            blocks.append(block.onWire)
            return true
        }
        return blocks
    }

    @Test func theyAreWhatItWasAskedFor() {
        #expect(targets(of: one) == (0..<4).map { stage.block(0, $0) })
        #expect(!targets(of: other).isEmpty && targets(of: other) == expected(from: other))
    }

    /// The rest of what it is sending has been aimed already.
    @Test func theBlockThatHasBegunIsLeftOut() {
        let first = stage.block(0, 0)
        #expect(
            stage.admit(first, from: one).admission == .accept(stage.geometry.block(0, of: stage.geometry.piece(0))))
        #expect(targets(of: one, behind: first) == (1..<4).map { stage.block(0, $0) })
        #expect(targets(of: one).isEmpty)
    }

    /// Two have been asked for a block, and one has begun to send it: nothing of the other goes to its place, nor to
    /// those behind it, since what comes first has to be thrown away.
    @Test func nothingIsAimedAtWhatAnotherIsSending() throws {
        let shared = try #require(targets(of: other).first)
        let before = (0..<4).map { stage.block(0, $0) }.prefix { $0 != shared }
        _ = stage.admit(shared, from: other)
        #expect(targets(of: one) == Array(before))
        #expect(targets(of: other, behind: shared) == Array(expected(from: other).dropFirst()))
        stage.tell(.linkClosed(other, .networkError))
        #expect(targets(of: one) == (0..<4).map { stage.block(0, $0) })
    }

    @Test func nobodyIsAimedAtAnythingWithoutAConnection() {
        stage.tell(.linkClosed(one, .networkError))
        #expect(targets(of: one).isEmpty)
    }
}
