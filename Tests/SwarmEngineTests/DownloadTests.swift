import SwarmEngine
import SwarmTestSupport
import Testing
import TorrentCore

@Suite struct DownloadTests {
    @Test func aSeedIsInterestingAndIsAskedOnceItUnchokesUs() {
        let stage = SwarmStage(pieces: 2)
        stage.start()
        let seed = stage.enter(1)
        #expect(stage.receive(.haveAll, from: seed) == [.send(seed, .interested)])
        let effects = stage.receive(.unchoke, from: seed)
        // Both blocks of one piece in order, then those of the other piece.
        let requests = effects.requests(to: seed)
        #expect(requests.count == 4)
        #expect(requests.map(\.begin) == [0, 16_384, 0, 16_384])
        #expect(requests[0].piece == requests[1].piece && requests[2].piece == requests[3].piece)
        #expect(effects.first == .openPiece(stage.geometry.piece(Int(requests[0].piece))))
    }

    @Test func theFirstMessageTellsWhatWeHave() throws {
        func greeting(_ stage: SwarmStage, _ reserved: ReservedBits) -> SwarmEffects {
            stage.start()
            return stage.knock(1, reserved).effects
        }
        let id = ConnectionID(slot: 0, generation: 0)
        #expect(greeting(SwarmStage(), .fast).first == .send(id, .haveNone))
        #expect(greeting(SwarmStage(seeder: true), .fast) == [.send(id, .haveAll)])
        #expect(greeting(SwarmStage(have: [3]), .fast).first == .sendBitfield(id))
        #expect(greeting(SwarmStage(seeder: true), []) == [.sendBitfield(id)])
        #expect(greeting(SwarmStage(seeder: true), .ours) == [.send(id, .haveAll), .sendExtension(id, .handshake)])
        #expect(!greeting(SwarmStage(), []).contains { if case .send = $0 { true } else { false } })
    }

    @Test func aPieceIsVerifiedOnceAllItsBlocksAreThereAndThenAnnounced() {
        let stage = SwarmStage(pieces: 1)
        stage.start()
        let seed = stage.join(1)
        let other = stage.join(2, has: [])
        stage.receive(.unchoke, from: seed)
        let piece = stage.geometry.piece(0)
        #expect(stage.deliver(stage.block(0, 1), from: seed) == [])
        #expect(stage.deliver(stage.block(0, 0), from: seed) == [.verifyAndStore(piece)])
        let effects = stage.store(piece)
        #expect(effects.said(to: other) == [.have(0)])
        #expect(effects.contains(.completed))
        // Two seeds are of no use to each other.
        #expect(effects.contains(.close(seed, .notUseful)))
        #expect(stage.isComplete)
        #expect(stage.figures.left == 0)
    }

    /// A choking peer, too, is told as soon as it has nothing left that we lack, and again when it has (BEP 3).
    @Test func interestIsUpToDateThoughWeAreChoked() {
        let stage = SwarmStage(pieces: 3)
        stage.start()
        let seed = stage.join(1)
        let poor = stage.enter(2)
        #expect(stage.receive(.have(0), from: poor).said(to: poor) == [.interested])
        stage.receive(.unchoke, from: seed)
        for block in 0..<2 { stage.deliver(stage.block(0, block), from: seed) }
        #expect(stage.store(stage.geometry.piece(0)).said(to: poor).contains(.notInterested))
        #expect(stage.receive(.have(1), from: poor).said(to: poor) == [.interested])
    }

    /// The piece that the fewest peers have is asked for first.
    @Test func theRarestIsPickedFirst() {
        for seed in UInt64(1)...5 {
            let stage = SwarmStage(pieces: 16, have: [0])
            stage.start()
            for number in 0..<seed {
                _ = stage.join(20 + number, has: [1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15])
            }
            let seeder = stage.join(1)
            #expect(stage.receive(.unchoke, from: seeder).requests(to: seeder).first?.piece == 7)
        }
    }

    @Test func whatAPeerLeavesBehindIsAskedOfTheNextFirst() {
        let stage = SwarmStage(pieces: 100)
        stage.start()
        let first = stage.join(1)
        let asked = stage.receive(.unchoke, from: first).requests(to: first)
        stage.deliver(asked[0], from: first)
        let second = stage.join(2)
        #expect(Set(stage.receive(.unchoke, from: second).requests(to: second)).isDisjoint(with: asked))
        let effects = stage.tell(.linkClosed(first, .remoteClosed))
        let third = stage.join(3)
        let next = (effects + stage.receive(.unchoke, from: third)).requests(to: third)
        #expect(next.first == asked[1])
        #expect(!next.contains(asked[0]))
    }

