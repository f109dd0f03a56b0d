import SwarmEngine
import SwarmTestSupport
import Testing
import TorrentCore

/// Why a peer may ask us, or may not, in a small world for each reason; and what is known of each piece.
@Suite struct ReasonTests {
    private func standing(_ stage: SwarmStage, _ peer: ConnectionID) -> UplinkStanding? {
        stage.swarm.standing(of: peer)
    }

    /// Of two slots one is for who gives, and one is drawn by lot.
    @Test func whoGivesIsReciprocalAndOneOtherOptimistic() {
        let stage = SwarmStage(pieces: 200, have: Array(0..<100), adapt: { $0.uploadSlots = 2 })
        stage.start()
        let takers = (1...4).map { stage.join($0, has: []) }
        for taker in takers { stage.receive(.interested, from: taker) }
        // Nobody has given anything yet.
        #expect(standing(stage, takers[0]) == .unchoked(.newcomer))
        #expect(standing(stage, takers[1]) == .unchoked(.optimistic))
        #expect(standing(stage, takers[2]) == .choked(.notYet))
        let giver = stage.join(9, has: Array(100..<200))
        stage.receive(.interested, from: giver)
        var asked = stage.receive(.unchoke, from: giver).requests(to: giver)
        for _ in 0..<60 {
            asked += stage.pass(.milliseconds(500)).requests(to: giver)
            asked += stage.deliver(asked.removeFirst(), from: giver).requests(to: giver)
        }
        #expect(standing(stage, giver) == .unchoked(.reciprocal))
        let others = takers.map { standing(stage, $0) }
        #expect(others.count { $0 == .unchoked(.optimistic) } == 1)
        #expect(others.contains(.choked(.outranked)) || others.contains(.choked(.turnOver)))
        let rate = stage.swarm.downloadRate(from: giver, at: stage.now)
        #expect(rate > 10_000)
    }

    @Test func aSeedServesByTurnsAndWhoWantsNothingIsChoked() {
        let stage = SwarmStage(seeder: true, adapt: { $0.uploadSlots = 3 })
        stage.start()
        let peers = (1...6).map { stage.join($0, has: []) }
        for peer in peers { stage.receive(.interested, from: peer) }
        #expect(standing(stage, peers[0]) == .unchoked(.seeding))
        stage.receive(.notInterested, from: peers[0])
        #expect(standing(stage, peers[0]) == .choked(.wantsNothing))
        var seen: [UplinkStanding?] = []
        for _ in 0..<12 {
            stage.pass(.seconds(10))
            for peer in peers {
                stage.receive(.keepAlive, from: peer)
                seen.append(standing(stage, peer))
            }
        }
        #expect(seen.contains(.choked(.turnOver)) && seen.contains(.unchoked(.optimistic)))
    }

    @Test func aSeedThatHidesItsPiecesSpreadsThem() {
        let stage = SwarmStage(pieces: 8, seeder: true, rules: .serial)
        stage.start()
        let first = stage.enter(1)
        stage.receive(.haveNone, from: first)
        #expect(standing(stage, first) == .unchoked(.spreading))
    }

    /// A turn in which nothing is asked for ends, and the next peer has one.
    @Test func whoIsSilentInItsTurnLosesIt() {
        let stage = SwarmStage(pieces: 8, have: [0, 1, 2, 3], rules: .serial)
        stage.start()
        let peers = (1...2).map { stage.join($0, has: []) }
        for peer in peers { stage.receive(.interested, from: peer) }
        #expect(peers.contains { standing(stage, $0) == .unchoked(.newcomer) })
        var seen: [UplinkStanding?] = []
        for _ in 0..<50 {
            stage.pass(.milliseconds(100))
            seen += peers.map { standing(stage, $0) }
        }
        #expect(seen.contains(.choked(.askedNothing)))
    }

    @Test func whoTakesNoMoreBlocksHasStalled() {
        var rules = SwarmRules.slots
        rules.slots = 2
        let stage = SwarmStage(pieces: 64, seeder: true, rules: rules)
        stage.start()
        let peers = (1...3).map { stage.join($0, has: []) }
        for peer in peers { stage.receive(.interested, from: peer) }
        let served = stage.connections.filter { !$0.isChokedByUs }.map(\.id)
        guard served.count == 2 else {
            Issue.record("two slots serve \(served.count)")
            return
        }
        for peer in served { stage.receive(.request(stage.block(0, 0)), from: peer) }
        let block = stage.geometry.block(0, of: stage.geometry.piece(0))
        for _ in 0..<35 {
            stage.pass(.milliseconds(100))
            stage.tell(.blockSent(block, to: served[1]))
            stage.receive(.request(block.onWire), from: served[1])
        }
        #expect(standing(stage, served[0]) == .choked(.stalled))
    }

    @Test func eachPieceIsInOneState() {
        let stage = SwarmStage(pieces: 6, have: [0])
        stage.start()
        let peer = stage.join(1, has: [1, 2])
        _ = stage.join(2, has: [2, 3])
        #expect(stage.swarm.pieceStates == [.have, .rare, .common, .rare, .nowhere, .nowhere])
        let asked = stage.receive(.unchoke, from: peer).requests(to: peer)
        let begun = Set(asked.map { Int($0.piece) })
        #expect(!begun.isEmpty)
        for (piece, state) in stage.swarm.pieceStates.enumerated() where begun.contains(piece) {
            #expect(state == .inFlight)
        }
        // One block is there, and the peer with the rest of it is gone.
        stage.deliver(asked[0], from: peer)
        stage.tell(.linkClosed(peer, .remoteClosed))
        #expect(stage.swarm.pieceStates[Int(asked[0].piece)] == .partial)
    }

    @Test func aStrangerHasNoStanding() {
        let stage = SwarmStage(seeder: true)
        stage.start()
        #expect(standing(stage, ConnectionID(slot: 7, generation: 0)) == nil)
    }
}
