import Dispatch
import Glibc
import SwarmEngine
import Synchronization
import TorrentCore
import TorrentIO

/// Prints how near simulated swarms come to the best possible: one line a case, median and worst over the seeds.
@main
struct SwarmQuality {
    static func main() {
        do throws(UsageError) {
            exit(try run(CommandLine.arguments.dropFirst()))
        } catch {
            print(error.text)
            print("swarm-benchmark --help tells more")
            exit(2)
        }
    }

    /// The exit code.
    private static func run(_ arguments: ArraySlice<String>) throws(UsageError) -> Int32 {
        switch arguments.first {
        case "digests": return try DigestCommand.run(arguments.dropFirst())
        case "dht": return try DHTCommand.run(arguments.dropFirst())
        case "replay":
            // As bytes: the name of a file need not be UTF-8.
            return try ReplayCommand.run(ProcessEnvironment.arguments.dropFirst(2))
        default: return try SwarmQuality(arguments).printAll()
        }
    }

    private var seeds: Int?
    private var first = 1
    private var names: [String] = []
    private var blocks: Int?
    private var isShort = false
    private var isJSON = false
    private var wantsHelp = false

    private static let usualSeeds = 10
    /// Up to pieces of 16 MiB.
    private static let blockCounts = 1...1_024

    private init(_ arguments: some Sequence<String>) throws(UsageError) {
        var list = ArgumentList(arguments)
        while let argument = list.next() {
            switch argument {
            case "--short": isShort = true
            case "--json": isJSON = true
            case "--help": wantsHelp = true
            case "--seeds": seeds = try list.number(of: argument, in: ArgumentList.seedCounts)
            case "--first": first = try list.number(of: argument, in: ArgumentList.seeds)
            case "--blocks": blocks = try list.number(of: argument, in: Self.blockCounts)
            case _ where argument.hasPrefix("-"): throw UsageError("\(argument): there is no such option")
            default: names.append(argument)
            }
        }
    }

    private func printAll() throws(UsageError) -> Int32 {
        if wantsHelp {
            print([Self.usage, DigestCommand.usage, ReplayCommand.usage, DHTCommand.usage].joined(separator: "\n\n"))
            return 0
        }
        let cases = try chosenCases()
        let count = seeds ?? (isShort ? 1 : Self.usualSeeds)
        if !isJSON { print(QualityLine.heading) }
        for var world in cases {
            if let blocks { world.blocksPerPiece = blocks }
            let line = QualityLine(world, runs: Self.run(world, seeds: first..<first + count))
            print(isJSON ? line.json : line.text)
            fflush(nil)
        }
        return 0
    }

    private func chosenCases() throws(UsageError) -> [QualityCase] {
        guard !names.isEmpty else { return isShort ? QualityCase.short : QualityCase.all }
        for name in names where !QualityCase.all.contains(where: { $0.name.hasPrefix(name) }) {
            let all = QualityCase.all.map { "\n  \($0.name)" }.joined()
            throw UsageError(
                "\(name): there is no such case or command; commands are digests, replay and dht, cases\(all)")
        }
        return QualityCase.all.filter { world in names.contains { world.name.hasPrefix($0) } }
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
