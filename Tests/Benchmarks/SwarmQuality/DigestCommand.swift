import Dispatch
import Glibc
import SwarmSimulator
import Synchronization

/// Runs worlds of each kind and prints a digest of all that the brains said, or holds it against one that was written
/// down: whether brains that were changed still do the same.
struct DigestCommand {
    private var seeds = 100
    private var first = 1
    private var names: [String] = []
    private var isEach = false
    private var isTable = false
    private var comparedWith: String?

    static let usage = """
        swarm-benchmark digests [--seeds N] [--first SEED] [--each | --table | --compare FILE] [KIND...]
        Runs N worlds of each kind, 100 without a word. A line tells the digest, the events and what the brains did.
        --each: a line a seed; --table: every digest, to be kept in a file; --compare: runs what is in such a file, and
        exits with 1 if anything differs. KIND is the beginning of a kind's name.
        """

    /// Ends the process with 1 if there are differences, with 2 if it makes no sense.
    static func run(_ arguments: [String]) {
        var command = DigestCommand()
        guard command.read(arguments) else {
            print(usage)
            exit(2)
        }
        if let path = command.comparedWith {
            exit(command.compare(path))
        }
        command.printAll()
    }

    private mutating func read(_ arguments: [String]) -> Bool {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--each": isEach = true
            case "--table": isTable = true
            case "--compare":
                comparedWith = rest.popFirst()
                guard comparedWith != nil else { return false }
            case "--seeds", "--first":
                guard let number = rest.popFirst().flatMap({ Int($0) }), number > 0 else { return false }
                if argument == "--seeds" { seeds = number } else { first = number }
            case _ where argument.hasPrefix("-"): return false
            default: names.append(argument)
            }
        }
        return !kinds.isEmpty
    }

    private var kinds: [WorldKind] {
        names.isEmpty ? WorldKind.all : WorldKind.all.filter { kind in names.contains { kind.name.hasPrefix($0) } }
    }

    // MARK: Printing

    private func printAll() {
        for kind in kinds {
            let runs = DigestRun.all(of: kind, seeds: first..<first + seeds)
            if isTable {
                print(DigestTable.text(of: kind.name, first: first, runs.map(\.trace)))
            } else if isEach {
                for run in runs { print(line(kind, [run], seeds: "seed \(run.seed)")) }
            } else {
                print(line(kind, runs, seeds: "seeds \(first)...\(first + seeds - 1)"))
            }
            fflush(nil)
        }
    }

    private func line(_ kind: WorldKind, _ runs: [DigestRun], seeds: String) -> String {
        let digest = runs.count == 1 ? runs[0].trace : TraceDigest(of: runs.map(\.trace)).value
        let name = kind.name + String(repeating: " ", count: max(0, 15 - kind.name.count))
        let events = runs.reduce(0) { $0 + $1.events }
        let effects = runs.reduce(0) { $0 + $1.effects }
        let faults = runs.flatMap(\.faults)
        return "\(name) \(seeds) \(DigestTable.hex(digest)) events \(events) effects \(effects)"
            + (faults.isEmpty ? "" : " faults \(faults.count), \(faults[0])")
    }

    // MARK: Comparing

    /// How the process is to end.
    private func compare(_ path: String) -> Int32 {
        guard let table = DigestTable(path: path) else {
            print("\(path) is no table of digests")
            return 2
        }
        var differ = false
        for entry in table.entries where names.isEmpty || names.contains(where: { entry.name.hasPrefix($0) }) {
            guard let kind = WorldKind.all.first(where: { $0.name == entry.name }) else {
                print("\(entry.name): there is no such kind of world")
                differ = true
                continue
            }
            let known = Array(entry.digests.prefix(seeds))
            let runs = DigestRun.all(of: kind, seeds: entry.first..<entry.first + known.count)
            let wrong = runs.indices.filter { runs[$0].trace != known[$0] }
            if let position = wrong.first {
                print(
                    "\(entry.name): \(wrong.count) of \(known.count) seeds differ, first seed \(runs[position].seed):",
                    "was \(DigestTable.hex(known[position])), is \(DigestTable.hex(runs[position].trace))")
                differ = true
            } else {
                print("\(entry.name): \(known.count) seeds as they were")
            }
            fflush(nil)
        }
        return differ ? 1 : 0
    }
}

/// What one seed of a kind came to.
struct DigestRun {
    let seed: Int
    let trace: UInt64
    let events: Int
    let effects: Int
    /// What a brain asked of its shell that no brain may ask.
    let faults: [String]

    init(_ kind: WorldKind, seed: Int) {
        self.seed = seed
        let report = World(kind.plan(seed: UInt64(seed))).run()
        trace = report.trace.value
        events = report.events
        effects = report.effects
        faults = report.faults
    }

    /// In the order of the seeds, as many at once as there are cores.
    static func all(of kind: WorldKind, seeds: Range<Int>) -> [DigestRun] {
        let runs = Mutex([DigestRun?](repeating: nil, count: seeds.count))
        DispatchQueue.concurrentPerform(iterations: seeds.count) { index in
            let run = DigestRun(kind, seed: seeds.lowerBound + index)
            runs.withLock { $0[index] = run }
        }
        return runs.withLock { $0.compactMap(\.self) }
    }
}
