import DHTEngine
import SwarmSimulator
import Testing

/// What is asked of lookups among thousands of nodes, for optimised builds: set P2P_BIG_WORLDS=1. Figures of ten seeds
/// stand on the page Performance; here are two, so the bounds are a bit wider.
@Suite(.enabled(if: wantsBigWorlds), .serialized)
struct DHTFigureTests {
    @Test func amongLiarsPeersAreFoundSoon() {
        let ours = Self.lookUp { $0.crowd.liarPart = 0.2 }
        let plain = Self.lookUp {
            $0.crowd.liarPart = 0.2
            $0.rules = .plain
        }
        #expect(ours.count(where: \.found) >= ours.count - 1)
        #expect(Self.part(0.5, of: ours, \.firstPeers) < .milliseconds(220))
        #expect(Self.part(0.95, of: ours, \.firstPeers) < .milliseconds(660))
        #expect(Self.part(0.5, of: ours, \.done) < .milliseconds(900))
        #expect(Self.mean(ours, \.queries) < 1.7 * Self.mean(plain, \.queries))
        #expect(ours.map(\.reach).reduce(0, +) / Double(ours.count) > 0.72)
    }

    @Test func aWarmTableReachesNearlyAllOfTheClosest() {
        let figures = Self.lookUp()
        #expect(figures.count(where: \.found) == figures.count)
        #expect(figures.map(\.reach).reduce(0, +) / Double(figures.count) > 0.91)
        #expect(Self.part(0.95, of: figures, \.firstPeers) < .milliseconds(450))
    }

    @Test func oneBootstrapNodeIsEnough() {
        let figures = Self.lookUp { $0.start = .bootstrap }
        #expect(Self.part(0.95, of: figures, \.firstPeers) < .milliseconds(1_000))
    }

    @Test(arguments: [(0.5, 200), (0.9, 1_500)])
    func aRestartIsHeardSoon(deadPart: Double, milliseconds: Int) {
        let figures = Self.lookUp { $0.start = .memory(deadPart: deadPart) }
        #expect(Self.part(0.95, of: figures, \.firstAnswer) < .milliseconds(milliseconds))
        #expect(figures.count(where: \.found) >= figures.count - 2)
    }

    @Test(arguments: [(DHTLookupPlan.Attack.late, 98), (.old, 94)])
    func aThousandIdentitiesHideFew(attack: DHTLookupPlan.Attack, found: Int) {
        let figures = Self.lookUp { $0.attack = attack }
        #expect(figures.count(where: \.found) * 100 >= found * figures.count)
    }

    @Test func hundredsThatFindEachOtherAreADHT() {
        var plan = DHTLifePlan()
        plan.nodes = 300
        plan.staysFor = .seconds(3_600)
        plan.lookups = 40
        let report = DHTLife(plan, seed: 1).run()
        #expect(report.lonely == 0)
        #expect(report.lookups.count(where: \.found) >= report.lookups.count - 1)
        #expect(report.livePart > 0.7)
    }

    private static func lookUp(_ change: (inout DHTLookupPlan) -> Void = { _ in }) -> [DHTLookupFigures] {
        var plan = DHTLookupPlan()
        plan.lookups = 50
        change(&plan)
        return [UInt64(1), 2].flatMap { DHTLookupStudy(plan, seed: $0).run() }
    }

    private static func part(
        _ part: Double, of figures: [DHTLookupFigures], _ time: (DHTLookupFigures) -> Duration?
    ) -> Duration {
        let times = figures.map { time($0) ?? .seconds(1_000) }.sorted()
        return times[min(Int(Double(times.count) * part), times.count - 1)]
    }

    private static func mean(_ figures: [DHTLookupFigures], _ count: (DHTLookupFigures) -> Int) -> Double {
        Double(figures.map(count).reduce(0, +)) / Double(figures.count)
    }
}
