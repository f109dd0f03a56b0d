import TorrentCore

/// A kind of world; each seed gives another world of that kind. Together they run nearly all code of the brain, so two
/// brains that behave alike in all of them most likely behave alike.
package struct WorldKind: Sendable {
    /// As tables of digests and the command line name it.
    package let name: String
    private let make: @Sendable (inout PlanDice) -> WorldPlan

    init(_ name: String, _ make: @escaping @Sendable (inout PlanDice) -> WorldPlan) {
        self.name = name
        self.make = make
    }

    /// The same seed gives the same plan, whatever other kinds there are.
    package func plan(seed: UInt64) -> WorldPlan {
        var digest = TraceDigest()
        digest.mix(name)
        digest.mix(seed)
        var dice = PlanDice(seed: digest.value)
        var plan = make(&dice)
        plan.seed = seed
        return plan
    }

    /// Kinds of worlds with thousands of events each.
    package static let small = byTheRules + troubled + setups

    /// The same and worlds with hundreds of thousands of events.
    package static let all = small + [WorldKind("large", large)]

    /// Dozens of nodes with similar lines, as in the worlds of `swarm-benchmark` that measure the rules.
    @Sendable private static func large(_ dice: inout PlanDice) -> WorldPlan {
        let rules = dice.happens(oneIn: 3) ? nil : dice.anyRules()
        var plan = dice.swarm(30...63, rules)
        plan.pieceLength = TorrentGeometry.blockLength * dice.pick([2, 4])
        plan.pieceCount = dice.draw(48...96)
        plan.shortBy = 0
        for number in plan.nodes.indices {
            plan.nodes[number].upload = Double(plan.pieceLength) * dice.pick([0.5, 1, 1, 1, 2])
            plan.nodes[number].download = Double(plan.pieceLength) * 32
            if dice.happens(oneIn: 10) { plan.nodes[number].isFreeRider = number > 0 }
            if dice.happens(oneIn: 10) { plan.nodes[number].joinsAt = dice.seconds(0...60) }
        }
        plan.waitsForFreeRiders = false
        return plan
    }
}
