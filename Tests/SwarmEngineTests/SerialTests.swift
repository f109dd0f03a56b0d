import SwarmEngine
import SwarmTestSupport
import Testing
import TorrentCore

/// A serial uplink, turn by turn.
@Suite struct SerialTests {
    private func offers(_ effects: SwarmEffects, to id: ConnectionID) -> [UInt32] {
        effects.said(to: id).compactMap {
            if case .have(let piece) = $0 { piece } else { nil }
        }
    }

    /// `peer` asks for all of `piece`, and all of it is sent. Returns all effects on the way.
    private func takeTurn(_ stage: SwarmStage, _ peer: ConnectionID, _ piece: Int) -> SwarmEffects {
        var effects: SwarmEffects = []
        for number in 0..<2 { effects += stage.receive(.request(stage.block(piece, number)), from: peer) }
        for number in 0..<2 {
            effects += stage.pass(.milliseconds(100))
            let block = stage.geometry.block(number, of: stage.geometry.piece(piece))
            effects += stage.tell(.blockSent(block, to: peer))
        }
        return effects
    }

    @Test func aSpreadingSeederShowsOnePieceToOnePeer() {
        let stage = SwarmStage(pieces: 8, seeder: true, rules: .serial)
        stage.start()
        let first = stage.enter(1)
        let effects = stage.receive(.haveNone, from: first)
        // It was unchoked and shown a piece when it connected, before its first message. No other piece is shown.
        #expect(effects.said(to: first) == [])
        let second = stage.enter(2)
        #expect(stage.receive(.haveNone, from: second).said(to: second) == [])
        let list = stage.connections
        #expect(list.map(\.isChokedByUs) == [false, true])
    }

    @Test func aHidingSeederSaysThatItHasNothing() {
        let stage = SwarmStage(pieces: 8, seeder: true, rules: .serial)
        stage.start()
        let effects = stage.knock(1).effects
        let messages = effects.compactMap { effect -> PeerMessage? in
            if case .send(_, let message) = effect { message } else { nil }
        }
        #expect(messages.first == .haveNone)
        #expect(!messages.contains(.haveAll))
        #expect(messages.contains(.unchoke))
    }

    /// Some programs close the connection if a piece is announced twice.
    @Test(arguments: [ReservedBits.fast, []])
    func noPieceIsAnnouncedTwice(reserved: ReservedBits) {
        let stage = SwarmStage(pieces: 8, seeder: true, rules: .serial)
        stage.start()
        var told: SwarmEffects = []
        var peers: [ConnectionID] = []
        for number in 1...3 {
            let (id, effects) = stage.knock(UInt64(number), reserved)
            if let id { peers.append(id) }
            told += effects
            if reserved == .fast { told += stage.receive(.haveNone, from: peers[number - 1]) }
            told += stage.receive(.interested, from: peers[number - 1])
        }
        // Some turns pass without a request, and the same pieces are offered again.
        told += stage.pass(.seconds(30))
        // At the end one of them turns out to be a seeder, and nothing is hidden any more.
        told += stage.bitfield(Bitfield(count: 8, filled: true), from: peers[2])
        told += stage.pass(.seconds(30))
        for peer in peers.prefix(2) {
            let haves = offers(told, to: peer)
            #expect(Set(haves).count == haves.count)
            #expect(haves.count == 8)
        }
    }

    /// A peer that has asked for the last block of its piece is choked. Requests for other pieces are rejected, and its
    /// piece is still sent whole.
    @Test func aTurnIsOnePiece() {
        let stage = SwarmStage(pieces: 8, have: Array(0..<4), rules: .serial)
        stage.start()
        let peer = stage.join(1, has: [])
        #expect(stage.receive(.interested, from: peer).said(to: peer) == [.unchoke])
        let rival = stage.join(2, has: [])
        stage.receive(.interested, from: rival)
        let first = stage.receive(.request(stage.block(1, 0)), from: peer).filter { $0 != .send(rival, .unchoke) }
        #expect(first == [.serve(peer, stage.geometry.block(0, of: stage.geometry.piece(1)))])
        let second = stage.receive(.request(stage.block(1, 1)), from: peer)
        #expect(second.contains(.send(peer, .choke)))
        #expect(second.contains(.serve(peer, stage.geometry.block(1, of: stage.geometry.piece(1)))))
        let third = stage.receive(.request(stage.block(2, 0)), from: peer)
        #expect(third == [.send(peer, .reject(stage.block(2, 0)))])
    }

