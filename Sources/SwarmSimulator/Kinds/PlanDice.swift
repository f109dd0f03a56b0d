import SwarmEngine
import TorrentCore

/// Draws what a kind of world leaves to chance, from a seed alone.
struct PlanDice {
    private var generator: SplitMix64

    init(seed: UInt64) {
        generator = SplitMix64(seed: seed)
    }

    mutating func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

    mutating func happens(oneIn count: Int) -> Bool { draw(1...count) == 1 }

    mutating func pick<Value>(_ values: [Value]) -> Value { values[draw(0...values.count - 1)] }

    mutating func seconds(_ range: ClosedRange<Int>) -> Duration {
        .milliseconds(draw(range.lowerBound * 1_000...range.upperBound * 1_000))
    }

    mutating func anyRules() -> SwarmRules { pick([SwarmRules(), .standard, .serial, .fitting]) }

    /// A node whose line sends between 32 KiB and 2 MiB a second; random rules unless some are given.
    mutating func node(_ rules: SwarmRules? = nil) -> NodePlan {
        var node = NodePlan()
        node.upload = 32_768 * Double(1 << draw(0...6))
        node.download = node.upload * Double(draw(2...16))
        node.latency = .milliseconds(draw(0...120))
        node.diskTime = .milliseconds(draw(0...40))
        node.isFast = !happens(oneIn: 5)
        node.isExtended = !happens(oneIn: 8)
        node.rules = rules ?? anyRules()
        if happens(oneIn: 4) { node.uploadSlots = draw(1...5) }
        return node
    }

    /// A seeder and so many leechers, with pieces of 16 to 96 KiB.
    mutating func swarm(_ leechers: ClosedRange<Int>, _ rules: SwarmRules? = nil) -> WorldPlan {
        var seeder = node(rules)
        seeder.isSeeder = true
        var plan = WorldPlan(nodes: [seeder])
        for _ in 0..<draw(leechers) { plan.nodes.append(node(rules)) }
        plan.pieceLength = TorrentGeometry.blockLength * draw(1...6)
        plan.pieceCount = draw(8...40)
        plan.shortBy = draw(0...plan.pieceLength - 1)
        plan.interval = .seconds(draw(60...600))
        plan.trackerKnowsAll = happens(oneIn: 2)
        plan.blocksTakeTime = happens(oneIn: 3)
        plan.runsOnFor = .seconds(15)
        plan.horizon = .seconds(1_200)
        return plan
    }

    /// So many random pieces of `plan`, in order.
    mutating func pieces(_ count: Int, of plan: WorldPlan) -> [Int] {
        (0..<plan.pieceCount).shuffled(using: &generator).prefix(count).sorted()
    }
}
