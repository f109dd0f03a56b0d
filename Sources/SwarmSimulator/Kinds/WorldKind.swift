import TorrentCore

/// A kind of world; each seed gives another one of that kind. Together they bring a brain into all that it knows how
/// to deal with, so that two brains that do the same in all of them do the same.
package struct WorldKind: Sendable {
    package let name: String
    private let make: @Sendable (inout PlanDice) -> WorldPlan

    init(_ name: String, _ make: @escaping @Sendable (inout PlanDice) -> WorldPlan) {
        self.name = name
        self.make = make
    }

    /// The same for the same seed, whatever other kinds there are.
    package func plan(seed: UInt64) -> WorldPlan {
        var digest = TraceDigest()
        digest.mix(name)
        digest.mix(seed)
        var dice = PlanDice(seed: digest.value)
        var plan = make(&dice)
        plan.seed = seed
        return plan
    }

    /// Thousands of events a world.
    package static let small = byTheRules + troubled + setups

    /// Those as well with hundreds of thousands.
    package static let all = small + [WorldKind("large", large)]

    /// Dozens over lines that are much alike, as in the worlds that show how good the rules are.
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
