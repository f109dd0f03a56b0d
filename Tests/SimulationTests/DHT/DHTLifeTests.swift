import DHTEngine
import SwarmSimulator
import Testing

/// Real nodes that find each other, and live among others that come and go.
@Suite struct DHTLifeTests {
    @Test func nodesThatKnowOneAddressBecomeADHT() {
        let report = Self.live(seed: 1)
        #expect(report.lonely == 0)
        #expect(report.tableNodes > 20)
        #expect(report.livePart > 0.95)
        #expect(report.lookups.count(where: \.found) == report.lookups.count)
        #expect(report.lookups.map(\.reach).reduce(0, +) / Double(report.lookups.count) > 0.8)
        #expect(report.idleDatagramsASecond < 2, "a node that has nothing to do is quiet")
    }

    @Test func aSeedGivesTheSameLives() {
        let traces = [UInt64(1), 1, 2].map { seed in
            Self.live(seed: seed) {
                $0.nodes = 12
                $0.lookups = 2
            }.trace
        }
        #expect(traces[0] == traces[1] && traces[0] != traces[2])
    }

    @Test func whileOthersComeAndGoPeersAreFound() {
        let report = Self.live(seed: 2) { $0.staysFor = .seconds(900) }
        #expect(report.lookups.count(where: \.found) >= report.lookups.count - 1)
        #expect(report.livePart > 0.5)
    }

    @Test func nodesBehindRoutersThatLetNobodyInDoNoHarm() {
        let report = Self.live(seed: 3) { $0.partBehindNAT = 0.5 }
        #expect(report.lookups.count(where: \.found) >= report.lookups.count - 1)
    }

    /// Many torrents on one node: paced, in order, and none is forgotten.
    @Test func manyTorrentsWaitForTheirTurn() {
        let report = DHTManyTorrents(nodes: 200, torrents: 40, seed: 1).run(for: .seconds(120))
        #expect(report.starved == 0)
        #expect(report.busiestSecond <= 66, "50 a second, and 16 at once")
        #expect(report.leastLookups > 0)
    }

    /// Two hours; a week where that is quick.
    @Test func timeLeavesTheTableHealthyAndNothingGrows() throws {
        let hours = wantsBigWorlds ? 7 * 24 : 2
        let samples = DHTWeek(nodes: 200, seed: 1).run(samples: hours, every: .seconds(3_600))
        let last = try #require(samples.last)
        #expect(last.figures.goodNodes > 20)
        #expect(last.livePart > 0.6)
        let most = try #require(samples.map(\.held).max())
        let early = try #require(samples.first).held
        #expect(most <= early * 3 / 2 + 50, "\(samples.map(\.held))")
    }

    private static func live(seed: UInt64, _ change: (inout DHTLifePlan) -> Void = { _ in }) -> DHTLifeReport {
        var plan = DHTLifePlan()
        plan.nodes = 30
        plan.comingFor = .seconds(60)
        plan.settlingFor = .seconds(120)
        plan.lookups = 10
        change(&plan)
        return DHTLife(plan, seed: seed).run()
    }
}
