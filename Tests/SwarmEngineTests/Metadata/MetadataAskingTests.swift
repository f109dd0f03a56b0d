import SwarmTestSupport
import Testing
import TorrentCore

@testable import SwarmEngine

/// Whom a swarm without metadata asks, for how much, and what follows when nothing comes.
@Suite struct MetadataAskingTests {
    @Test func whoComesIsTold() throws {
        let stage = MetadataStage()
        stage.start()
        let (knocked, effects) = stage.knock(1)
        let id = try #require(knocked)
        #expect(effects.filter { $0 != .starved(false) } == [.send(id, .haveNone), .sendExtension(id, .handshake)])
        let plain = stage.knock(2, []).effects
        #expect(!plain.contains { if case .send = $0 { true } else { false } })
    }

    /// What our handshake names, and that it gets a size with the metadata.
    @Test func ourHandshakeNamesItsSizeOnceThereIsOne() throws {
        let stage = MetadataStage(blocks: 1)
        stage.start()
        let (id, _) = stage.join(1)
        let bystander = stage.enter(2)
        let before = stage.ourHandshake(listenPort: 7)
        #expect(before.metadataSize == nil && before.ids.speaks(.metadata) && before.listenPort == 7)
        let assembly = try #require(stage.deliver(0, from: id).effects.toVerify)
        let effects = stage.verify(assembly)
        #expect(stage.ourHandshake(listenPort: 7).metadataSize == stage.size)
        for peer in [id, bystander] { #expect(effects.outputs(to: peer) == [.handshake]) }
        #expect(stage.figures.isVerified && stage.figures.size == stage.size)
    }

    @Test func theWindowGrowsWithAnswers() {
        let stage = MetadataStage(blocks: 400)
        stage.start()
        let (id, effects) = stage.join(1)
        var waiting = effects.asked(of: id)
        #expect(waiting == Array(0..<8))
        var most = 0
        while !waiting.isEmpty {
            waiting += stage.deliver(waiting.removeFirst(), from: id).effects.asked(of: id)
            most = max(most, waiting.count)
        }
        #expect(most == MetadataWindow.deepest)
        #expect(stage.kept[0]?.count == 400)
    }

    /// A reject halves the window; the peer rests, longer each time, unless it answers something.
    @Test func aRejectLeadsToARest() {
        let stage = MetadataStage(blocks: 40)
        stage.start()
        let (id, effects) = stage.join(1)
        var asked = effects.asked(of: id)
        for (count, rest) in [(4, 5), (2, 10), (1, 20), (1, 40), (1, 60), (1, 60)] {
            for piece in asked { #expect(stage.receive(.reject(piece: piece), from: id).asked(of: id).isEmpty) }
            #expect(stage.pass(.seconds(rest) - .milliseconds(1)).asked(of: id).isEmpty)
            asked = stage.pass(.milliseconds(1)).asked(of: id)
            #expect(asked.count == count)
        }
        // An answer ends it.
        stage.deliver(asked[0], from: id)
        #expect(stage.connections[0].depth == 2)
    }

    /// It rejects what is too much, and answers the rest: it is asked on at once.
    @Test func whoRejectsWhatIsTooMuchIsAskedForLess() {
        let stage = MetadataStage(blocks: 40)
        stage.start()
        let (id, effects) = stage.join(1)
        let asked = effects.asked(of: id)
        for piece in asked[4...] { stage.receive(.reject(piece: piece), from: id) }
        let next = asked[..<4].map { stage.deliver($0, from: id).effects.asked(of: id) }
        #expect(stage.connections[0].depth == 5)
        #expect(next.joined().count == 5)
        // What was rejected comes first.
        #expect(next.joined().allSatisfy { asked[4...].contains($0) || $0 == 8 })
    }

    /// A program that keeps four requests and drops the others without a word.
    @Test func whatIsOvertakenCountsAsDropped() {
        let stage = MetadataStage(blocks: 64)
        stage.start()
        let (id, effects) = stage.join(1)
        var queue = Array(effects.asked(of: id).prefix(4))
        var rounds = 0
        while !queue.isEmpty, rounds < 400 {
            rounds += 1
            queue += stage.deliver(queue.removeFirst(), from: id).effects.asked(of: id)
            if queue.count > 4 { queue.removeSubrange(4...) }
        }
        #expect(stage.kept[0]?.count ?? 0 > 30, "\(rounds)")
        #expect(stage.now == .zero)
    }

    /// After ten seconds what one owes is asked of others.
    @Test(arguments: [false, true])
    func whatIsNotAnsweredGoesToOthers(isTimeUp: Bool) {
        let stage = MetadataStage(blocks: 40)
        stage.start()
        let (first, effects) = stage.join(1)
        #expect(effects.asked(of: first) == Array(0..<8))
        #expect(stage.pass(.seconds(isTimeUp ? 10 : 9)).asked(of: first).isEmpty)
        let (second, more) = stage.join(2)
        #expect(Set(more.asked(of: second)) == Set(isTimeUp ? 0..<8 : 8..<16))
        // It comes after all, and is taken.
        #expect(stage.deliver(3, from: first).place?.offset == 3 * 16_384)
        #expect(stage.deliver(3, from: second).place == nil)
    }

    /// Everything has been asked for: a peer with nothing to do is asked for what others are slow to send.
    @Test func nearTheEndTheSlowAreOvertaken() {
        let stage = MetadataStage(blocks: 2)
        stage.start()
        let (slow, effects) = stage.join(1)
        #expect(effects.asked(of: slow) == [0, 1])
        let (quick, none) = stage.join(2)
        #expect(none.asked(of: quick).isEmpty)
        #expect(Set(stage.pass(.seconds(1)).asked(of: quick)) == [0, 1])
        stage.deliver(0, from: quick)
        let last = stage.deliver(1, from: quick)
        #expect(last.effects.toVerify != nil)
        // What comes later is of no use, and no offence.
        for piece in UInt32(0)..<2 { #expect(stage.deliver(piece, from: slow).place == nil) }
        #expect(stage.figures.wasted == 2 * 16_384 - 100)
        #expect(stage.figures.peers == 2)
    }

    @Test func whatNobodyAskedForIsDropped() {
        let stage = MetadataStage(blocks: 40)
        stage.start()
        let (id, _) = stage.join(1)
        for _ in 0..<16 { #expect(stage.deliver(30, from: id).place == nil) }
        #expect(stage.figures.peers == 1 && stage.kept.isEmpty)
        #expect(stage.deliver(30, from: id).effects.contains(.close(id, .protocolViolation(.unaskedBlocks))))
    }

    /// Wrong lengths, another size, and a block behind the end.
    @Test(arguments: [
        (UInt32(0), 2, 16_383), (3, 2, 100), (1, 2, 16_384), (0, 3, 16_384), (9, 2, 16_384), (.max, 2, 16_384),
    ])
    func aBlockThatCannotBeIsDropped(piece: UInt32, blocks: Int, length: Int) {
        let stage = MetadataStage(blocks: 2)
        stage.start()
        let (id, _) = stage.join(1)
        let size = blocks * 16_384 - 100
        #expect(stage.deliver(piece, from: id, size: size, length: length).place == nil)
        #expect(stage.kept.isEmpty && stage.figures.peers == 1)
        // It is asked for again, and taken when it is right.
        for piece in UInt32(0)..<2 { #expect(stage.deliver(piece, from: id).place != nil) }
    }

    @Test(arguments: [nil, 0, -1, 1_000_001, .max])
    func aSizeThatIsNotBelievedIsNotAskedFor(size: Int?) {
        let stage = MetadataStage(metadataLimit: 1_000_000)
        stage.start()
        let id = stage.enter(1)
        #expect(stage.tell(.extensionHandshake(MetadataStage.offer(size), from: id)).asked(of: id).isEmpty)
        #expect(stage.figures.sources == 0)
        let isTooLarge = (size ?? 0) > 1_000_000
        #expect(stage.figures.largestRefused == (isTooLarge ? size : nil))
        #expect(stage.figures.oversized == (isTooLarge ? 1 : 0))
        // It may say something else later.
        #expect(stage.offer(from: id).asked(of: id).count == 4)
        #expect(stage.figures.oversized == 0)
    }

    /// It names a size and turns the extension off, or never spoke it.
    @Test func whoDoesNotSpeakItIsNotAsked() {
        let stage = MetadataStage()
        stage.start()
        let id = stage.enter(1)
        var mute = ExtensionHandshake()
        mute.metadataSize = stage.size
        #expect(stage.tell(.extensionHandshake(mute, from: id)).asked(of: id).isEmpty)
        #expect(stage.offer(from: id).asked(of: id).count == 4)
        mute.ids[.metadata] = 0
        stage.tell(.extensionHandshake(mute, from: id))
        #expect(stage.figures.sources == 0)
        #expect(stage.encoded(.metadataRequest(0), for: id) == nil)
        let (other, effects) = stage.join(2)
        #expect(effects.asked(of: other) == [3, 2, 1, 0])
    }

    /// Somebody says that it has it, and all of them reject, or say nothing: after half a minute nobody gives it.
    @Test(arguments: [true, false])
    func whereNothingComesItStandsStill(rejects: Bool) {
        let stage = MetadataStage(blocks: 40)
        stage.start()
        let (id, effects) = stage.join(1)
        let first = effects.asked(of: id)
        if rejects { for piece in first { stage.receive(.reject(piece: piece), from: id) } }
        #expect(stage.pass(.milliseconds(29_999)).closed.isEmpty)
        #expect(!stage.figures.isStill)
        // It wakes then, so that people are told.
        #expect(stage.nextDeadline == Moment.zero + .seconds(30))
        stage.pass(.milliseconds(1))
        #expect(stage.figures.isStill && stage.figures.sources == 1)
        #expect(stage.nextDeadline > stage.now)
        // A block ends that, for as long.
        let asked = rejects ? stage.pass(.seconds(60)).asked(of: id) : first
        #expect(stage.deliver(asked.last ?? 0, from: id).place != nil)
        #expect(!stage.figures.isStill)
        stage.pass(.seconds(30))
        #expect(stage.figures.isStill)
        // Nobody has it any more: that is another thing.
        stage.tell(.linkClosed(id, .remoteClosed))
        #expect(!stage.figures.isStill)
        _ = stage.join(2)
        stage.pass(.seconds(29))
        #expect(!stage.figures.isStill)
    }

    /// It names no size at first, then one, none, another, zero and the first again; blocks of each come late. None of
    /// them is taken for another, and what was asked for is all that is kept.
    @Test func sizesThatChangeOnTheWayMixNothingUp() throws {
        let stage = MetadataStage(blocks: 4)
        stage.start()
        let id = stage.enter(1)
        #expect(stage.tell(.extensionHandshake(MetadataStage.offer(nil), from: id)).asked(of: id).isEmpty)
        #expect(stage.offer(from: id).asked(of: id) == [0, 1, 2, 3])
        #expect(stage.tell(.extensionHandshake(MetadataStage.offer(nil), from: id)).asked(of: id).isEmpty)
        #expect(stage.deliver(0, from: id).place?.size == stage.size)
        let wrong = stage.size + 16_384
        #expect(stage.offer(wrong, from: id).asked(of: id) == [0, 1, 2, 3, 4])
        // Late answers, of the size before.
        for piece in UInt32(1)..<4 { #expect(stage.deliver(piece, from: id).place == nil) }
        #expect(stage.tell(.extensionHandshake(MetadataStage.offer(0), from: id)).asked(of: id).isEmpty)
        #expect(stage.figures.sources == 0)
        for piece in UInt32(0)..<5 { #expect(stage.deliver(piece, from: id, size: wrong).place == nil) }
        #expect(stage.offer(from: id).asked(of: id).sorted() == [1, 2, 3])
        let end = (UInt32(1)..<4).reduce(SwarmEffects()) { $0 + stage.deliver($1, from: id).effects }
        stage.verify(try #require(end.toVerify))
        #expect(stage.figures.isVerified && stage.figures.peers == 1 && stage.faults == [])
    }

    /// It rejects a block and sends it all the same: that is as if it sent it unasked, and is borne a while.
    @Test func whatIsRejectedAndThenSentIsNotKept() {
        let stage = MetadataStage(blocks: 40)
        stage.start()
        let (id, effects) = stage.join(1)
        for piece in effects.asked(of: id) {
            stage.receive(.reject(piece: piece), from: id)
            #expect(stage.deliver(piece, from: id).place == nil)
        }
        #expect(stage.kept.isEmpty && stage.figures.peers == 1)
        for piece in UInt32(0)..<8 { stage.deliver(piece, from: id) }
        #expect(stage.deliver(8, from: id).effects.contains(.close(id, .protocolViolation(.unaskedBlocks))))
    }

    /// Before it has said anything of itself.
    @Test func whoSendsBeforeItsHandshakeIsNotHeard() {
        let stage = MetadataStage()
        stage.start()
        let id = stage.enter(1)
        for piece in UInt32(0)..<16 { #expect(stage.deliver(piece, from: id).place == nil) }
        #expect(stage.kept.isEmpty)
        #expect(stage.deliver(0, from: id).effects.contains(.close(id, .protocolViolation(.unaskedBlocks))))
    }

    /// Whoever names one size after the other is believed no more.
    @Test func whoChangesItsMindTooOftenIsNotBelieved() {
        let stage = MetadataStage(blocks: 4)
        stage.start()
        let id = stage.enter(1)
        let asked = (1...7).map { stage.offer($0 * 1_000, from: id).asked(of: id).count }
        #expect(asked == [1, 1, 1, 1, 1, 0, 0])
        #expect(stage.figures.sources == 0)
    }
}
