import SwarmEngine
import Testing
import TorrentCore

@Suite struct DownloadTests {
    @Test func aSeedIsInterestingAndIsAskedOnceItUnchokesUs() {
        let bench = Bench(pieces: 2)
        bench.start()
        let seed = bench.enter(1)
        #expect(bench.receive(.haveAll, from: seed) == [.send(seed, .interested)])
        let effects = bench.receive(.unchoke, from: seed)
        // Both blocks of one piece in order, then those of the other piece.
        let requests = effects.requests(to: seed)
        #expect(requests.count == 4)
        #expect(requests.map(\.begin) == [0, 16_384, 0, 16_384])
        #expect(requests[0].piece == requests[1].piece && requests[2].piece == requests[3].piece)
        #expect(effects.first == .openPiece(bench.geometry.piece(Int(requests[0].piece))))
    }

    @Test func theFirstMessageTellsWhatWeHave() throws {
        func greeting(_ bench: Bench, _ reserved: ReservedBits) -> SwarmEffects {
            bench.start()
            return bench.knock(1, reserved).effects
        }
        let id = ConnectionID(slot: 0, generation: 0)
        #expect(greeting(Bench(), .fast).first == .send(id, .haveNone))
        #expect(greeting(Bench(seeder: true), .fast) == [.send(id, .haveAll)])
        #expect(greeting(Bench(have: [3]), .fast).first == .sendBitfield(id))
        #expect(greeting(Bench(seeder: true), []) == [.sendBitfield(id)])
        #expect(greeting(Bench(seeder: true), .ours) == [.send(id, .haveAll), .sendExtensionHandshake(id)])
        #expect(!greeting(Bench(), []).contains { if case .send = $0 { true } else { false } })
    }

    @Test func aPieceIsVerifiedOnceAllItsBlocksAreThereAndThenAnnounced() {
        let bench = Bench(pieces: 1)
        bench.start()
        let seed = bench.join(1)
        let other = bench.join(2, has: [])
        bench.receive(.unchoke, from: seed)
        let piece = bench.geometry.piece(0)
        #expect(bench.deliver(bench.block(0, 1), from: seed) == [])
        #expect(bench.deliver(bench.block(0, 0), from: seed) == [.verifyAndStore(piece)])
        let effects = bench.store(piece)
        #expect(effects.said(to: other) == [.have(0)])
        #expect(effects.contains(.completed))
        // Two seeds are of no use to each other.
        #expect(effects.contains(.close(seed, .notUseful)))
        #expect(bench.isComplete)
        #expect(bench.figures.left == 0)
    }

    /// A choking peer, too, is told as soon as it has nothing left that we lack, and again when it has (BEP 3).
    @Test func interestIsUpToDateThoughWeAreChoked() {
        let bench = Bench(pieces: 3)
        bench.start()
        let seed = bench.join(1)
        let poor = bench.enter(2)
        #expect(bench.receive(.have(0), from: poor).said(to: poor) == [.interested])
        bench.receive(.unchoke, from: seed)
        for block in 0..<2 { bench.deliver(bench.block(0, block), from: seed) }
        #expect(bench.store(bench.geometry.piece(0)).said(to: poor).contains(.notInterested))
        #expect(bench.receive(.have(1), from: poor).said(to: poor) == [.interested])
    }

    /// The piece that the fewest peers have is asked for first.
    @Test func theRarestIsPickedFirst() {
        for seed in UInt64(1)...5 {
            let bench = Bench(pieces: 16, have: [0])
            bench.start()
            for number in 0..<seed {
                _ = bench.join(20 + number, has: [1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15])
            }
            let seeder = bench.join(1)
            #expect(bench.receive(.unchoke, from: seeder).requests(to: seeder).first?.piece == 7)
        }
    }

    @Test func whatAPeerLeavesBehindIsAskedOfTheNextFirst() {
        let bench = Bench(pieces: 100)
        bench.start()
        let first = bench.join(1)
        let asked = bench.receive(.unchoke, from: first).requests(to: first)
        bench.deliver(asked[0], from: first)
        let second = bench.join(2)
        #expect(Set(bench.receive(.unchoke, from: second).requests(to: second)).isDisjoint(with: asked))
        let effects = bench.tell(.linkClosed(first, .remoteClosed))
        let third = bench.join(3)
        let next = (effects + bench.receive(.unchoke, from: third)).requests(to: third)
        #expect(next.first == asked[1])
        #expect(!next.contains(asked[0]))
    }

