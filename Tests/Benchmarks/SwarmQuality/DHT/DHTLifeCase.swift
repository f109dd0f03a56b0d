import DHTEngine
import SwarmSimulator

/// A world in which nodes live for long, by the name under which the command knows it; a seed gives lines of text.
struct DHTLifeCase {
    let name: String
    /// By seed and number of nodes.
    let run: @Sendable (UInt64, Int?) -> String

    static let all: [DHTLifeCase] = [
        DHTLifeCase("grown"),
        DHTLifeCase("churn") { $0.staysFor = .seconds(1_800) },
        DHTLifeCase("nat") { $0.partBehindNAT = 0.5 },
        DHTLifeCase(name: "many") { seed, nodes in
            let report = DHTManyTorrents(nodes: nodes ?? 10_000, torrents: 1_000, seed: seed).run(for: .seconds(1_800))
            return "many: half after \(seconds(report.half)), all after \(seconds(report.all)), "
                + "starved \(report.starved), lookups \(report.leastLookups) to \(report.mostLookups) in half an hour, "
                + "overtaken by \(seconds(report.worstOvertaking)) at the most, "
                + "\(report.busiestSecond) addresses in the busiest second, "
                + "\(report.datagramsASecond.tenths) datagrams a second"
        },
        DHTLifeCase(name: "week") { seed, nodes in week(seed, nodes) },
    ]

    private init(name: String, run: @escaping @Sendable (UInt64, Int?) -> String) {
        self.name = name
        self.run = run
    }

    private init(_ name: String, _ change: @escaping @Sendable (inout DHTLifePlan) -> Void = { _ in }) {
        self.init(name: name) { seed, nodes in
            var plan = DHTLifePlan()
            if let nodes { plan.nodes = nodes }
            change(&plan)
            let report = DHTLife(plan, seed: seed).run()
            return DHTLine(name, report.lookups).text
                + "  table \(report.tableNodes.tenths), good \(report.goodNodes.tenths), "
                + "live \((100 * report.livePart).tenths) %, lonely \(report.lonely), "
                + "\(report.idleDatagramsASecond.hundredths) datagrams a second"
        }
    }

    private static func week(_ seed: UInt64, _ nodes: Int?) -> String {
        let samples = DHTWeek(nodes: nodes ?? 2_000, seed: seed).run(samples: 7 * 24, every: .seconds(3_600))
        let days = [1, 3, 7].map { day in
            let sample = samples[day * 24 - 1]
            let figures = sample.figures
            return "day \(day): table \(figures.nodes), good \(figures.goodNodes), spare \(figures.spareNodes), "
                + "kept \(figures.kept.peers), live \((100 * sample.livePart).tenths) %, held \(sample.held), "
                + "\(sample.sentASecond.hundredths) sent a second"
        }
        let worst = samples.dropFirst().min { $0.figures.goodNodes < $1.figures.goodNodes }
        let most = samples.map(\.held).max() ?? 0
        return days.joined(separator: "\n") + "\nworst hour: good \(worst?.figures.goodNodes ?? 0); most held \(most)"
    }

    private static func seconds(_ time: Duration?) -> String {
        guard let time else { return "never" }
        return (Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18).tenths + " s"
    }
}
