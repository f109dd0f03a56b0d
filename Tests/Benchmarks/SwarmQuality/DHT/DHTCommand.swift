import DHTEngine
import Dispatch
import Glibc
import SwarmSimulator
import Synchronization

/// Lookups in simulated DHTs: a line a kind of world, all lookups of all seeds together.
struct DHTCommand {
    private var seeds = 10
    private var first = 1
    private var nodes: Int?
    private var lookups: Int?
    private var unfitting: Int?
    private var inFlight: Int?
    private var names: [String] = []

    static let usage = """
        swarm-benchmark dht [--nodes N] [--lookups N] [--unfitting N] [--in-flight N]
                            [--seeds N] [--first SEED] [KIND...]
        Looks up in simulated DHTs and prints milliseconds at the median / 95 / 99 of 100, queries, the part of the
        closest that got the announce, and the most addresses in one second (median / 95).
        Kinds: \(DHTCase.all.map(\.name).joined(separator: ", ")),
        \(DHTLifeCase.all.map(\.name).joined(separator: ", ")), memory.
        """

    static func run(_ arguments: some Sequence<String>) throws(UsageError) -> Int32 {
        var command = DHTCommand()
        var list = ArgumentList(arguments)
        while let argument = list.next() {
            switch argument {
            case "--seeds": command.seeds = try list.number(of: argument, in: ArgumentList.seedCounts)
            case "--first": command.first = try list.number(of: argument, in: ArgumentList.seeds)
            case "--nodes": command.nodes = try list.number(of: argument, in: 20...1_000_000)
            case "--unfitting": command.unfitting = try list.number(of: argument, in: 0...100)
            case "--in-flight": command.inFlight = try list.number(of: argument, in: 1...100)
            case "--lookups": command.lookups = try list.number(of: argument, in: 1...100_000)
            case _ where argument.hasPrefix("-"): throw UsageError("\(argument): there is no such option")
            default: command.names.append(argument)
            }
        }
        try command.printAll()
        return 0
    }

    private func printAll() throws(UsageError) {
        for name in names where !isKnown(name) { throw UsageError("\(name): there is no such kind") }
        let cases = DHTCase.all.filter { names.isEmpty || names.contains($0.name) }
        if !cases.isEmpty { print(DHTLine.heading) }
        for world in cases {
            var plan = world.plan
            if let nodes { plan.crowd.nodes = nodes }
            if let lookups { plan.lookups = lookups }
            if let unfitting { plan.rules.unfittingAsked = unfitting }
            if let inFlight { plan.rules.inFlight = inFlight }
            let began = DispatchTime.now()
            let runs = Self.each(seeds, from: first) { [plan] in DHTLookupStudy(plan, seed: $0).run() }
            let took = Double(DispatchTime.now().uptimeNanoseconds - began.uptimeNanoseconds) / 1e9
            print(DHTLine(world.name, runs.flatMap(\.self)).text + "  \(took.tenths) s")
            fflush(nil)
        }
        for life in DHTLifeCase.all where names.contains(life.name) {
            for line in Self.each(seeds, from: first, { life.run($0, nodes) }) { print(line) }
            fflush(nil)
        }
        if names.contains("memory") { print(DHTMemoryCase.line()) }
    }

    private func isKnown(_ name: String) -> Bool {
        DHTCase.all.contains { $0.name == name } || DHTLifeCase.all.contains { $0.name == name } || name == "memory"
    }

    /// Every seed, as many at once as there are cores.
    private static func each<Value: Sendable>(
        _ count: Int, from first: Int, _ run: @Sendable (UInt64) -> Value
    ) -> [Value] {
        let values = Mutex([Value?](repeating: nil, count: count))
        DispatchQueue.concurrentPerform(iterations: count) { index in
            let value = run(UInt64(first + index))
            values.withLock { $0[index] = value }
        }
        return values.withLock { $0.compactMap(\.self) }
    }
}