    /// In the endgame both peers are asked for the last blocks, and the slower one gets a cancel.
    @Test func theEndgameAsksTwiceAndCancels() {
        let stage = SwarmStage(pieces: 1)
        stage.start()
        let slow = stage.join(1)
        let quick = stage.join(2)
        #expect(stage.receive(.unchoke, from: slow).requests(to: slow).count == 2)
        let doubled = stage.receive(.unchoke, from: quick).requests(to: quick)
        #expect(Set(doubled) == [stage.block(0, 0), stage.block(0, 1)])
        #expect(stage.deliver(stage.block(0, 1), from: quick).said(to: slow) == [.cancel(stage.block(0, 1))])
        // It was on its way already: that is no violation, and counts as waste.
        #expect(stage.deliver(stage.block(0, 1), from: slow) == [])
        #expect(stage.figures.wasted == 16_384)
        let last = stage.deliver(stage.block(0, 0), from: slow)
        #expect(last.said(to: quick) == [.cancel(stage.block(0, 0))])
        #expect(last.contains(.verifyAndStore(stage.geometry.piece(0))))
    }

    @Test func aChokeWithoutTheFastExtensionFreesAllRequests() {
        let stage = SwarmStage(pieces: 4)
        stage.start()
        let first = stage.join(1, [])
        let second = stage.join(2, [])
        let asked = stage.receive(.unchoke, from: first).requests(to: first)
        stage.receive(.choke, from: first)
        #expect(Set(stage.receive(.unchoke, from: second).requests(to: second)) == Set(asked))
        // A block that was on its way is still accepted.
        #expect(stage.deliver(asked[0], from: first).said(to: second) == [.cancel(asked[0])])
    }

    @Test func aRejectedRequestIsAskedOfSomebodyElse() {
        let stage = SwarmStage(pieces: 4)
        stage.start()
        let first = stage.join(1)
        let asked = stage.receive(.unchoke, from: first).requests(to: first)
        let second = stage.join(2)
        stage.receive(.unchoke, from: second)
        stage.receive(.choke, from: first)
        for block in asked { stage.receive(.reject(block), from: first) }
        #expect(stage.connections[0].requests == 0)
        #expect(stage.connections[1].requests == 8)
    }

    @Test func whoSendsNothingForAMinuteIsSnubbedAndItsBlocksGoToOthers() {
        let stage = SwarmStage(pieces: 2)
        stage.start()
        let silent = stage.join(1)
        let asked = stage.receive(.unchoke, from: silent).requests(to: silent)
        let other = stage.join(2, has: [])
        #expect(stage.pass(.seconds(59)).requests(to: other) == [])
        stage.receive(.have(asked[0].piece), from: other)
        stage.receive(.unchoke, from: other)
        stage.pass(.seconds(2))
        #expect(stage.connections[0].isSnubbed)
        // A block from it ends the snub.
        stage.deliver(asked[0], from: silent)
        #expect(!stage.connections[0].isSnubbed)
    }

    @Test func thePipelineDeepensOnAQuickPathAndNotOnASlowOne() {
        func depth(trip: Duration, blocks: Int) -> Int {
            let stage = SwarmStage(pieces: 2_000)
            stage.start()
            let seed = stage.join(1)
            var asked = stage.receive(.unchoke, from: seed).requests(to: seed)
            for _ in 0..<blocks {
                stage.now = stage.now + trip
                asked += stage.deliver(asked.removeFirst(), from: seed).requests(to: seed)
            }
            return stage.connections[0].depth
        }
        #expect(depth(trip: .microseconds(20), blocks: 200) >= 64)
        // Two blocks a second: more than a few requests would only wait in a queue.
        #expect(depth(trip: .milliseconds(500), blocks: 200) <= 8)
    }

    @Test func piecesAllowedFastAreAskedForWhileChoked() {
        let stage = SwarmStage(pieces: 8)
        stage.start()
        let seed = stage.join(1)
        #expect(
            stage.receive(.allowedFast(5), from: seed).requests(to: seed) == [stage.block(5, 0), stage.block(5, 1)])
    }

    @Test func whatWasNeverAskedForIsNotWritten() {
        let stage = SwarmStage(pieces: 4)
        stage.start()
        let seed = stage.join(1)
        for _ in 0..<64 { #expect(stage.deliver(stage.block(1, 0), from: seed) == []) }
        #expect(
            stage.deliver(stage.block(1, 0), from: seed).contains(.close(seed, .protocolViolation(.unaskedBlocks))))
    }

    /// A choke does not make a slow path fast, so the pipeline stays shallow.
    @Test func whoAnswersLateIsAskedForLittleAfterAChokeToo() {
        let stage = SwarmStage(pieces: 64)
        stage.start()
        let peer = stage.join(1)
        var open = stage.receive(.unchoke, from: peer).requests(to: peer)
        for answer in 0..<12 where !open.isEmpty {
            _ = stage.pass(answer == 0 ? .milliseconds(100) : .seconds(4))
            open += stage.deliver(open.removeFirst(), from: peer).requests(to: peer)
        }
        _ = stage.receive(.choke, from: peer)
        for block in open { _ = stage.receive(.reject(block), from: peer) }
        #expect(stage.receive(.unchoke, from: peer).requests(to: peer).count < 8)
    }
}
