import SwarmTestSupport
import Testing
import TorrentCore

@testable import SwarmEngine

/// Peers that lie about metadata: about its size, or its bytes.
@Suite struct MetadataLiarTests {
    private func address(_ number: UInt64) -> IPAddress { SwarmStage.endpoint(number).address }

    /// Delivers whatever a peer is asked for, and goes on until nothing is.
    @discardableResult
    private func feed(
        _ stage: MetadataStage, _ id: ConnectionID, _ effects: SwarmEffects, size: Int? = nil, content: UInt64 = 0
    ) -> SwarmEffects {
        var waiting = effects.asked(of: id)
        var all: SwarmEffects = []
        while !waiting.isEmpty {
            let effects = stage.deliver(waiting.removeFirst(), from: id, content: content, size: size).effects
            waiting += effects.asked(of: id)
            all += effects
        }
        return all
    }

    /// Nobody else sent a byte of it: no second attempt is needed.
    @Test func whoAloneSentAWrongOneIsBannedAtOnce() throws {
        let stage = MetadataStage()
        stage.start()
        let (liar, effects) = stage.join(1)
        let assembly = try #require(feed(stage, liar, effects, content: 1).toVerify)
        let verdict = stage.verify(assembly)
        #expect(verdict.liars == [address(1)] && verdict.contains(.close(liar, .banned)))
        #expect(verdict.contains(.dropMetadata(assembly)) && stage.kept.isEmpty)
        #expect(stage.knock(1).id == nil)
    }

