import SwarmEngine
import SwarmTestSupport
import Testing
import TorrentCore

@Suite struct UploadTests {
    @Test func thereIsAFreeSlotForTheFirstWhoIsInterested() {
        let stage = SwarmStage(seeder: true)
        stage.start()
        let peer = stage.join(1, has: [])
        #expect(stage.receive(.interested, from: peer) == [.send(peer, .unchoke)])
        #expect(
            stage.receive(.request(stage.block(2, 0)), from: peer) == [
                .serve(peer, stage.geometry.block(0, of: stage.geometry.piece(2)))
            ])
    }

    @Test func onlySoManyAreServedAtOnce() {
        let stage = SwarmStage(seeder: true, adapt: { $0.uploadSlots = 3 })
        stage.start()
        let peers = (1...6).map { stage.join($0, has: []) }
        let effects = peers.flatMap { stage.receive(.interested, from: $0) }
        #expect(effects.count == 3)
        // Within two minutes each peer has had a slot, and never more than three at once.
        var served = Set(peers.filter { effects.contains(.send($0, .unchoke)) })
        for _ in 0..<12 {
            for effect in stage.pass(.seconds(10)) {
                if case .send(let id, .unchoke) = effect { served.insert(id) }
            }
            #expect(stage.connections.count { !$0.isChokedByUs } <= 3)
            for peer in peers { stage.receive(.keepAlive, from: peer) }
        }
        #expect(served == Set(peers))
    }

    /// The peer that sends us blocks is served, most of the others are choked: of two slots one is optimistic.
    @Test func titForTat() {
        let stage = SwarmStage(pieces: 200, have: Array(0..<100), adapt: { $0.uploadSlots = 2 })
        stage.start()
        let takers = (1...4).map { stage.join($0, has: []) }
        for taker in takers { stage.receive(.interested, from: taker) }
        let giver = stage.join(9, has: Array(100..<200))
        stage.receive(.interested, from: giver)
        var asked = stage.receive(.unchoke, from: giver).requests(to: giver)
        for _ in 0..<60 {
            asked += stage.pass(.milliseconds(500)).requests(to: giver)
            asked += stage.deliver(asked.removeFirst(), from: giver).requests(to: giver)
        }
        let list = stage.connections
        #expect(!(list.first { $0.id == giver }?.isChokedByUs ?? true))
        #expect(list.count { !$0.isChokedByUs } == 2)
    }

    @Test func theWindowHoldsRequestsBackAndBlockSentMovesIt() {
        let stage = SwarmStage(pieces: 64, seeder: true, adapt: { $0.releasedBytes = 32_768 })
        stage.start()
        let peer = stage.join(1, has: [])
        stage.receive(.interested, from: peer)
        func serve(_ piece: Int) -> SwarmEffect {
            .serve(peer, stage.geometry.block(0, of: stage.geometry.piece(piece)))
        }
        #expect(stage.receive(.request(stage.block(0, 0)), from: peer) == [serve(0)])
        #expect(stage.receive(.request(stage.block(1, 0)), from: peer) == [serve(1)])
        #expect(stage.receive(.request(stage.block(2, 0)), from: peer) == [])
        #expect(stage.receive(.request(stage.block(3, 0)), from: peer) == [])
        // A queued request can be cancelled, which is answered with a reject; one that the shell has cannot.
        #expect(stage.receive(.cancel(stage.block(2, 0)), from: peer) == [.send(peer, .reject(stage.block(2, 0)))])
        #expect(stage.receive(.cancel(stage.block(0, 0)), from: peer) == [])
        let sent = stage.geometry.block(0, of: stage.geometry.piece(0))
        #expect(stage.tell(.blockSent(sent, to: peer)) == [serve(3)])
        #expect(stage.figures.uploaded == 16_384)
    }

    @Test func aChokeDropsTheQueueWithRejectsAfterIt() {
        let stage = SwarmStage(
            pieces: 64, seeder: true,
            adapt: {
                $0.uploadSlots = 1; $0.releasedBytes = 16_384
            })
        stage.start()
        let first = stage.join(1, has: Array(20..<40))
        let second = stage.join(2, has: Array(20..<40))
        stage.receive(.interested, from: first)
        stage.receive(.interested, from: second)
        for piece in 0..<3 { stage.receive(.request(stage.block(piece, 0)), from: first) }
        let said = stage.pass(.seconds(70)).said(to: first).filter { $0 != .keepAlive }
        #expect(Array(said.prefix(3)) == [.choke, .reject(stage.block(1, 0)), .reject(stage.block(2, 0))])
    }

    @Test func requestsWhileChokedAreRejectedOrDropped() {
        let stage = SwarmStage(pieces: 64, seeder: true)
        stage.start()
        let fast = stage.join(1, has: Array(30..<50))
        let plain = stage.join(2, [], has: [])
        #expect(
            stage.receive(.request(stage.block(1, 0)), from: fast) == [.send(fast, .reject(stage.block(1, 0)))])
        #expect(stage.receive(.request(stage.block(1, 0)), from: plain) == [])
    }

    @Test func theAllowedFastSetIsGrantedAndHonoured() throws {
        let stage = SwarmStage(pieces: 80, seeder: true)
        stage.start()
        let peer = stage.enter(1)
        let granted = stage.receive(.haveNone, from: peer).said(to: peer).compactMap { message -> UInt32? in
            if case .allowedFast(let piece) = message { piece } else { nil }
        }
        #expect(granted.count == 10 && Set(granted).count == 10)
        let block = stage.block(Int(granted[3]), 1)
        let effects = stage.receive(.request(block), from: peer)
        #expect(effects == [.serve(peer, stage.geometry.block(1, of: stage.geometry.piece(Int(granted[3]))))])
    }

    @Test func whatNoCorrectPeerSendsEndsTheConnection() {
        func answer(_ message: PeerMessage, _ reserved: ReservedBits = .fast) -> Violation? {
            let stage = SwarmStage(have: [0])
            stage.start()
            let peer = stage.join(1, reserved, has: [0])
            for effect in stage.receive(message, from: peer) {
                if case .close(peer, .protocolViolation(let violation)) = effect { return violation }
            }
            return nil
        }
        #expect(answer(.have(8)) == .pieceOutOfRange)
        #expect(answer(.have(7)) == nil)
        #expect(answer(.request(WireBlock(piece: 8, begin: 0, length: 1))) == .pieceOutOfRange)
        #expect(answer(.request(WireBlock(piece: 0, begin: 32_768, length: 1))) == .blockOutOfRange)
        #expect(answer(.request(WireBlock(piece: 0, begin: .max, length: .max))) == .blockOutOfRange)
        #expect(answer(.haveAll) == nil)
        #expect(answer(.haveNone, []) == .unaskedFast)
        #expect(answer(.allowedFast(1), []) == .unaskedFast)
        #expect(answer(.reject(WireBlock(piece: 0, begin: 0, length: 1)), []) == .unaskedFast)
    }

    @Test func aFloodOfRequestsEndsTheConnection() {
        let stage = SwarmStage(pieces: 64, seeder: true, adapt: { $0.queuedRequests = 10 })
        stage.start()
        let peer = stage.join(1, [], has: [])
        let effects = (0..<41).flatMap { _ in stage.receive(.request(stage.block(1, 0)), from: peer) }
        #expect(effects == [.close(peer, .protocolViolation(.requestFlood))])
    }

    /// Blocks of one byte: few of them are handed over at once, since each takes memory until it has left.
    @Test func tinyBlocksDoNotPileUp() {
        let stage = SwarmStage(pieces: 8, seeder: true)
        stage.start()
        let peer = stage.join(1, has: [])
        stage.receive(.interested, from: peer)
        var served = 0
        for begin in 0..<10_000 {
            let request = PeerMessage.request(WireBlock(piece: 1, begin: UInt32(begin), length: 1))
            served += stage.receive(request, from: peer).count { if case .serve = $0 { true } else { false } }
        }
        #expect(served == 32)
    }
}
