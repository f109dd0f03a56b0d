import SwarmSimulator
import TorrentCore

/// What one seed of a case gave.
struct QualityRun {
    /// Seconds until the last honest leecher was complete, and the mean of them; nil if one never was.
    var last: Double?
    var mean: Double?
    /// Copies that the seeder sent before the others held one among them.
    var copies: Double?
    /// Copies that the first seeder sent until the last honest leecher was complete.
    var given: Double?
    /// Of the file that the free riders hold on average when the last honest one is complete.
    var freeShare: Double?
    var waste = 0.0
    /// Against the same world with standard clients in the place of ours: the mean time of ours, of the others.
    var ours: Double?
    var others: Double?
    var events = 0

    init(_ world: QualityCase, seed: UInt64) {
        let plan = world.plan(seed: seed)
        let report = World(plan).run()
        let honest = (1..<plan.nodes.count).filter {
            !plan.nodes[$0].isSeeder && !plan.nodes[$0].isFreeRider && plan.nodes[$0].leavesAt == nil
        }
        let times = report.times(of: honest)
        last = times?.last
        mean = times?.mean
        events = report.events
        let size = Double(plan.pieceLength * plan.pieceCount)
        if report.spreadAt != nil { copies = Double(report.sentBySeeders) / size }
        if last != nil { given = Double(report.uploaded[0]) / size }
        let riders = (1..<plan.nodes.count).filter { plan.nodes[$0].isFreeRider }
        if !riders.isEmpty {
            let held = riders.reduce(0) { $0 + report.pieces[$1] }
            freeShare = Double(held) / Double(riders.count * plan.pieceCount)
        }
        waste = Double(report.wasted.reduce(0, +)) / Double(max(1, report.downloaded.reduce(0, +)))
        guard world.isCompared else { return }
        let reference = World(world.plan(seed: seed, reference: true)).run()
        events += reference.events
        func ratio(_ nodes: [Int]) -> Double? {
            guard let new = report.times(of: nodes)?.mean, let old = reference.times(of: nodes)?.mean else {
                return nil
            }
            return new / old
        }
        ours = ratio(honest.filter(world.isOurs))
        others = ratio(honest.filter { !world.isOurs($0) })
    }
}

/// The middle and the worst of some figures, their mean and how far off that may be; nil where a run had none.
struct Spread {
    let median: Double
    let worst: Double
    let mean: Double
    /// Half the width of the interval in which the mean lies with a chance of 95 %; 0 of a single figure.
    let margin: Double

    init?(_ figures: [Double?]) {
        let known = figures.compactMap(\.self).sorted()
        guard let last = known.last, known.count == figures.count else { return nil }
        median = (known[(known.count - 1) / 2] + known[known.count / 2]) / 2
        worst = last
        let count = Double(known.count)
        let mean = known.reduce(0, +) / count
        self.mean = mean
        let squares = known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        // Student's factor for few figures, near enough: 2.23 for ten, 2.04 for thirty.
        let factor = 1.96 + 2.6 / max(1, count - 1)
        margin = known.count > 1 ? factor * (squares / (count - 1) / count).squareRoot() : 0
    }
}
