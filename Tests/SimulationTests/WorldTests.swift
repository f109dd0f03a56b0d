import SwarmEngine
import SwarmSimulator
import Testing
import TorrentCore

/// Worlds of different sizes in which everybody is honest.
@Suite struct WorldTests {
    @Test(arguments: [UInt64(1), 2, 3])
    func oneSeederFeedsOneLeecher(seed: UInt64) {
        var plan = WorldPlan(nodes: [.seeder, NodePlan()])
        plan.pieceCount = 12
        plan.shortBy = 100_001
        plan.seed = seed
        let report = World(plan).run()
        print(report.completedAt, report.events, report.faults, report.violations, report.wasted, report.endedAt)
        expectAllComplete(report, besides: [])
        #expect(report.downloaded[1] == Int64(12 * 262_144 - 100_001))
    }

    @Test func fifteenLeechers() {
        var plan = WorldPlan(nodes: [.seeder] + Array(repeating: NodePlan(), count: 15))
        plan.pieceCount = 64
        let begin = ContinuousClock.now
        let report = World(plan).run()
        print(report.completedAt, report.events, report.faults, report.violations, report.wasted, report.endedAt)
        print(report.uploaded, ContinuousClock.now - begin)
        expectAllComplete(report, besides: [])
    }
}

/// Every node but `exceptions` has everything, and no brain broke its contract with the shell or with the others.
func expectAllComplete(
    _ report: WorldReport, besides exceptions: Set<Int>, sourceLocation: SourceLocation = #_sourceLocation
) {
    for (node, time) in report.completedAt.enumerated() where !exceptions.contains(node) {
        #expect(time != nil, "node \(node) has \(report.pieces[node]) pieces", sourceLocation: sourceLocation)
    }
    #expect(report.faults == [], sourceLocation: sourceLocation)
    #expect(report.violations == [], sourceLocation: sourceLocation)
}
