import SwarmTestSupport
import Testing
import TorrentCore

@testable import SwarmEngine

/// A peer that begins to send a block and does not go on.
@Suite struct HeldBlockTests {
    /// The first peer was asked for both blocks of the only piece, has begun to send the first one, and stops there.
    private static func held(_ number: Int = 0) -> (stage: SwarmStage, holder: ConnectionID, other: ConnectionID) {
        let stage = SwarmStage(pieces: 1)
        stage.start()
        let holder = stage.join(1)
        let other = stage.join(2)
        stage.receive(.unchoke, from: holder)
        #expect(stage.admit(stage.block(0, number), from: holder).admission != .discard)
        return (stage, holder, other)
    }

    private static func first(_ stage: SwarmStage) -> BlockRequest {
        stage.geometry.block(0, of: stage.geometry.piece(0))
    }

    @Test func othersAreAskedForItAndSendIt() {
        let (stage, holder, other) = Self.held()
        #expect(!stage.receive(.unchoke, from: other).requests(to: other).contains(stage.block(0, 0)))
        #expect(stage.pass(.milliseconds(1_900)).requests(to: other) == [])
        #expect(stage.pass(.milliseconds(200)).requests(to: other) == [stage.block(0, 0)])
        let (admission, effects) = stage.admit(stage.block(0, 0), from: other)
        #expect(admission != .discard)
        #expect(effects.contains(.forgetSlot(holder)))
        stage.tell(.blockArrived(Self.first(stage), from: other))
        // The holder sends the rest of it after all.
        stage.tell(.blockDiscarded(stage.block(0, 0), from: holder))
        #expect(stage.disagreement == nil)
    }

    /// A piece of which three hold a block each, and have been asked for the rest as well: nobody keeps the others from
    /// being asked.
    @Test func manyThatHoldBlocksKeepNobodyElseOut() {
        let stage = SwarmStage(pieces: 1, pieceLength: 8 * 16_384)
        stage.start()
        for number in 1...3 as ClosedRange<UInt64> {
            let holder = stage.join(number)
            let asked = stage.receive(.unchoke, from: holder).requests(to: holder)
            let held = asked.contains { block in
                if case .accept = stage.admit(block, from: holder).admission { true } else { false }
            }
            #expect(held)
        }
        stage.pass(.seconds(6))
        let honest = stage.join(4)
        var asked = stage.receive(.unchoke, from: honest).requests(to: honest)
        var served: Set<WireBlock> = []
        while let next = asked.popLast() {
            guard served.insert(next).inserted else { continue }
            asked += stage.deliver(next, from: honest).requests(to: honest)
        }
        #expect(served.count == 8)
        #expect(stage.disagreement == nil)
    }

    /// What still comes of it may go there, until somebody else has begun to send it.
    @Test func noReadIsAimedAtItsPlace() {
        let (stage, _, other) = Self.held()
        stage.receive(.unchoke, from: other)
        stage.pass(.seconds(3))
        var aimed: [WireBlock] = []
        stage.swarm.forEachReadTarget(from: other, behind: nil) { block in
            aimed.append(block.onWire)
            return true
        }
        #expect(!aimed.contains(stage.block(0, 0)))
    }

    @Test func whatStillComesOfItIsTaken() {
        let (stage, holder, _) = Self.held()
        stage.pass(.seconds(20))
        let effects = stage.tell(.blockArrived(Self.first(stage), from: holder))
        #expect(!effects.contains { if case .forgetSlot = $0 { true } else { false } })
        #expect(stage.deliver(stage.block(0, 1), from: holder).contains(.verifyAndStore(stage.geometry.piece(0))))
    }

    /// Blocks at 1 KiB a second: each takes 16 s, which is as long as they usually take.
    @Test func whoIsSlowAtAllTimesIsNotLate() {
        let (stage, holder, other) = Self.held()
        stage.receive(.unchoke, from: other)
        stage.pass(.seconds(16))
        stage.tell(.blockArrived(Self.first(stage), from: holder))
        #expect(stage.admit(stage.block(0, 1), from: holder).admission != .discard)
        let asked = stage.pass(.seconds(16)).requests(to: other)
        #expect(!asked.contains(stage.block(0, 1)))
    }
}
