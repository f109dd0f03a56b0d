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

    package static let all = byTheRules + troubled + places
}