    /// One of three lies in one block. Then each is asked alone, and the liar is found; by itself it is honest or not.
    @Test(arguments: [false, true])
    func aLiarAmongSeveralIsFound(isHonestAlone: Bool) throws {
        let stage = MetadataStage(blocks: 12)
        stage.start()
        var ids: [ConnectionID] = []
        var waiting: [(ConnectionID, UInt32)] = []
        for number in UInt64(1)...3 {
            let (id, effects) = stage.join(number)
            ids.append(id)
            waiting += effects.asked(of: id).map { (id, $0) }
        }
        var end: SwarmEffects = []
        let late = stage.pass(.seconds(2))
        waiting += ids.flatMap { id in late.asked(of: id).map { (id, $0) } }
        for (id, piece) in waiting {
            end += stage.deliver(piece, from: id, content: id == ids[1] && piece == 9 ? 1 : 0).effects
        }
        let verdict = stage.verify(try #require(end.toVerify))
        #expect(verdict.liars == [] && stage.figures.peers == 3)
        // Everybody is asked for the whole.
        for id in ids { #expect(verdict.asked(of: id).count >= 8) }
        let liar = feed(stage, ids[1], verdict, content: isHonestAlone ? 0 : 2)
        let first = stage.verify(try #require(liar.toVerify))
        #expect(first.liars == [address(2)])
        guard !isHonestAlone else { return #expect(stage.figures.isVerified) }
        let honest = stage.verify(try #require(feed(stage, ids[0], verdict).toVerify))
        #expect(honest.liars == [] && stage.figures.isVerified && stage.figures.peers == 2)
    }

    /// What others have sent of something else until then is held against them.
    @Test func whatIsUnfinishedCountsToo() throws {
        let stage = MetadataStage()
        stage.start()
        let (other, effects) = stage.join(1, 500_000)
        stage.deliver(effects.asked(of: other)[0], from: other, content: 3, size: 500_000)
        let (silent, _) = stage.join(2, 600_000)
        let (honest, asked) = stage.join(3)
        let verdict = stage.verify(try #require(feed(stage, honest, asked).toVerify))
        #expect(verdict.liars == [address(1)])
        #expect(stage.connections.map(\.id) == [silent, honest])
        #expect(stage.faults == [])
    }

    /// Three sizes are put together at once; a fourth waits until one of them does not move.
    @Test func thereAreThreeAtMost() throws {
        let stage = MetadataStage()
        stage.start()
        let liars = (1...3).map { stage.join(UInt64($0), $0 * 100_000) }
        for (id, effects) in liars { #expect(effects.asked(of: id).count > 0) }
        let (honest, effects) = stage.join(4)
        #expect(effects.asked(of: honest).isEmpty)
        #expect(stage.pass(.milliseconds(9_999)).asked(of: honest).isEmpty)
        let later = stage.pass(.milliseconds(1))
        #expect(later.asked(of: honest).count == 4)
        #expect(feed(stage, honest, later).toVerify != nil)
    }

    /// Liars that send a block now and then do not keep a place for ever.
    @Test func aTurnEnds() throws {
        let stage = MetadataStage()
        stage.start()
        let size = 60_000_000
        var owed = (1...3).map { number in
            let (id, effects) = stage.join(UInt64(number), size + number)
            return (id: id, size: size + number, pieces: effects.asked(of: id))
        }
        let (honest, _) = stage.join(4)
        var seconds = 0
        var asked: [UInt32] = []
        while asked.isEmpty, seconds < 200 {
            seconds += 8
            asked += stage.pass(.seconds(8)).asked(of: honest)
            for number in owed.indices {
                let (id, size, pieces) = owed[number]
                owed[number].pieces = []
                for piece in pieces {
                    let effects = stage.deliver(piece, from: id, content: 1, size: size).effects
                    owed[number].pieces += effects.asked(of: id)
                    asked += effects.asked(of: honest)
                }
            }
        }
        #expect((60...72).contains(seconds))
        #expect(stage.kept.count <= 3 && stage.faults == [])
    }

    /// Somebody names one new size after the other, over ever new connections. Whoever has the metadata, and is slow,
    /// has its turn again all the same, and a longer one.
    @Test func newSizesDoNotComeFirstForEver() throws {
        let stage = MetadataStage(blocks: 3_000)
        stage.start()
        let (honest, first) = stage.join(1)
        var owed = first.asked(of: honest)
        var strangers: [ConnectionID] = []
        var turns: [(from: Int, to: Int)] = []
        for second in stride(from: 0, to: 1_500, by: 5) {
            stage.receive(.keepAlive, from: honest)
            // More come than there are places for them.
            for number in second..<second + 3 {
                if strangers.count == 20 {
                    owed += stage.tell(.linkClosed(strangers.removeFirst(), .remoteClosed)).asked(of: honest)
                }
                let (stranger, effects) = stage.join(UInt64(1_000 + number), 100_000 + number)
                strangers.append(stranger)
                owed += effects.asked(of: honest)
            }
            owed += stage.pass(.seconds(5)).asked(of: honest)
            // What it owed when it lost its place is of no use any more.
            var isKept = false
            while !isKept, !owed.isEmpty {
                let (place, more) = stage.deliver(owed.removeFirst(), from: honest)
                owed += more.asked(of: honest)
                isKept = place != nil
            }
            guard isKept else { continue }
            if let last = turns.last, second - last.to <= 15 {
                turns[turns.count - 1].to = second
            } else {
                turns.append((second, second))
            }
        }
        #expect(turns.count >= 3, "\(turns)")
        let lengths = turns.map { $0.to - $0.from }
        #expect(lengths.count > 2 && lengths[1] > 100 && lengths[2] > 200, "\(turns)")
        #expect(stage.faults == [])
    }

    /// Of the sizes that wait, that which most name comes first. A size that nobody names any more waits for nobody.
    @Test func whatMostNameGoesFirst() {
        let stage = MetadataStage()
        stage.start()
        let liars = (1...3).map { stage.join(UInt64($0), $0 * 100_000).id }
        let lonely = stage.join(4, 450_000).id
        let pair = [5, 6].map { stage.join(UInt64($0)).id }
        let first = stage.tell(.linkClosed(liars[1], .remoteClosed))
        #expect(first.asked(of: pair[0]) == [0, 1, 2, 3] && first.asked(of: lonely).isEmpty)
        let second = stage.tell(.linkClosed(liars[0], .remoteClosed))
        #expect(second.asked(of: lonely).count == 8)
    }

    /// It leaves while its own is put together: what it sent is dropped, and remembered.
    @Test func whoLeavesInTheMiddleIsFoundToo() throws {
        let stage = MetadataStage()
        stage.start()
        let (liar, effects) = stage.join(1)
        stage.deliver(effects.asked(of: liar)[0], from: liar, content: 1)
        stage.tell(.linkClosed(liar, .remoteClosed))
        let (honest, rest) = stage.join(2)
        let wrong = stage.verify(try #require(feed(stage, honest, rest).toVerify))
        #expect(wrong.liars == [])
        let verdict = stage.verify(try #require(feed(stage, honest, wrong).toVerify))
        #expect(verdict.liars == [address(1)] && stage.figures.isVerified)
        #expect(stage.knock(1).id == nil)
    }

    /// Two are hashed at once, and the first is right: the other is dropped, and its verdict changes nothing.
    @Test func aVerdictThatComesTooLateIsLetPass() throws {
        let stage = MetadataStage()
        stage.start()
        let (honest, asked) = stage.join(1)
        let (other, others) = stage.join(2, 500_000)
        let first = try #require(feed(stage, honest, asked).toVerify)
        let second = try #require(feed(stage, other, others, size: 500_000, content: 4).toVerify)
        let verdict = stage.verify(first)
        #expect(verdict.contains(.dropMetadata(second)) && verdict.liars == [address(2)])
        #expect(stage.verify(second) == [] && stage.figures.isVerified && stage.faults == [])
    }

    /// Bytes that came for nothing are given back.
    @Test func theEndDropsWhatIsKept() {
        let stage = MetadataStage()
        stage.start()
        let (id, effects) = stage.join(1)
        stage.deliver(effects.asked(of: id)[0], from: id)
        #expect(stage.keptBytes == 16_384 && stage.figures.kept == 16_384)
        #expect(stage.tell(.stop).closed == [id])
        #expect(stage.kept.isEmpty && stage.nextDeadline == .distantFuture && stage.faults == [])
        #expect(stage.deliver(1, from: id).place == nil)
    }

    /// It says where it listens while it sends: it is one all the same, and alone.
    @Test func whoSaysLateWhereItListensIsOne() throws {
        let stage = MetadataStage()
        stage.start()
        let (liar, effects) = stage.join(1)
        var end: SwarmEffects = []
        for piece in effects.asked(of: liar) {
            if piece == 2 {
                var late = MetadataStage.offer(stage.size)
                late.listenPort = 9
                stage.tell(.extensionHandshake(late, from: liar))
            }
            end += stage.deliver(piece, from: liar, content: 1).effects
        }
        #expect(stage.verify(try #require(end.toVerify)).liars == [address(1)])
    }

    /// However many sizes others name: who is asked alone for a suspect one stays so, and may leave in the middle.
    @Test func suspicionNeverEnds() throws {
        let stage = MetadataStage(blocks: 2)
        stage.start()
        let first = stage.join(1).id
        let second = stage.join(2).id
        #expect(stage.pass(.seconds(2)).asked(of: second) == [0, 1])
        stage.deliver(0, from: first, content: 1)
        let verdict = stage.verify(try #require(stage.deliver(1, from: second, content: 1).effects.toVerify))
        #expect(verdict.asked(of: first) == [0, 1] && verdict.asked(of: second) == [0, 1])
        for number in 0..<60 {
            let id = stage.enter(UInt64(10 + number))
            for change in 0..<5 {
                let effects = stage.offer(100_000 + 5 * number + change, from: id)
                #expect(!effects.asked(of: id).isEmpty)
                #expect(effects.asked(of: first).isEmpty && effects.asked(of: second).isEmpty)
            }
            stage.tell(.linkClosed(id, .remoteClosed))
        }
        stage.tell(.linkClosed(first, .remoteClosed))
        stage.deliver(0, from: second)
        let right = stage.verify(try #require(stage.deliver(1, from: second).effects.toVerify))
        #expect(right.liars == [address(1), address(2)] && stage.figures.isVerified && stage.faults == [])
    }

    /// More sizes have come out wrong than are remembered. The right one is no exception: who lies about it cannot
    /// spoil it for ever by giving one block of each attempt.
    @Test func lyingAboutManySizesDoesNotHideALiar() throws {
        let stage = MetadataStage(blocks: 2)
        stage.start()
        var number = UInt64(1_000)
        for size in 0..<ClaimedSizes.mostEntries {
            let size = 20_000 + size
            let (one, first) = stage.join(number, size)
            let (other, _) = stage.join(number + 1, size)
            #expect(first.asked(of: one) == [0, 1])
            stage.deliver(0, from: one, content: 1, size: size)
            let late = stage.pass(.seconds(2))
            #expect(late.asked(of: other) == [1])
            let wrong = try #require(stage.deliver(1, from: other, content: 1, size: size).effects.toVerify)
            stage.verify(wrong)
            for id in [one, other] { stage.tell(.linkClosed(id, .remoteClosed)) }
            number += 2
        }
        let liar = stage.join(number).id
        let honest = stage.join(number + 1).id
        var rounds = 0
        while !stage.figures.isVerified, rounds < 10 {
            rounds += 1
            stage.pass(.seconds(2))
            for piece in UInt32(0)..<2 {
                for (id, content) in [(liar, piece == 0 ? UInt64(1) : 0), (honest, 0)] {
                    let effects = stage.deliver(piece, from: id, content: content).effects
                    if let whole = effects.toVerify { stage.verify(whole) }
                }
            }
        }
        #expect(stage.figures.isVerified && rounds < 4, "\(rounds)")
        #expect(stage.faults == [])
    }

    @Test func whatIsSuspectIsNotForgotten() {
        var sizes = ClaimedSizes()
        sizes.suspect(1)
        for size in 2...600 { sizes.hadTurn(size, at: .zero) }
        #expect(sizes.isSuspect(1))
        #expect(sizes.turns(of: 600).count == 1 && sizes.turns(of: 2).count == 0)
        for size in 1_001...2_000 { sizes.suspect(size) }
        // Where so many are, all are.
        #expect((1_001...2_000).allSatisfy { sizes.isSuspect($0) } && sizes.isSuspect(99_999))
        sizes.hadTurn(3_000, at: .zero)
        #expect(sizes.isSuspect(1) && sizes.isSuspect(1_001) && sizes.turns(of: 3_000).count == 0)
    }

    /// Nobody is waited for: the same block is not given up twice, nor one that nobody was asked for.
    @Test func whatNobodyOwesIsNotGivenUp() {
        var assembly = MetadataAssembly(
            MetadataAssembly.ID(number: 0), size: 40_000, sender: nil, turns: 0, at: .zero)
        assembly.giveUp(2)
        #expect(!assembly.hasReturned)
        func next() -> MetadataAssembly.Next { assembly.next(owed: { _ in false }, patience: .seconds(1), at: .zero) }
        #expect(next() == .piece(0))
        assembly.giveUp(0)
        assembly.giveUp(0)
        #expect([next(), next(), next()] == [.piece(0), .piece(1), .piece(2)])
    }
}
