import SwarmEngine
import Testing
import TorrentCore

@testable import SwarmSimulator

/// Swarms without a tracker, in which each node knows one other.
@Suite struct ExchangeWorldTests {
    /// Nobody has the last piece, so nobody is ever done and leaves the others.
    private static func chain(_ count: Int, exchanges: Bool, seed: UInt64) -> World {
        var plan = WorldPlan(nodes: [])
        plan.seed = seed
        plan.pieceCount = 12
        plan.pieceLength = 32_768
        plan.trackerFrom = .seconds(10_000)
        plan.horizon = .seconds(600)
        for number in 0..<count {
            var node = NodePlan()
            node.begins = [number % 11]
            node.rules.exchangesPeers = exchanges
            node.isV6 = number % 3 == 2
            if number > 0 { node.named = [number - 1] }
            plan.nodes.append(node)
        }
        return World(plan)
    }

    /// How many of the others each node is connected with in the end.
    private static func connections(_ world: World) -> [Int] {
        world.nodes.map { $0.brain.figures(at: world.now).peers }
    }

    @Test(arguments: UInt64(1)...6)
    func whoKnowsOneOtherFindsAll(seed: UInt64) {
        let world = Self.chain(18, exchanges: true, seed: seed)
        let report = world.run()
        #expect(report.faults == [] && report.violations == [])
        #expect(Self.connections(world) == Array(repeating: 17, count: 18))
        // Eleven of the twelve pieces are among them, and go round.
        #expect(report.pieces == Array(repeating: 11, count: 18))
    }

    /// Without it each has the one that it knows and the one that knows it.
    @Test func withoutItTheyStayAlone() {
        let world = Self.chain(6, exchanges: false, seed: 1)
        #expect(world.run().faults == [])
        #expect(Self.connections(world) == [1, 2, 2, 2, 2, 1])
    }

    /// The honest are complete though they know one other only, some do not take part, and some leave.
    @Test(arguments: UInt64(1)...20)
    func theKindFinishes(seed: UInt64) throws {
        let kind = try #require(WorldKind.small.first { $0.name == "exchange" })
        let plan = kind.plan(seed: seed)
        let report = World(plan).run()
        #expect(report.faults == [] && report.violations == [])
    }
}
