import SwarmEngine
import SwarmSimulator
import Testing
import TorrentCore

/// Peers that go to sleep while they are being served: they acknowledge nothing any more, and no connection breaks.
@Suite struct VanishedPeerTests {
    /// A seeder, eight leechers, and some more that vanish; each line sends a piece a second.
    private func world(vanished: Int, at time: Duration, rules: SwarmRules, seed: UInt64) -> WorldPlan {
        var lines = EqualLines(leechers: 8 + vanished, pieces: 96)
        (lines.rules, lines.seed) = (rules, seed)
        var plan = lines.plan
        for number in plan.nodes.indices.suffix(vanished) { plan.nodes[number].vanishesAt = time }
        return plan
    }

    /// Bytes that the eight leechers have received by then.
    private func got(_ plan: WorldPlan, by time: Duration) -> Double {
        var plan = plan
        plan.horizon = time
        let report = World(plan).run()
        #expect(report.faults == [])
        return Double(report.downloaded[1...8].reduce(0, +))
    }

    /// Ten seconds later the others have at least four fifths of the rate that they would have without the sleepers.
    @Test(arguments: [1, 4], [SwarmRules.fitting, .serial, .slots])
    func theOthersGoOn(vanished: Int, rules: SwarmRules) {
        for (time, seed) in [(Duration.seconds(2), UInt64(1)), (.seconds(2), 2), (.seconds(20), 3)] {
            let clean = world(vanished: 0, at: time, rules: rules, seed: seed)
            let troubled = world(vanished: vanished, at: time, rules: rules, seed: seed)
            let (from, to) = (time + .seconds(10), time + .seconds(30))
            let rate = got(troubled, by: to) - got(troubled, by: from)
            let best = got(clean, by: to) - got(clean, by: from)
            #expect(rate >= 0.8 * best, "\(vanished) of \(rules.uploads) after \(time): \(rate / best)")
        }
    }

    /// A seeder serves a peer that vanishes, and then one that comes later.
    @Test(arguments: [SwarmRules.fitting, .serial])
    func aLaterPeerIsServed(rules: SwarmRules) throws {
        var plan = WorldPlan(nodes: [.seeder, NodePlan(), NodePlan()])
        for number in plan.nodes.indices { plan.nodes[number].rules = rules }
        plan.pieceCount = 16
        plan.nodes[1].vanishesAt = .seconds(2)
        plan.nodes[2].joinsAt = .seconds(3)
        let report = World(plan).run()
        expectAllComplete(report, besides: [1])
        // Four seconds of sending, and a few until the seeder notices the stall.
        #expect(try #require(report.completedAt[2]) < .seconds(14))
    }
}

/// Imitations of programs that ask late, and announce no pieces to seeders.
@Suite struct OddClientTests {
    /// On fast lines a few such peers are not slowed down by turns.
    @Test(arguments: [NodePlan.Client.rTorrent, .rqbit], [1, 3])
    func seedersKeepThemBusy(client: NodePlan.Client, count: Int) throws {
        var plan = WorldPlan(nodes: [.seeder] + Array(repeating: NodePlan(as: client), count: count))
        plan.pieceCount = 40
        for number in plan.nodes.indices {
            plan.nodes[number].upload = 10 * 1_048_576
            plan.nodes[number].download = 10 * 1_048_576
            plan.nodes[number].latency = .milliseconds(2)
        }
        func last(_ rules: SwarmRules) throws -> Double {
            plan.nodes[0].rules = rules
            let report = World(plan).run()
            expectAllComplete(report)
            return try #require(report.times(of: 1...count)).last
        }
        let fitting = try last(.fitting)
        let slots = try last(.slots)
        // Some of several peers may have to wait once.
        #expect(fitting < 1.5 * slots + (count == 1 ? 0.5 : 5.5), "\(fitting) s, with slots \(slots) s")
    }

    /// Many such peers on slow lines get turns like the others, and all finish.
    @Test(arguments: [NodePlan.Client.rTorrent, .rqbit], [UInt64(1), 2])
    func manyOfThemFinish(client: NodePlan.Client, seed: UInt64) throws {
        var lines = EqualLines(leechers: 12, pieces: 24)
        (lines.rules, lines.seed) = (.fitting, seed)
        var plan = lines.plan
        for number in stride(from: 1, through: 12, by: 2) {
            var node = NodePlan(as: client)
            (node.upload, node.download) = (plan.nodes[number].upload, plan.nodes[number].download)
            plan.nodes[number] = node
        }
        let report = World(plan).run()
        expectAllComplete(report)
        #expect(try #require(report.times(of: 1...12)).last < 4 * lines.best)
    }
}
