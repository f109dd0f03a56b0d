import SwarmEngine
import SwarmSimulator
import Testing
import TorrentCore

/// Random worlds: rules, lines, liars, free riders, peers that stall, come late or leave. As long as one honest seeder
/// stays, every honest peer is complete in bounded time.
@Suite struct AnyWorldTests {
    @Test(arguments: UInt64(1)...(wantsBigWorlds ? 4_000 : 100))
    func theHonestFinish(seed: UInt64) {
        let world = AnyWorld(seed: seed)
        let report = World(world.plan).run()
        #expect(report.faults == [])
        #expect(Set(report.banned).isSubset(of: world.liars), "\(report.banned), liars are \(world.liars)")
        for number in world.awaited where report.completedAt[number] == nil {
            let pieces = "\(report.pieces[number]) of \(world.plan.pieceCount) pieces"
            Issue.record("node \(number) has \(pieces) after \(report.endedAt)")
        }
    }
}

/// A small world, all of which its seed decides.
private struct AnyWorld {
    var plan = WorldPlan(nodes: [])
    var liars: Set<Int> = []
    private var generator: SplitMix64

    init(seed: UInt64) {
        generator = SplitMix64(seed: seed)
        plan.seed = seed
        plan.pieceLength = TorrentGeometry.blockLength << draw(0...4)
        plan.pieceCount = draw(1...40)
        plan.shortBy = draw(0...plan.pieceLength - 1)
        plan.isOnLoopback = chance(0.2)
        plan.trackerKnowsAll = chance(0.5)
        plan.maxConnections = draw(3...16)
        plan.interval = .seconds(120)
        if chance(0.3) {
            var ramp = LinkRamp()
            if chance(0.5) { ramp.lossOneIn = draw(50...500) }
            plan.ramp = ramp
        }
        // Often all have the same rules, as in a swarm of one program.
        let common = chance(0.5) ? rules() : nil
        // The first one stays and is honest.
        plan.nodes.append(seeder(rules: common))
        for _ in 0..<draw(0...2) { plan.nodes.append(troubled(seeder(rules: common))) }
        for _ in 0..<draw(1...8) { plan.nodes.append(troubled(node(rules: common))) }
        // Every other world; nothing else is drawn for it.
        for number in plan.nodes.indices { plan.nodes[number].rules.exchangesPeers = seed.isMultiple(of: 2) }
        // The same of every third.
        for number in plan.nodes.indices { plan.nodes[number].rules.superSeeds = seed.isMultiple(of: 3) }
        liars = Set(plan.nodes.indices.filter { plan.nodes[$0].wrongOneIn > 0 })
        let bytes = Double(plan.pieceLength * plan.pieceCount)
        let slowest = plan.nodes.map(\.download).min() ?? 1
        plan.horizon = .seconds(900 + 8 * bytes * (Double(plan.nodes.count) / plan.nodes[0].upload + 1 / slowest))
    }

    /// The nodes that have to be complete in the end.
    var awaited: [Int] {
        plan.nodes.indices.filter {
            let node = plan.nodes[$0]
            return !node.isSeeder && node.leavesAt == nil && !node.isFreeRider
        }
    }

    private mutating func node(rules common: SwarmRules?) -> NodePlan {
        var node = NodePlan()
        node.upload = 20_000 * Double(1 << draw(0...9))
        node.download = max(80_000, node.upload * Double(draw(1...16)))
        node.latency = .milliseconds(draw(0...150))
        node.diskTime = .milliseconds(draw(0...40))
        node.isFast = chance(0.8)
        node.rules = common ?? rules()
        node.openBytes = plan.pieceLength * draw(2...64)
        if chance(0.2) { node.uploadSlots = draw(1...4) }
        return node
    }

    private mutating func seeder(rules common: SwarmRules?) -> NodePlan {
        var seeder = node(rules: common)
        seeder.isSeeder = true
        return seeder
    }

    private mutating func troubled(_ node: NodePlan) -> NodePlan {
        var node = node
        if chance(0.3) { node.joinsAt = .milliseconds(draw(0...20_000)) }
        switch draw(0...9) {
        case 0: node.leavesAt = node.joinsAt + .milliseconds(draw(500...20_000))
        case 1: node.stallsAt = .milliseconds(draw(0...20_000))
        case 2...3: node.wrongOneIn = draw(1...12)
        case 4: node.isFreeRider = !node.isSeeder
        default: break
        }
        return node
    }

    private mutating func rules() -> SwarmRules {
        [SwarmRules(), .standard, .serial, .fitting][draw(0...3)]
    }

    private mutating func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
    private mutating func chance(_ part: Double) -> Bool { Double.random(in: 0..<1, using: &generator) < part }
}
