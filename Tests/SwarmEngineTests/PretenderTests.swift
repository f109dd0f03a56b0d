import SwarmTestSupport
import Testing
import TorrentCore

@testable import SwarmEngine

/// Peers that take places and are of no use to anybody.
@Suite struct PretenderTests {
    /// A seed with room for three, who are interested.
    private static func full(_ rules: SwarmRules, asking: Bool) -> SwarmStage {
        let stage = SwarmStage(seeder: true, rules: rules, adapt: { $0.connections = 3 })
        stage.start()
        for number in 1...3 as ClosedRange<UInt64> {
            let id = stage.join(number, has: [])
            let effects = stage.receive(.interested, from: id)
            if asking { ask(effects, stage) }
        }
        return stage
    }

    /// Whoever is unchoked asks for a block, and gets it.
    private static func ask(_ effects: SwarmEffects, _ stage: SwarmStage) {
        for effect in effects {
            guard case .send(let id, .unchoke) = effect else { continue }
            for effect in stage.receive(.request(stage.block(0, 0)), from: id) {
                if case .serve(id, let block) = effect { ask(stage.tell(.blockSent(block, to: id)), stage) }
            }
        }
    }

    @Test(arguments: [SwarmRules.slots, .serial, .fitting])
    func whoIsInterestedAndAsksForNothingMakesRoom(_ rules: SwarmRules) {
        let stage = Self.full(rules, asking: false)
        #expect(stage.knock(4).id == nil)
        stage.pass(.seconds(20))
        #expect(stage.knock(4).id != nil)
    }

    @Test(arguments: [SwarmRules.slots, .serial, .fitting])
    func whoAsksWhenItMayStays(_ rules: SwarmRules) {
        let stage = Self.full(rules, asking: true)
        for _ in 0..<200 { Self.ask(stage.pass(.milliseconds(100)), stage) }
        #expect(stage.knock(4).id == nil)
    }
}
