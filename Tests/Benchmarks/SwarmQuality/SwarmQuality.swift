import Dispatch
import Glibc
import SwarmEngine
import Synchronization
import TorrentCore

/// Prints how near simulated swarms come to the best possible: one line a case, median and worst over the seeds.
@main
struct SwarmQuality {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.first == "digests" { return DigestCommand.run(Array(arguments.dropFirst())) }
        if arguments.first == "replay" { exit(ReplayCommand.run(arguments.dropFirst())) }
        var seeds = 10
        var first = 1
        var names: [String] = []
        var position = 0
        var blocks: Int?
        while position < arguments.count {
            let argument = arguments[position]
            position += 1
            func value() -> String {
                position += 1
                return position <= arguments.count ? arguments[position - 1] : ""
            }
            switch argument {
            case "--short": seeds = 1
            case "--json": continue
            case "--seeds": seeds = Int(value()) ?? seeds
            case "--first": first = Int(value()) ?? first
            case "--blocks": blocks = Int(value())
            case "--help": return print([usage, DigestCommand.usage, ReplayCommand.usage].joined(separator: "\n\n"))
            default: names.append(argument)
            }
        }
        let isShort = arguments.contains("--short")
        let isJSON = arguments.contains("--json")
        var cases = isShort ? QualityCase.short : QualityCase.all
        if !names.isEmpty {
            cases = QualityCase.all.filter { world in names.contains { world.name.hasPrefix($0) } }
        }
        if !isJSON { print(QualityLine.heading) }
        for var world in cases {
            if let blocks { world.blocksPerPiece = blocks }
            let line = QualityLine(world, runs: run(world, seeds: first..<first + seeds))
            print(isJSON ? line.json : line.text)
            fflush(nil)
        }
    }

    static let usage = """
        swarm-benchmark [--short] [--json] [--seeds N] [--first SEED] [--blocks N] [CASE...]
        Runs simulated swarms and compares them with T*, the best that whole pieces over equal lines can do.
        CASE is the beginning of a case's name; without one all are run.
        """

    /// Every seed, as many at once as there are cores.
    static func run(_ world: QualityCase, seeds: Range<Int>) -> [QualityRun] {
        let runs = Mutex([QualityRun?](repeating: nil, count: seeds.count))
        DispatchQueue.concurrentPerform(iterations: seeds.count) { index in
            let run = QualityRun(world, seed: UInt64(seeds.lowerBound + index))
            runs.withLock { $0[index] = run }
        }
        return runs.withLock { $0.compactMap(\.self) }
    }
}
