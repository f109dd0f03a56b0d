import SwarmEngine
import SwarmTestSupport
import Testing
import TorrentCore

@Suite struct LiarTests {
    static func reject(_ stage: SwarmStage, _ piece: Int) -> SwarmEffects {
        let piece = stage.geometry.piece(piece)
        return stage.reject(piece).effects
    }

    /// It sends all of the only piece, and that is wrong.
    private static func lie(_ stage: SwarmStage, _ liar: ConnectionID) -> SwarmEffects {
        stage.receive(.haveAll, from: liar)
        stage.receive(.unchoke, from: liar)
        stage.deliver(stage.block(0, 0), from: liar)
        stage.deliver(stage.block(0, 1), from: liar)
        return reject(stage, 0)
    }

    @Test func theOnlySenderOfAWrongPieceIsBannedAtOnce() {
        let stage = SwarmStage(pieces: 1)
        stage.start()
        let liar = stage.join(1)
        stage.receive(.unchoke, from: liar)
        stage.deliver(stage.block(0, 0), from: liar)
        stage.deliver(stage.block(0, 1), from: liar)
        let effects = Self.reject(stage, 0)
        #expect(effects.contains(.banned(SwarmStage.endpoint(1).address, stage.geometry.piece(0))))
        #expect(effects.contains(.close(liar, .banned)))
        // It is refused under another peer id, and we do not connect to it.
        let again = stage.knock(from: Endpoint(SwarmStage.endpoint(1).address, port: 9), SwarmStage.handshake(50)).id
        #expect(again == nil)
        #expect(stage.tell(.peersFound([SwarmStage.endpoint(1)], from: .tracker)) == [])
    }

    @Test func ofSeveralSendersTheOneWhoseBlocksDifferedIsBanned() throws {
        let (stage, honest, liar) = Self.halfFromEach()
        let piece = stage.geometry.piece(0)
        let (attempt, effects) = stage.reject(piece)
        let first = try #require(attempt)
        #expect(!effects.contains(.banned(SwarmStage.endpoint(1).address, piece)))
        // One peer alone is asked for all of it now.
        #expect(effects.contains(.openPiece(piece)))
        #expect(effects.requests(to: liar).isEmpty != effects.requests(to: honest).isEmpty)
        let asked = effects.requests(to: honest).isEmpty ? liar : honest
        stage.deliver(stage.block(0, 0), from: asked)
        stage.deliver(stage.block(0, 1), from: asked)
        stage.store(piece)
        let found = stage.tell(.blocksDiffered([1], of: piece, in: first))
        #expect(found == [.banned(SwarmStage.endpoint(1).address, piece)] || found.contains(.close(liar, .banned)))
        #expect(!found.contains(.banned(SwarmStage.endpoint(2).address, piece)))
        #expect(!stage.remembers(first))
    }

    /// Many clients on one machine share 127.0.0.1: only the liar is banned.
    @Test func onLoopbackOnlyTheLiarIsBanned() {
        let stage = SwarmStage(pieces: 1)
        stage.start()
        func come(_ number: UInt64, _ port: UInt16) -> ConnectionID? {
            stage.knock(from: Endpoint(.loopbackV4, port: port), SwarmStage.handshake(number)).id
        }
        guard let liar = come(1, 5_000), let neighbour = come(2, 5_001) else {
            Issue.record("not let in")
            return
        }
        let effects = Self.lie(stage, liar)
        #expect(effects.contains(.close(liar, .banned)))
        #expect(!effects.contains(.close(neighbour, .banned)))
        #expect(come(1, 5_002) == nil)
        #expect(come(3, 5_003) != nil)
    }

    /// A liar on a LAN says that it is somebody else there: that one is not banned for it.
    @Test func whoseNameALiarTookIsNotBanned() {
        let stage = SwarmStage(pieces: 1)
        stage.start()
        func come(from last: UInt32) -> ConnectionID? {
            stage.knock(from: Endpoint(.v4(0xC0A8_0000 | last), port: 5_000), SwarmStage.handshake(7)).id
        }
        guard let liar = come(from: 1) else {
            Issue.record("not let in")
            return
        }
        #expect(Self.lie(stage, liar).contains(.close(liar, .banned)))
        #expect(come(from: 1) == nil)
        #expect(come(from: 2) != nil)
    }

    /// After a choke and an unchoke the suspect piece is still asked of the same peer.
    @Test func aPieceForOnePeerAloneIsGoneOnWithAfterAChoke() {
        let (stage, asked, _) = Self.suspectPiece()
        stage.receive(.choke, from: asked)
        #expect(stage.receive(.unchoke, from: asked).requests(to: asked) == [])
        #expect(stage.deliver(stage.block(0, 0), from: asked).requests(to: asked) == [stage.block(0, 1)])
    }

    @Test func aPieceForOnePeerAloneGoesToAnotherIfItIsSlow() {
        let (stage, _, other) = Self.suspectPiece()
        #expect(stage.pass(.seconds(29)).requests(to: other) == [])
        #expect(stage.pass(.seconds(2)).requests(to: other) == [stage.block(0, 1)])
    }

    /// The only piece has arrived, its second half from peer 1 and its first from peer 2.
    private static func halfFromEach() -> (stage: SwarmStage, first: ConnectionID, second: ConnectionID) {
        let stage = SwarmStage(pieces: 1)
        stage.start()
        let second = stage.join(1)
        let first = stage.join(2)
        stage.receive(.unchoke, from: second)
        stage.receive(.unchoke, from: first)
        stage.deliver(stage.block(0, 0), from: first)
        stage.deliver(stage.block(0, 1), from: second)
        return (stage, first, second)
    }

    /// A piece had a wrong hash, half of it from each of two peers, whose queues take one request. Now one of them has
    /// been asked for its first block.
    private static func suspectPiece() -> (stage: SwarmStage, asked: ConnectionID, other: ConnectionID) {
        let (stage, first, second) = halfFromEach()
        // Both were asked for both blocks: each peer rejects the one that the other has sent.
        stage.receive(.reject(stage.block(0, 1)), from: first)
        stage.receive(.reject(stage.block(0, 0)), from: second)
        for id in [first, second] {
            var handshake = ExtensionHandshake()
            handshake.requestQueue = 1
            stage.tell(.extensionHandshake(handshake, from: id))
        }
        let effects = reject(stage, 0)
        let isFirst = effects.requests(to: second).isEmpty
        #expect(effects.requests(to: isFirst ? first : second) == [stage.block(0, 0)])
        return isFirst ? (stage, first, second) : (stage, second, first)
    }

    @Test func aPieceThatTheDiskRefusedIsFetchedAgain() {
        let stage = SwarmStage(pieces: 1)
        stage.start()
        let seed = stage.join(1)
        stage.receive(.unchoke, from: seed)
        stage.deliver(stage.block(0, 0), from: seed)
        stage.deliver(stage.block(0, 1), from: seed)
        let piece = stage.geometry.piece(0)
        let effects = stage.tell(.pieceStoreFailed(piece))
        #expect(effects.first == .openPiece(piece))
        #expect(effects.requests(to: seed) == [stage.block(0, 0), stage.block(0, 1)])
    }
}
