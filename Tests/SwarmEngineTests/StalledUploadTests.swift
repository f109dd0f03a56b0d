import SwarmEngine
import SwarmTestSupport
import Testing
import TorrentCore

/// A peer that takes none of the blocks handed over for it loses its slot or turn.
@Suite struct StalledUploadTests {
    private func unchoked(_ stage: SwarmStage) -> [ConnectionID] {
        stage.connections.filter { !$0.isChokedByUs }.map(\.id)
    }

    private func serves(_ effects: SwarmEffects) -> [(peer: ConnectionID, block: BlockRequest)] {
        effects.compactMap { if case .serve(let id, let block) = $0 { (id, block) } else { nil } }
    }

    /// A turn in which nothing leaves ends after a few seconds, and the next one has the line.
    @Test(arguments: [SwarmRules.serial, .fitting])
    func aTurnWithoutProgressEnds(rules: SwarmRules) {
        let stage = SwarmStage(pieces: 64, seeder: true, rules: rules)
        stage.start()
        let peers = (1...8).map { stage.enter($0) }
        for peer in peers { stage.receive(.haveNone, from: peer) }
        for peer in peers { stage.receive(.interested, from: peer) }
        let sleeper = unchoked(stage)[0]
        var effects: SwarmEffects = []
        for number in 0..<2 { effects += stage.receive(.request(stage.block(5, number)), from: sleeper) }
        for _ in 0..<60 {
            for effect in effects {
                guard case .send(let id, .unchoke) = effect, id != sleeper else { continue }
                effects += (0..<2).flatMap { stage.receive(.request(stage.block(6, $0)), from: id) }
            }
            if serves(effects).contains(where: { $0.peer != sleeper }) { return }
            effects = stage.pass(.milliseconds(100))
        }
        Issue.record("the line is still kept for a peer that is gone")
    }

    /// Others are served meanwhile, each block in a tenth of a second.
    @Test func aSlotWithoutProgressIsGivenOn() {
        var rules = SwarmRules.slots
        rules.slots = 2
        let stage = SwarmStage(pieces: 64, seeder: true, rules: rules)
        stage.start()
        let peers = (1...3).map { stage.join($0, has: []) }
        for peer in peers { stage.receive(.interested, from: peer) }
        let served = unchoked(stage)
        #expect(served.count == 2)
        guard let waiting = peers.first(where: { !served.contains($0) }) else { return }
        for peer in served { stage.receive(.request(stage.block(0, 0)), from: peer) }
        var effects: SwarmEffects = []
        let block = stage.geometry.block(0, of: stage.geometry.piece(0))
        for _ in 0..<35 {
            effects += stage.pass(.milliseconds(100))
            effects += stage.tell(.blockSent(block, to: served[1]))
            effects += stage.receive(.request(block.onWire), from: served[1])
        }
        #expect(effects.said(to: served[0]).contains(.choke))
        #expect(effects.said(to: waiting).contains(.unchoke))
        // A block leaves for it after all: it may have a free slot again.
        stage.tell(.blockSent(block, to: served[0]))
        stage.receive(.notInterested, from: waiting)
        effects = stage.pass(.seconds(20))
        #expect(unchoked(stage).contains(served[0]))
    }

    /// The only interested peer stalls for a while; when a block leaves for it again, it gets a slot again.
    @Test func theOnlyPeerIsServedAgain() {
        let stage = SwarmStage(pieces: 8, seeder: true, rules: .slots)
        stage.start()
        let only = stage.join(1, has: [])
        stage.receive(.interested, from: only)
        stage.receive(.request(stage.block(0, 0)), from: only)
        #expect(stage.pass(.seconds(30)).said(to: only).contains(.choke))
        let block = stage.geometry.block(0, of: stage.geometry.piece(0))
        let effects = stage.tell(.blockSent(block, to: only))
        #expect(effects.said(to: only).contains(.unchoke))
    }

    /// All peers are slow, a block takes two seconds: none is taken to have stalled.
    @Test(arguments: [SwarmRules.serial, .slots])
    func slowIsNotGone(rules: SwarmRules) {
        let stage = SwarmStage(pieces: 64, pieceLength: 65_536, have: Array(0..<32), rules: rules)
        stage.start()
        let peers = (1...3).map { stage.join($0, has: []) }
        for peer in peers { stage.receive(.interested, from: peer) }
        let slow = unchoked(stage)[0]
        var effects: SwarmEffects = []
        for number in 0..<4 { effects += stage.receive(.request(stage.block(0, number)), from: slow) }
        var chokes = 0
        for number in 0..<4 {
            chokes += stage.pass(.seconds(2)).said(to: slow).count { $0 == .choke }
            let block = stage.geometry.block(number, of: stage.geometry.piece(0))
            if number == 3 { #expect(chokes <= (rules.uploads == .serial ? 1 : 0)) }
            stage.tell(.blockSent(block, to: slow))
        }
    }

    /// Uploads are not checked any more once nothing is being sent.
    @Test func theClockRests() {
        let stage = SwarmStage(pieces: 64, seeder: true, rules: .fitting)
        stage.start()
        let peer = stage.join(1, has: [])
        stage.receive(.interested, from: peer)
        stage.receive(.request(stage.block(0, 0)), from: peer)
        let block = stage.geometry.block(0, of: stage.geometry.piece(0))
        stage.tell(.blockSent(block, to: peer))
        stage.pass(.seconds(12))
        #expect(stage.nextDeadline >= stage.now + .seconds(5))
    }

    /// Few peers that ask for nothing are shown everything after a while.
    @Test func fewGetSlotsThoughTheyAskForNothing() {
        let stage = SwarmStage(pieces: 64, seeder: true, rules: .fitting)
        stage.start()
        let peers = (1...3).map { stage.enter($0) }
        for peer in peers { stage.receive(.haveNone, from: peer) }
        let effects = stage.pass(.seconds(2))
        for peer in peers.dropFirst() {
            let shown = effects.said(to: peer).count { if case .have = $0 { true } else { false } }
            // One piece may have been shown to it before.
            #expect(shown >= 63)
        }
    }

    /// A peer that comes first and alone is shown all our pieces, and is not choked for being slow to ask.
    @Test func aPeerAloneIsNotChoked() {
        let stage = SwarmStage(pieces: 64, seeder: true, rules: .fitting)
        stage.start()
        let answer = stage.knock(1, [])
        guard let id = answer.id else { return }
        var effects = answer.effects
        #expect(effects.contains(.sendBitfield(id)))
        effects = stage.receive(.interested, from: id) + stage.pass(.seconds(30))
        #expect(effects.said(to: id).filter { $0 != .keepAlive } == [.unchoke])
    }
}
