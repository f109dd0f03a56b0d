import SwarmEngine
import Testing
import TorrentCore

@Suite struct LiarTests {
    static func reject(_ bench: Bench, _ piece: Int) -> SwarmEffects {
        let piece = bench.geometry.piece(piece)
        return bench.reject(piece).effects
    }

    @Test func theOnlySenderOfAWrongPieceIsBannedAtOnce() {
        let bench = Bench(pieces: 1)
        bench.start()
        let liar = bench.join(1)
        bench.receive(.unchoke, from: liar)
        bench.deliver(bench.block(0, 0), from: liar)
        bench.deliver(bench.block(0, 1), from: liar)
        let effects = Self.reject(bench, 0)
        #expect(effects.contains(.banned(Bench.endpoint(1).address, bench.geometry.piece(0))))
        #expect(effects.contains(.close(liar, .banned)))
        // It is refused under another peer id, and we do not connect to it.
        let again = bench.knock(from: Endpoint(Bench.endpoint(1).address, port: 9), Bench.handshake(50)).id
        #expect(again == nil)
        #expect(bench.tell(.peersFound([Bench.endpoint(1)], from: .tracker)) == [])
    }

    @Test func ofSeveralSendersTheOneWhoseBlocksDifferedIsBanned() throws {
        let (bench, honest, liar) = Self.halfFromEach()
        let piece = bench.geometry.piece(0)
        let (attempt, effects) = bench.reject(piece)
        let first = try #require(attempt)
        #expect(!effects.contains(.banned(Bench.endpoint(1).address, piece)))
        // One peer alone is asked for all of it now.
        #expect(effects.contains(.openPiece(piece)))
        #expect(effects.requests(to: liar).isEmpty != effects.requests(to: honest).isEmpty)
        let asked = effects.requests(to: honest).isEmpty ? liar : honest
        bench.deliver(bench.block(0, 0), from: asked)
        bench.deliver(bench.block(0, 1), from: asked)
        bench.store(piece)
        let found = bench.tell(.blocksDiffered([1], of: piece, in: first))
        #expect(found == [.banned(Bench.endpoint(1).address, piece)] || found.contains(.close(liar, .banned)))
        #expect(!found.contains(.banned(Bench.endpoint(2).address, piece)))
        #expect(!bench.remembers(first))
    }

    /// Many clients on one machine share 127.0.0.1: only the liar is banned.
    @Test func onLoopbackOnlyTheLiarIsBanned() {
        let bench = Bench(pieces: 1)
        bench.start()
        func come(_ number: UInt64, _ port: UInt16) -> ConnectionID? {
            bench.knock(from: Endpoint(.loopbackV4, port: port), Bench.handshake(number)).id
        }
        guard let liar = come(1, 5_000), let neighbour = come(2, 5_001) else {
            Issue.record("not let in")
            return
        }
        bench.receive(.haveAll, from: liar)
        bench.receive(.unchoke, from: liar)
        bench.deliver(bench.block(0, 0), from: liar)
        bench.deliver(bench.block(0, 1), from: liar)
        let effects = Self.reject(bench, 0)
        #expect(effects.contains(.close(liar, .banned)))
        #expect(!effects.contains(.close(neighbour, .banned)))
        #expect(come(1, 5_002) == nil)
        #expect(come(3, 5_003) != nil)
    }

    /// After a choke and an unchoke the suspect piece is still asked of the same peer.
    @Test func aPieceForOnePeerAloneIsGoneOnWithAfterAChoke() {
        let (bench, asked, _) = Self.suspectPiece()
        bench.receive(.choke, from: asked)
        #expect(bench.receive(.unchoke, from: asked).requests(to: asked) == [])
        #expect(bench.deliver(bench.block(0, 0), from: asked).requests(to: asked) == [bench.block(0, 1)])
    }

    @Test func aPieceForOnePeerAloneGoesToAnotherIfItIsSlow() {
        let (bench, _, other) = Self.suspectPiece()
        #expect(bench.pass(.seconds(29)).requests(to: other) == [])
        #expect(bench.pass(.seconds(2)).requests(to: other) == [bench.block(0, 1)])
    }

    /// The only piece has arrived, its second half from peer 1 and its first from peer 2.
    private static func halfFromEach() -> (bench: Bench, first: ConnectionID, second: ConnectionID) {
        let bench = Bench(pieces: 1)
        bench.start()
        let second = bench.join(1)
        let first = bench.join(2)
        bench.receive(.unchoke, from: second)
        bench.receive(.unchoke, from: first)
        bench.deliver(bench.block(0, 0), from: first)
        bench.deliver(bench.block(0, 1), from: second)
        return (bench, first, second)
    }

    /// A piece had a wrong hash, half of it from each of two peers, whose queues take one request. Now one of them has
    /// been asked for its first block.
    private static func suspectPiece() -> (bench: Bench, asked: ConnectionID, other: ConnectionID) {
        let (bench, first, second) = halfFromEach()
        // Both were asked for both blocks: each peer rejects the one that the other has sent.
        bench.receive(.reject(bench.block(0, 1)), from: first)
        bench.receive(.reject(bench.block(0, 0)), from: second)
        for id in [first, second] {
            var handshake = ExtensionHandshake()
            handshake.requestQueue = 1
            bench.tell(.extensionHandshake(handshake, from: id))
        }
        let effects = reject(bench, 0)
        let isFirst = effects.requests(to: second).isEmpty
        #expect(effects.requests(to: isFirst ? first : second) == [bench.block(0, 0)])
        return isFirst ? (bench, first, second) : (bench, second, first)
    }

    @Test func aPieceThatTheDiskRefusedIsFetchedAgain() {
        let bench = Bench(pieces: 1)
        bench.start()
        let seed = bench.join(1)
        bench.receive(.unchoke, from: seed)
        bench.deliver(bench.block(0, 0), from: seed)
        bench.deliver(bench.block(0, 1), from: seed)
        let piece = bench.geometry.piece(0)
        let effects = bench.tell(.pieceStoreFailed(piece))
        #expect(effects.first == .openPiece(piece))
        #expect(effects.requests(to: seed) == [bench.block(0, 0), bench.block(0, 1)])
    }
}
