import ByteStrings
import Dispatch
import Glibc
import SwarmSimulator
import Synchronization

/// Runs worlds of each kind and prints a digest of all that the brains said, or holds it against one that was written
/// down: whether brains that were changed still do the same.
struct DigestCommand {
    /// What is wanted of the worlds.
    private enum Manner: Equatable {
        case aLineAKind, each, table
        case comparison(String)
    }

    private var seeds: Int?
    private var first: Int?
    private var names: [String] = []
    private var kinds = WorldKind.all
    private var manner = Manner.aLineAKind

    private static let usualSeeds = 100
    private static let mostTableBytes = 64 << 20

    static let usage = """
        swarm-benchmark digests [--seeds N] [--first SEED] [--each | --table] [KIND...]
        swarm-benchmark digests [--seeds N] --compare FILE [KIND...]
        Runs N worlds of each kind, 100 without a word. A line tells the digest, the events and what the brains did.
        --each: a line a seed; --table: every digest, to be kept in a file; --compare: runs what is in such a file,
        which must have every kind, or each KIND, and at least N seeds. Exits with 1 if anything differs, or if a brain
        did what no brain may do. KIND is the beginning of a kind's name.
        """

    /// The exit code: 1 if there are differences or faults, 2 if the arguments or the table make no sense.
    static func run(_ arguments: some Sequence<String>) throws(UsageError) -> Int32 {
        let command = try DigestCommand(arguments)
        if case .comparison(let path) = command.manner { return try command.compare(path) }
        return command.printAll()
    }

    private init(_ arguments: some Sequence<String>) throws(UsageError) {
        var list = ArgumentList(arguments)
        while let argument = list.next() {
            switch argument {
            case "--each": try choose(.each)
            case "--table": try choose(.table)
            case "--compare": try choose(.comparison(try list.value(of: argument)))
            case "--seeds": seeds = try list.number(of: argument, in: ArgumentList.seedCounts)
            case "--first": first = try list.number(of: argument, in: ArgumentList.seeds)
            case _ where argument.hasPrefix("-"): throw UsageError("\(argument): there is no such option")
            default: names.append(argument)
            }
        }
        if case .comparison = manner, first != nil {
            throw UsageError("--first: the table says with which seed it begins")
        }
        guard let kinds = WorldKind.beginning(with: names) else {
            let all = WorldKind.all.map(\.name).joined(separator: ", ")
            throw UsageError("\(names.joined(separator: " ")): the kinds are \(all)")
        }
        self.kinds = kinds
    }

    private mutating func choose(_ new: Manner) throws(UsageError) {
        guard manner == .aLineAKind else { throw UsageError("one of --each, --table and --compare, once") }
        manner = new
    }

    // MARK: Printing

    private func printAll() -> Int32 {
        let (first, seeds) = (first ?? 1, seeds ?? Self.usualSeeds)
        var isFaulty = false
        for kind in kinds {
            let runs = DigestRun.all(of: kind, seeds: first..<first + seeds)
            if manner == .table {
                print(DigestTable.text(of: kind.name, first: first, runs.map(\.trace)))
            } else if manner == .each {
                for run in runs { print(line(kind, [run], seeds: "seed \(run.seed)")) }
            } else {
                print(line(kind, runs, seeds: "seeds \(first)...\(first + seeds - 1)"))
            }
            if hasFaults(kind, runs) { isFaulty = true }
            fflush(nil)
        }
        return isFaulty ? 1 : 0
    }

    private func line(_ kind: WorldKind, _ runs: [DigestRun], seeds: String) -> String {
        let digest = runs.count == 1 ? runs[0].trace : TraceDigest(of: runs.map(\.trace)).value
        let name = kind.name + String(repeating: " ", count: max(0, 15 - kind.name.count))
        let events = runs.reduce(0) { $0 + $1.events }
        let effects = runs.reduce(0) { $0 + $1.effects }
        return "\(name) \(seeds) \(DigestTable.hex(digest)) events \(events) effects \(effects)"
    }

    /// Says them as a table may hold them: lines that begin with # are not read.
    private func hasFaults(_ kind: WorldKind, _ runs: [DigestRun]) -> Bool {
        for run in runs where !run.faults.isEmpty {
            print("# \(kind.name), seed \(run.seed): \(run.faults.count) faults, \(run.faults[0])")
        }
        return runs.contains { !$0.faults.isEmpty }
    }

    // MARK: Comparing

    private func compare(_ path: String) throws(UsageError) -> Int32 {
        var differ = false
        for comparison in try comparisons(path) {
            let (name, known) = (comparison.kind.name, comparison.known)
            let runs = DigestRun.all(of: comparison.kind, seeds: comparison.first..<comparison.first + known.count)
            let wrong = comparison.differences(from: runs.map(\.trace))
            if let position = wrong.first {
                print(
                    "\(name): \(wrong.count) of \(known.count) seeds differ, first seed \(runs[position].seed):",
                    "was \(DigestTable.hex(known[position])), is \(DigestTable.hex(runs[position].trace))")
                differ = true
            } else {
                print("\(name): \(known.count) seeds as they were")
            }
            if hasFaults(comparison.kind, runs) { differ = true }
            fflush(nil)
        }
        return differ ? 1 : 0
    }

    private func comparisons(_ path: String) throws(UsageError) -> [DigestComparison] {
        let text: [UInt8]
        do throws(WholeFile.Failure) {
            text = try WholeFile.read(ByteString(path), limit: Self.mostTableBytes)
        } catch {
            throw UsageError("\(path): \(error.text)")
        }
        do throws(DigestTable.Fault) {
            let table = try DigestTable(parsing: String(decoding: text, as: UTF8.self))
            return try table.comparisons(of: names.isEmpty ? nil : kinds, seeds: seeds)
        } catch {
            throw UsageError("\(path): \(error)")
        }
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
