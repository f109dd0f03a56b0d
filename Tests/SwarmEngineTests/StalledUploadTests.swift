import SwarmEngine
import Testing
import TorrentCore

/// A peer that takes none of the blocks handed over for it loses its slot or turn.
@Suite struct StalledUploadTests {
    private func unchoked(_ bench: Bench) -> [ConnectionID] {
        bench.connections.filter { !$0.isChokedByUs }.map(\.id)
    }

    private func serves(_ effects: SwarmEffects) -> [(peer: ConnectionID, block: BlockRequest)] {
        effects.compactMap { if case .serve(let id, let block) = $0 { (id, block) } else { nil } }
    }

    /// A turn in which nothing leaves ends after a few seconds, and the next one has the line.
    @Test(arguments: [SwarmRules.serial, .fitting])
    func aTurnWithoutProgressEnds(rules: SwarmRules) {
        let bench = Bench(pieces: 64, seeder: true, rules: rules)
        bench.start()
        let peers = (1...8).map { bench.enter($0) }
        for peer in peers { bench.receive(.haveNone, from: peer) }
        for peer in peers { bench.receive(.interested, from: peer) }
        let sleeper = unchoked(bench)[0]
        var effects: SwarmEffects = []
        for number in 0..<2 { effects += bench.receive(.request(bench.block(5, number)), from: sleeper) }
        for _ in 0..<60 {
            for effect in effects {
                guard case .send(let id, .unchoke) = effect, id != sleeper else { continue }
                effects += (0..<2).flatMap { bench.receive(.request(bench.block(6, $0)), from: id) }
            }
            if serves(effects).contains(where: { $0.peer != sleeper }) { return }
            effects = bench.pass(.milliseconds(100))
        }
        Issue.record("the line is still kept for a peer that is gone")
    }

    /// Others are served meanwhile, each block in a tenth of a second.
    @Test func aSlotWithoutProgressIsGivenOn() {
        var rules = SwarmRules.slots
        rules.slots = 2
        let bench = Bench(pieces: 64, seeder: true, rules: rules)
        bench.start()
        let peers = (1...3).map { bench.join($0, has: []) }
        for peer in peers { bench.receive(.interested, from: peer) }
        let served = unchoked(bench)
        #expect(served.count == 2)
        guard let waiting = peers.first(where: { !served.contains($0) }) else { return }
        for peer in served { bench.receive(.request(bench.block(0, 0)), from: peer) }
        var effects: SwarmEffects = []
        let block = bench.geometry.block(0, of: bench.geometry.piece(0))
        for _ in 0..<35 {
            effects += bench.pass(.milliseconds(100))
            effects += bench.tell(.blockSent(block, to: served[1]))
            effects += bench.receive(.request(block.onWire), from: served[1])
        }
        #expect(effects.said(to: served[0]).contains(.choke))
        #expect(effects.said(to: waiting).contains(.unchoke))
        // A block leaves for it after all: it may have a free slot again.
        bench.tell(.blockSent(block, to: served[0]))
        bench.receive(.notInterested, from: waiting)
        effects = bench.pass(.seconds(20))
        #expect(unchoked(bench).contains(served[0]))
    }

    /// The only interested peer stalls for a while; when a block leaves for it again, it gets a slot again.
    @Test func theOnlyPeerIsServedAgain() {
        let bench = Bench(pieces: 8, seeder: true, rules: .slots)
        bench.start()
        let only = bench.join(1, has: [])
        bench.receive(.interested, from: only)
        bench.receive(.request(bench.block(0, 0)), from: only)
        #expect(bench.pass(.seconds(30)).said(to: only).contains(.choke))
        let block = bench.geometry.block(0, of: bench.geometry.piece(0))
        let effects = bench.tell(.blockSent(block, to: only))
        #expect(effects.said(to: only).contains(.unchoke))
    }

    /// All peers are slow, a block takes two seconds: none is taken to have stalled.
    @Test(arguments: [SwarmRules.serial, .slots])
    func slowIsNotGone(rules: SwarmRules) {
        let bench = Bench(pieces: 64, pieceLength: 65_536, have: Array(0..<32), rules: rules)
        bench.start()
        let peers = (1...3).map { bench.join($0, has: []) }
        for peer in peers { bench.receive(.interested, from: peer) }
        let slow = unchoked(bench)[0]
        var effects: SwarmEffects = []
        for number in 0..<4 { effects += bench.receive(.request(bench.block(0, number)), from: slow) }
        var chokes = 0
        for number in 0..<4 {
            chokes += bench.pass(.seconds(2)).said(to: slow).count { $0 == .choke }
            let block = bench.geometry.block(number, of: bench.geometry.piece(0))
            if number == 3 { #expect(chokes <= (rules.uploads == .serial ? 1 : 0)) }
            bench.tell(.blockSent(block, to: slow))
        }
    }

    /// Uploads are not checked any more once nothing is being sent.
    @Test func theClockRests() {
        let bench = Bench(pieces: 64, seeder: true, rules: .fitting)
        bench.start()
        let peer = bench.join(1, has: [])
        bench.receive(.interested, from: peer)
        bench.receive(.request(bench.block(0, 0)), from: peer)
        let block = bench.geometry.block(0, of: bench.geometry.piece(0))
        bench.tell(.blockSent(block, to: peer))
        bench.pass(.seconds(12))
        #expect(bench.nextDeadline >= bench.now + .seconds(5))
    }

    /// Few peers that ask for nothing are shown everything after a while.
    @Test func fewGetSlotsThoughTheyAskForNothing() {
        let bench = Bench(pieces: 64, seeder: true, rules: .fitting)
        bench.start()
        let peers = (1...3).map { bench.enter($0) }
        for peer in peers { bench.receive(.haveNone, from: peer) }
        let effects = bench.pass(.seconds(2))
        for peer in peers.dropFirst() {
            let shown = effects.said(to: peer).count { if case .have = $0 { true } else { false } }
            // One piece may have been shown to it before.
            #expect(shown >= 63)
        }
    }

    /// A peer that comes first and alone is shown all our pieces, and is not choked for being slow to ask.
    @Test func aPeerAloneIsNotChoked() {
        let bench = Bench(pieces: 64, seeder: true, rules: .fitting)
        bench.start()
        let answer = bench.knock(1, [])
        guard let id = answer.id else { return }
        var effects = answer.effects
        #expect(effects.contains(.sendBitfield(id)))
        effects = bench.receive(.interested, from: id) + bench.pass(.seconds(30))
        #expect(effects.said(to: id).filter { $0 != .keepAlive } == [.unchoke])
    }
}