    /// Each peer asks for a piece as soon as it is unchoked: whole pieces leave one after the other without a gap, and
    /// all peers have their turns.
    @Test func piecesLeaveOneAfterTheOther() {
        let stage = SwarmStage(pieces: 64, have: Array(0..<32), rules: .serial)
        stage.start()
        let peers = (1...5).map { stage.join($0, has: []) }
        var effects = peers.flatMap { stage.receive(.interested, from: $0) }
        var left: [(peer: ConnectionID, block: BlockRequest)] = []
        var sent = 0
        var piece = 0
        while sent < 40 {
            while !effects.isEmpty {
                switch effects.removeFirst() {
                case .send(let id, .unchoke):
                    for number in 0..<2 { effects += stage.receive(.request(stage.block(piece, number)), from: id) }
                    piece = (piece + 1) % 32
                case .serve(let id, let block): left.append((id, block))
                default: break
                }
            }
            #expect(sent < left.count, "the line is idle after \(sent) blocks")
            guard sent < left.count else { return }
            effects += stage.pass(.milliseconds(100))
            let next = left[sent]
            effects += stage.tell(.blockSent(next.block, to: next.peer))
            sent += 1
        }
        for pair in stride(from: 0, to: 40, by: 2) { #expect(left[pair].block.piece == left[pair + 1].block.piece) }
        #expect(Set(left.prefix(20).map(\.peer)) == Set(peers))
    }

    @Test func aPeerThatAsksForNothingIsPassedOver() {
        let stage = SwarmStage(pieces: 64, have: Array(0..<32), rules: .serial)
        stage.start()
        let silent = stage.join(1, has: [])
        stage.receive(.interested, from: silent)
        let other = stage.join(2, has: [])
        stage.receive(.interested, from: other)
        let effects = stage.pass(.seconds(2))
        #expect(effects.said(to: silent).contains(.choke))
        #expect(effects.said(to: other).contains(.unchoke))
    }

    /// A peer that takes longer to ask than the others do is waited for after some turns.
    @Test func aDistantPeerGetsATurn() {
        let stage = SwarmStage(pieces: 64, have: Array(0..<32), rules: .serial)
        stage.start()
        let near = stage.join(1, has: [])
        stage.receive(.interested, from: near)
        stage.pass(.milliseconds(5))
        _ = takeTurn(stage, near, 0)
        stage.receive(.notInterested, from: near)
        let far = stage.join(2, has: [])
        var effects = stage.receive(.interested, from: far)
        var answers: [PeerMessage] = []
        for _ in 0..<6 {
            for _ in 0..<200 where !effects.contains(.send(far, .unchoke)) { effects = stage.pass(.milliseconds(50)) }
            stage.pass(.milliseconds(400))
            effects = stage.receive(.request(stage.block(1, 0)), from: far)
            if effects.contains(.serve(far, stage.geometry.block(0, of: stage.geometry.piece(1)))) { return }
            answers += effects.said(to: far)
        }
        Issue.record("never served: \(answers)")
    }

    /// A peer that takes a little longer each time is waited for, but only up to a limit.
    @Test func noPeerCanMakeItsTurnEndless() {
        let stage = SwarmStage(pieces: 64, have: Array(0..<32), rules: .serial)
        stage.start()
        let slow = stage.join(1, has: [])
        var effects = stage.receive(.interested, from: slow)
        let other = stage.join(2, has: [])
        stage.receive(.interested, from: other)
        var wait = 200
        for turn in 0..<60 {
            stage.receive(.keepAlive, from: other)
            for _ in 0..<400 where !effects.contains(.send(slow, .unchoke)) { effects = stage.pass(.milliseconds(50)) }
            if stage.pass(.milliseconds(wait)).contains(.send(slow, .choke)) {
                effects = []
                wait = wait * 2 / 3
            } else {
                effects = takeTurn(stage, slow, turn % 32)
                wait = wait * 3 / 2
            }
        }
        for _ in 0..<400 where !effects.contains(.send(slow, .unchoke)) { effects = stage.pass(.milliseconds(50)) }
        #expect(stage.pass(.seconds(15)).contains(.send(slow, .choke)), "\(wait) ms")
    }

    /// A peer that gave a piece comes before those that did not, which still get turns.
    @Test func giversComeFirst() {
        let stage = SwarmStage(pieces: 200, have: Array(0..<100), rules: .serial)
        stage.start()
        let takers = (1...6).map { stage.join($0, has: []) }
        let giver = stage.join(9, has: Array(100..<200))
        for block in stage.receive(.unchoke, from: giver).requests(to: giver).prefix(4) {
            stage.deliver(block, from: giver)
        }
        for piece in 100..<200 { stage.store(stage.geometry.piece(piece)) }
        stage.receive(.interested, from: giver)
        for taker in takers { stage.receive(.interested, from: taker) }
        var turns: [ConnectionID: Int] = [:]
        for turn in 0..<40 {
            let unchoked = stage.connections.filter { !$0.isChokedByUs }.map(\.id)
            guard let peer = unchoked.first(where: { $0 == giver }) ?? unchoked.first else { break }
            turns[peer, default: 0] += 1
            _ = takeTurn(stage, peer, turn)
        }
        #expect((turns[giver] ?? 0) >= 3, "\(turns)")
        #expect(turns.count >= 3, "\(turns)")
    }

    @Test func theLedgerGivesEachPieceOnceFirst() {
        let stage = SwarmStage(pieces: 6, seeder: true, rules: .serial)
        stage.start()
        var given: [UInt32] = []
        var waiting: SwarmEffects = []
        var peers: [ConnectionID] = []
        for number in 1...3 {
            let (id, effects) = stage.knock(UInt64(number))
            if let id { peers.append(id) }
            waiting += effects
        }
        while given.count < 6 {
            guard let peer = peers.first(where: { !offers(waiting, to: $0).isEmpty }) else {
                waiting = stage.pass(.seconds(1))
                guard stage.now < .zero + .seconds(60) else { break }
                continue
            }
            let piece = offers(waiting, to: peer)[0]
            given.append(piece)
            waiting = stage.receive(.interested, from: peer)
            waiting += takeTurn(stage, peer, Int(piece))
            waiting += stage.receive(.have(piece), from: peer)
        }
        #expect(given.sorted() == [0, 1, 2, 3, 4, 5])
    }

    /// A peer that serves in turns should not have to wait for the requests for the rest of a piece.
    @Test(arguments: [(SwarmRules.serial, 16), (.slots, 8)])
    func aPieceIsAskedForAtOnceInTurns(rules: SwarmRules, requests: Int) {
        let stage = SwarmStage(pieces: 8, pieceLength: 16 * 16_384, rules: rules)
        stage.start()
        let giver = stage.join(1)
        #expect(stage.receive(.unchoke, from: giver).requests(to: giver).count == requests)
    }

    /// No peer asks for anything: most likely the line is slow, so not all of them are unchoked at once.
    @Test func silenceIsNotFilledWithMoreAndMoreTurns() {
        let stage = SwarmStage(pieces: 64, have: Array(0..<32), rules: .serial)
        stage.start()
        var effects: SwarmEffects = []
        for number in UInt64(1)...12 {
            let peer = stage.join(number, has: [])
            effects += stage.receive(.interested, from: peer)
        }
        effects += stage.pass(.milliseconds(800))
        let unchoked = effects.count { if case .send(_, .unchoke) = $0 { true } else { false } }
        #expect(unchoked == 2)
    }

    /// A peer may ask for the same piece any number of times.
    @Test func turnsAreCountedHoweverManyThereAre() {
        let stage = SwarmStage(pieces: 1, pieceLength: 16_384, seeder: true, rules: .serial)
        stage.start()
        let peer = stage.enter(1)
        stage.receive(.haveNone, from: peer)
        stage.receive(.interested, from: peer)
        let block = stage.geometry.block(0, of: stage.geometry.piece(0))
        var served = 0
        for _ in 0..<70_000 {
            served += stage.receive(.request(block.onWire), from: peer).count { $0 == .serve(peer, block) }
            stage.tell(.blockSent(block, to: peer))
        }
        #expect(served == 70_000)
    }
}
