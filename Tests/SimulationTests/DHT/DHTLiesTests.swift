import DHTEngine
import SwarmSimulator
import Testing

/// Liars that know how ids are checked, and lie in everything else that an answer says.
@Suite struct DHTLiesTests {
    @Test(arguments: [DHTLies.fittingNames, .wrongNames, .ourAddress, .peers, .longTokens, .all])
    func whateverTheyLieAboutPeersAreFound(lies: DHTLies) {
        let figures = Self.lookUp(lies)
        #expect(figures.count(where: \.found) >= figures.count - 1)
        #expect(Self.mean(figures, \.reach) > 0.5)
        #expect(Self.mean(figures) { Double($0.queries) } < 35)
        if lies == .ourAddress { #expect(figures.count(where: \.isWhoItWas) == figures.count) }
        for lookup in figures { #expect(lookup.done ?? .seconds(99) < .seconds(5)) }
    }

    /// One address, whose id is by chance nearer than all others, is there at eight ports: were all of them counted,
    /// it would keep announces to itself and end each lookup.
    @Test(arguments: [UInt64(1), 2])
    func oneAddressIsNotAllOfTheClosest(seed: UInt64) {
        let figures = Self.lookUp([.fittingNames, .clones], seed: seed)
        #expect(figures.count(where: \.found) >= figures.count - 1)
        #expect(Self.mean(figures, \.reach) > 0.6)
    }

    private static func mean(_ figures: [DHTLookupFigures], _ figure: (DHTLookupFigures) -> Double) -> Double {
        figures.map(figure).reduce(0, +) / Double(figures.count)
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
