import SwarmEngine
import Testing
import TorrentCore

@Suite struct UploadTests {
    @Test func thereIsAFreeSlotForTheFirstWhoIsInterested() {
        let bench = Bench(seeder: true)
        bench.start()
        let peer = bench.join(1, has: [])
        #expect(bench.receive(.interested, from: peer) == [.send(peer, .unchoke)])
        #expect(
            bench.receive(.request(bench.block(2, 0)), from: peer) == [
                .serve(peer, bench.geometry.block(0, of: bench.geometry.piece(2)))
            ])
    }

    @Test func onlySoManyAreServedAtOnce() {
        let bench = Bench(seeder: true, adapt: { $0.uploadSlots = 3 })
        bench.start()
        let peers = (1...6).map { bench.join($0, has: []) }
        let effects = peers.flatMap { bench.receive(.interested, from: $0) }
        #expect(effects.count == 3)
        // Within two minutes each peer has had a slot, and never more than three at once.
        var served = Set(peers.filter { effects.contains(.send($0, .unchoke)) })
        for _ in 0..<12 {
            for effect in bench.pass(.seconds(10)) {
                if case .send(let id, .unchoke) = effect { served.insert(id) }
            }
            #expect(bench.connections.count { !$0.isChokedByUs } <= 3)
            for peer in peers { bench.receive(.keepAlive, from: peer) }
        }
        #expect(served == Set(peers))
    }

    /// The peer that sends us blocks is served, most of the others are choked: of two slots one is optimistic.
    @Test func titForTat() {
        let bench = Bench(pieces: 200, have: Array(0..<100), adapt: { $0.uploadSlots = 2 })
        bench.start()
        let takers = (1...4).map { bench.join($0, has: []) }
        for taker in takers { bench.receive(.interested, from: taker) }
        let giver = bench.join(9, has: Array(100..<200))
        bench.receive(.interested, from: giver)
        var asked = bench.receive(.unchoke, from: giver).requests(to: giver)
        for _ in 0..<60 {
            asked += bench.pass(.milliseconds(500)).requests(to: giver)
            asked += bench.deliver(asked.removeFirst(), from: giver).requests(to: giver)
        }
        let list = bench.connections
        #expect(!(list.first { $0.id == giver }?.isChokedByUs ?? true))
        #expect(list.count { !$0.isChokedByUs } == 2)
    }

    @Test func theWindowHoldsRequestsBackAndBlockSentMovesIt() {
        let bench = Bench(pieces: 64, seeder: true, adapt: { $0.releasedBytes = 32_768 })
        bench.start()
        let peer = bench.join(1, has: [])
        bench.receive(.interested, from: peer)
        func serve(_ piece: Int) -> SwarmEffect {
            .serve(peer, bench.geometry.block(0, of: bench.geometry.piece(piece)))
        }
        #expect(bench.receive(.request(bench.block(0, 0)), from: peer) == [serve(0)])
        #expect(bench.receive(.request(bench.block(1, 0)), from: peer) == [serve(1)])
        #expect(bench.receive(.request(bench.block(2, 0)), from: peer) == [])
        #expect(bench.receive(.request(bench.block(3, 0)), from: peer) == [])
        // A queued request can be cancelled, which is answered with a reject; one that the shell has cannot.
        #expect(bench.receive(.cancel(bench.block(2, 0)), from: peer) == [.send(peer, .reject(bench.block(2, 0)))])
        #expect(bench.receive(.cancel(bench.block(0, 0)), from: peer) == [])
        let sent = bench.geometry.block(0, of: bench.geometry.piece(0))
        #expect(bench.tell(.blockSent(sent, to: peer)) == [serve(3)])
        #expect(bench.figures.uploaded == 16_384)
    }

    @Test func aChokeDropsTheQueueWithRejectsAfterIt() {
        let bench = Bench(
            pieces: 64, seeder: true,
            adapt: {
                $0.uploadSlots = 1; $0.releasedBytes = 16_384
            })
        bench.start()
        let first = bench.join(1, has: Array(20..<40))
        let second = bench.join(2, has: Array(20..<40))
        bench.receive(.interested, from: first)
        bench.receive(.interested, from: second)
        for piece in 0..<3 { bench.receive(.request(bench.block(piece, 0)), from: first) }
        let said = bench.pass(.seconds(70)).said(to: first).filter { $0 != .keepAlive }
        #expect(Array(said.prefix(3)) == [.choke, .reject(bench.block(1, 0)), .reject(bench.block(2, 0))])
    }

    @Test func requestsWhileChokedAreRejectedOrDropped() {
        let bench = Bench(pieces: 64, seeder: true)
        bench.start()
        let fast = bench.join(1, has: Array(30..<50))
        let plain = bench.join(2, [], has: [])
        #expect(
            bench.receive(.request(bench.block(1, 0)), from: fast) == [.send(fast, .reject(bench.block(1, 0)))])
        #expect(bench.receive(.request(bench.block(1, 0)), from: plain) == [])
    }

    @Test func theAllowedFastSetIsGrantedAndHonoured() throws {
        let bench = Bench(pieces: 80, seeder: true)
        bench.start()
        let peer = bench.enter(1)
        let granted = bench.receive(.haveNone, from: peer).said(to: peer).compactMap { message -> UInt32? in
            if case .allowedFast(let piece) = message { piece } else { nil }
        }
        #expect(granted.count == 10 && Set(granted).count == 10)
        let block = bench.block(Int(granted[3]), 1)
        let effects = bench.receive(.request(block), from: peer)
        #expect(effects == [.serve(peer, bench.geometry.block(1, of: bench.geometry.piece(Int(granted[3]))))])
    }

    @Test func whatNoCorrectPeerSendsEndsTheConnection() {
        func answer(_ message: PeerMessage, _ reserved: ReservedBits = .fast) -> Violation? {
            let bench = Bench(have: [0])
            bench.start()
            let peer = bench.join(1, reserved, has: [0])
            for effect in bench.receive(message, from: peer) {
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
        let bench = Bench(pieces: 64, seeder: true, adapt: { $0.queuedRequests = 10 })
        bench.start()
        let peer = bench.join(1, [], has: [])
        let effects = (0..<41).flatMap { _ in bench.receive(.request(bench.block(1, 0)), from: peer) }
        #expect(effects == [.close(peer, .protocolViolation(.requestFlood))])
    }

    /// Blocks of one byte: few of them are handed over at once, since each takes memory until it has left.
    @Test func tinyBlocksDoNotPileUp() {
        let bench = Bench(pieces: 8, seeder: true)
        bench.start()
        let peer = bench.join(1, has: [])
        bench.receive(.interested, from: peer)
        var served = 0
        for begin in 0..<10_000 {
            let request = PeerMessage.request(WireBlock(piece: 1, begin: UInt32(begin), length: 1))
            served += bench.receive(request, from: peer).count { if case .serve = $0 { true } else { false } }
        }
        #expect(served == 32)
    }
}
