import DHTEngine
import SwarmSimulator
import Testing

/// Liars that know how ids are checked, and lie in everything else that an answer says.
@Suite struct DHTLiesTests {
    private static let kinds: [DHTLies] = [
        .fittingNames, .wrongNames, .ourAddress, .peers, .longTokens, [.ourAddress, .peers, .longTokens], .all,
    ]

    @Test(arguments: kinds)
    func whateverTheyLieAboutPeersAreFound(lies: DHTLies) {
        let figures = Self.lookUp(lies)
        #expect(figures.count(where: \.found) >= figures.count - 1)
    }

    private static func lookUp(_ lies: DHTLies, seed: UInt64 = 1) -> [DHTLookupFigures] {
        var plan = DHTLookupPlan()
        plan.crowd.nodes = 300
        plan.crowd.liarPart = 0.2
        plan.crowd.lies = lies
        plan.lookups = 12
        return DHTLookupStudy(plan, seed: seed).run()
    }
}
