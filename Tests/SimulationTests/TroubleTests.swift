import SwarmEngine
import SwarmSimulator
import Testing
import TorrentCore

/// Worlds with peers that lie, stall, leave or give nothing.
@Suite struct TroubleTests {
    /// Only liars are banned, and all nodes finish.
    @Test(arguments: [UInt64(1), 2, 3])
    func liarsAreBannedAndTheSwarmFinishes(seed: UInt64) {
        var plan = WorldPlan(nodes: [.seeder, .seeder, .seeder] + Array(repeating: NodePlan(), count: 5))
        plan.nodes[1].wrongOneIn = 10
        plan.nodes[7].wrongOneIn = 3
        plan.pieceCount = 24
        plan.seed = seed
        let report = World(plan).run()
        expectAllComplete(report)
        #expect(report.banned.contains(1))
        #expect(Set(report.banned).isSubset(of: [1, 7]), "\(report.banned)")
    }

    /// Large pieces are filled by several at once, so the liar has to be found by comparing blocks.
    @Test(arguments: [UInt64(1), 2, 3])
    func liarsAreFoundAmongSeveralSources(seed: UInt64) {
        var plan = WorldPlan(nodes: Array(repeating: .seeder, count: 4) + [NodePlan()])
        plan.nodes[2].wrongOneIn = 8
        for seeder in 0..<4 { plan.nodes[seeder].upload = 400_000 }
        plan.pieceLength = 2 << 20
        plan.pieceCount = 4
        plan.nodes[4].openBytes = 4 << 20
        plan.seed = seed
        let report = World(plan).run()
        expectAllComplete(report)
        #expect(report.banned == [2])
    }

    /// One of two seeders stalls after a second: what it was asked for comes from the other.
    @Test func aStalledSeederIsPassedOver() {
        var plan = WorldPlan(nodes: [.seeder, .seeder, NodePlan(), NodePlan()])
        plan.nodes[0].stallsAt = .seconds(1)
        plan.pieceCount = 24
        let report = World(plan).run()
        expectAllComplete(report)
        // It is snubbed after one minute, and that minute is not lost again for every piece.
        #expect(report.endedAt < .seconds(90), "\(report.endedAt)")
    }

    /// The seeder leaves when the leechers have exactly one copy among them: nothing is lost.
    @Test(arguments: [UInt64(1), 2, 3, 4])
    func theSeederLeavesWithOneCopyOut(seed: UInt64) {
        var plan = WorldPlan(nodes: [.seeder] + Array(repeating: NodePlan(), count: 8))
        plan.nodes[0].leavesAtCopies = 1
        plan.pieceCount = 32
        plan.seed = seed
        let report = World(plan).run()
        expectAllComplete(report)
        #expect(report.endedAt < .seconds(60), "\(report.endedAt)")
    }

    @Test func leechersLeaveInTheMiddle() {
        var plan = WorldPlan(nodes: [.seeder] + Array(repeating: NodePlan(), count: 9))
        for number in 1...4 { plan.nodes[number].leavesAt = .milliseconds(number * 2_500) }
        plan.pieceCount = 32
        let report = World(plan).run()
        expectAllComplete(report, besides: [1, 2, 3, 4])
    }

    /// Two of ten give nothing: the others are not slowed down.
    @Test func freeRidersDoNotHoldOthersBack() throws {
        var plan = WorldPlan(nodes: [.seeder] + Array(repeating: NodePlan(), count: 10))
        plan.nodes[9].isFreeRider = true
        plan.nodes[10].isFreeRider = true
        plan.pieceCount = 32
        let report = World(plan).run()
        expectAllComplete(report)
        #expect(report.uploaded[9] == 0 && report.uploaded[10] == 0)
        let times = try #require(report.times(of: 1...8))
        #expect(times.last < 8 * 32 * 0.25 / 2)
    }

    @Test func withoutAnySourceOfAPieceNobodyFinishesAndNobodySpins() {
        var plan = WorldPlan(nodes: [.seeder] + Array(repeating: NodePlan(), count: 4))
        plan.nodes[0].leavesAt = .seconds(3)
        plan.pieceCount = 32
        plan.horizon = .seconds(1_200)
        let report = World(plan).run()
        #expect(report.completedAt.dropFirst().allSatisfy { $0 == nil })
        #expect(report.faults == [])
        // All leechers have all that the seeder sent; then they only keep their connections alive.
        #expect(Set(report.pieces.dropFirst()).count == 1)
        #expect(report.wakeUps < 4 * 1_200 / 5, "\(report.wakeUps)")
    }
}
