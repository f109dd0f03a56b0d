import SwarmEngine
import SwarmTestSupport
import Testing
import TorrentCore

/// Odd peers and short memory must not stop a download.
@Suite struct StallTests {
    // MARK: The order of the first messages

    /// A peer may unchoke us before it tells what it has.
    @Test(arguments: [ReservedBits.fast, []])
    func unchokedBeforeWeKnowWhatItHas(reserved: ReservedBits) {
        let stage = SwarmStage(pieces: 4)
        stage.start()
        let early = stage.enter(1, reserved)
        #expect(stage.receive(.unchoke, from: early).requests(to: early) == [])
        let effects =
            reserved == .fast
            ? stage.receive(.haveAll, from: early) : stage.bitfield(Bitfield(count: 4, filled: true), from: early)
        #expect(effects.said(to: early).first == .interested)
        #expect(effects.requests(to: early).count == 8)
    }

    @Test func allowedFastBeforeWeKnowWhatItHas() {
        let stage = SwarmStage(pieces: 4)
        stage.start()
        let early = stage.enter(1)
        stage.receive(.allowedFast(2), from: early)
        #expect(stage.receive(.haveAll, from: early).requests(to: early) == [stage.block(2, 0), stage.block(2, 1)])
    }

    // MARK: Peers that reject requests

    @Test func aPeerThatRejectsItsLastRequestIsAskedAgain() {
        let stage = SwarmStage(pieces: 1)
        stage.start()
        let only = stage.join(1)
        let asked = stage.receive(.unchoke, from: only).requests(to: only)
        stage.deliver(asked[0], from: only)
        #expect(stage.receive(.reject(asked[1]), from: only).requests(to: only) == [asked[1]])
    }

    /// It is asked after ever longer pauses.
    @Test func aPeerThatRejectsEverythingIsAskedLessAndLess() {
        let stage = SwarmStage(pieces: 1, pieceLength: 16_384)
        stage.start()
        let only = stage.join(1)
        var asked = stage.receive(.unchoke, from: only).requests(to: only)
        #expect(asked.count == 1)
        var questions = 0
        for _ in 0..<600 {
            asked += stage.pass(.milliseconds(100)).requests(to: only)
            while let block = asked.popLast() {
                questions += 1
                asked += stage.receive(.reject(block), from: only).requests(to: only)
            }
        }
        #expect((8...12).contains(questions))
        // The longest pause is 16 seconds.
        #expect(stage.pass(.seconds(16)).requests(to: only).count == 1)
    }

    @Test func aBlockEndsThePauses() {
        let stage = SwarmStage(pieces: 2, pieceLength: 16_384)
        stage.start()
        let only = stage.join(1)
        var asked = stage.receive(.unchoke, from: only).requests(to: only)
        // After the third time that all requests are rejected there is a pause.
        for _ in 0..<3 {
            let refused = asked
            asked = []
            for block in refused { asked += stage.receive(.reject(block), from: only).requests(to: only) }
        }
        #expect(asked == [])
        asked = stage.pass(.milliseconds(300)).requests(to: only)
        #expect(asked.count == 2)
        stage.deliver(asked[0], from: only)
        #expect(stage.receive(.reject(asked[1]), from: only).requests(to: only) == [asked[1]])
    }

    // MARK: No memory for a piece

    private func notOpened(_ stage: SwarmStage, _ piece: UInt32) -> SwarmEffects {
        stage.tell(.pieceNotOpened(stage.geometry.piece(Int(piece))))
    }

    @Test(arguments: [ReservedBits.fast, []])
    func whatWasAskedOfAPieceWithoutMemoryIsTakenBack(reserved: ReservedBits) {
        let stage = SwarmStage(pieces: 4)
        stage.start()
        let seed = stage.join(1, reserved)
        let asked = stage.receive(.unchoke, from: seed).requests(to: seed)
        let piece = asked[0].piece
        let effects = notOpened(stage, piece)
        #expect(Array(effects.said(to: seed).prefix(2)) == asked.filter { $0.piece == piece }.map { .cancel($0) })
        // No other piece is opened until one of the three open ones is done.
        #expect(!effects.contains { if case .openPiece = $0 { true } else { false } })
        // A block that still comes is ignored.
        #expect(stage.deliver(asked[0], from: seed).isEmpty)
        let others = asked.filter { $0.piece != piece }
        for block in others { stage.deliver(block, from: seed) }
        let next = stage.store(stage.geometry.piece(Int(others[0].piece)))
        #expect(next.requests(to: seed).map(\.piece) == [piece, piece])
    }

    /// With no piece open at all, opening one is tried again after pauses.
    @Test func withoutAnyMemoryItIsTriedAgain() {
        let stage = SwarmStage(pieces: 8)
        stage.start()
        let seed = stage.join(1, [])
        var waiting = stage.receive(.unchoke, from: seed)
        var tries = 0
        for _ in 0..<100 {
            while let position = waiting.firstIndex(where: { if case .openPiece = $0 { true } else { false } }) {
                guard case .openPiece(let piece) = waiting.remove(at: position) else { continue }
                tries += 1
                waiting += notOpened(stage, piece.number)
            }
            waiting = stage.pass(.milliseconds(100))
        }
        #expect((8...60).contains(tries))
        // Memory is back.
        waiting += stage.pass(.seconds(3))
        #expect(waiting.requests(to: seed).count >= 4)
    }

    /// The shell had no buffer for a block that the brain had admitted.
    @Test func aBlockWithoutABufferIsAskedForAgain() {
        let stage = SwarmStage(pieces: 1, pieceLength: 16_384)
        stage.start()
        let seed = stage.join(1)
        let asked = stage.receive(.unchoke, from: seed).requests(to: seed)
        let effects = stage.admit(asked[0], from: seed).effects + stage.tell(.blockDiscarded(asked[0], from: seed))
        #expect(effects.requests(to: seed) == asked)
        stage.deliver(asked[0], from: seed)
        #expect(stage.store(stage.geometry.piece(0)).contains(.completed))
    }
}