    /// In the endgame both peers are asked for the last blocks, and the slower one gets a cancel.
    @Test func theEndgameAsksTwiceAndCancels() {
        let bench = Bench(pieces: 1)
        bench.start()
        let slow = bench.join(1)
        let quick = bench.join(2)
        #expect(bench.receive(.unchoke, from: slow).requests(to: slow).count == 2)
        let doubled = bench.receive(.unchoke, from: quick).requests(to: quick)
        #expect(Set(doubled) == [bench.block(0, 0), bench.block(0, 1)])
        #expect(bench.deliver(bench.block(0, 1), from: quick).said(to: slow) == [.cancel(bench.block(0, 1))])
        // It was on its way already: that is no violation, and counts as waste.
        #expect(bench.deliver(bench.block(0, 1), from: slow) == [])
        #expect(bench.figures.wasted == 16_384)
        let last = bench.deliver(bench.block(0, 0), from: slow)
        #expect(last.said(to: quick) == [.cancel(bench.block(0, 0))])
        #expect(last.contains(.verifyAndStore(bench.geometry.piece(0))))
    }

    @Test func aChokeWithoutTheFastExtensionFreesAllRequests() {
        let bench = Bench(pieces: 4)
        bench.start()
        let first = bench.join(1, [])
        let second = bench.join(2, [])
        let asked = bench.receive(.unchoke, from: first).requests(to: first)
        bench.receive(.choke, from: first)
        #expect(Set(bench.receive(.unchoke, from: second).requests(to: second)) == Set(asked))
        // A block that was on its way is still accepted.
        #expect(bench.deliver(asked[0], from: first).said(to: second) == [.cancel(asked[0])])
    }

    @Test func aRejectedRequestIsAskedOfSomebodyElse() {
        let bench = Bench(pieces: 4)
        bench.start()
        let first = bench.join(1)
        let asked = bench.receive(.unchoke, from: first).requests(to: first)
        let second = bench.join(2)
        bench.receive(.unchoke, from: second)
        bench.receive(.choke, from: first)
        for block in asked { bench.receive(.reject(block), from: first) }
        #expect(bench.connections[0].requests == 0)
        #expect(bench.connections[1].requests == 8)
    }

    @Test func whoSendsNothingForAMinuteIsSnubbedAndItsBlocksGoToOthers() {
        let bench = Bench(pieces: 2)
        bench.start()
        let silent = bench.join(1)
        let asked = bench.receive(.unchoke, from: silent).requests(to: silent)
        let other = bench.join(2, has: [])
        #expect(bench.pass(.seconds(59)).requests(to: other) == [])
        bench.receive(.have(asked[0].piece), from: other)
        bench.receive(.unchoke, from: other)
        bench.pass(.seconds(2))
        #expect(bench.connections[0].isSnubbed)
        // A block from it ends the snub.
        bench.deliver(asked[0], from: silent)
        #expect(!bench.connections[0].isSnubbed)
    }

    @Test func thePipelineDeepensOnAQuickPathAndNotOnASlowOne() {
        func depth(trip: Duration, blocks: Int) -> Int {
            let bench = Bench(pieces: 2_000)
            bench.start()
            let seed = bench.join(1)
            var asked = bench.receive(.unchoke, from: seed).requests(to: seed)
            for _ in 0..<blocks {
                bench.now = bench.now + trip
                asked += bench.deliver(asked.removeFirst(), from: seed).requests(to: seed)
            }
            return bench.connections[0].depth
        }
        #expect(depth(trip: .microseconds(20), blocks: 200) >= 64)
        // Two blocks a second: more than a few requests would only wait in a queue.
        #expect(depth(trip: .milliseconds(500), blocks: 200) <= 8)
    }

    @Test func piecesAllowedFastAreAskedForWhileChoked() {
        let bench = Bench(pieces: 8)
        bench.start()
        let seed = bench.join(1)
        #expect(
            bench.receive(.allowedFast(5), from: seed).requests(to: seed) == [bench.block(5, 0), bench.block(5, 1)])
    }

    @Test func whatWasNeverAskedForIsNotWritten() {
        let bench = Bench(pieces: 4)
        bench.start()
        let seed = bench.join(1)
        for _ in 0..<64 { #expect(bench.deliver(bench.block(1, 0), from: seed) == []) }
        #expect(
            bench.deliver(bench.block(1, 0), from: seed).contains(.close(seed, .protocolViolation(.unaskedBlocks))))
    }

    /// A choke does not make a slow path fast, so the pipeline stays shallow.
    @Test func whoAnswersLateIsAskedForLittleAfterAChokeToo() {
        let bench = Bench(pieces: 64)
        bench.start()
        let peer = bench.join(1)
        var open = bench.receive(.unchoke, from: peer).requests(to: peer)
        for answer in 0..<12 where !open.isEmpty {
            _ = bench.pass(answer == 0 ? .milliseconds(100) : .seconds(4))
            open += bench.deliver(open.removeFirst(), from: peer).requests(to: peer)
        }
        _ = bench.receive(.choke, from: peer)
        for block in open { _ = bench.receive(.reject(block), from: peer) }
        #expect(bench.receive(.unchoke, from: peer).requests(to: peer).count < 8)
    }
}
