import PeerEvents
import PeerRuntime
import SwarmEngine
import TestSupport
import Testing

/// Whole nodes in this process, over loopback.
@Suite struct PeerNodeTests {
    @Test(arguments: [SwarmRules(), .fitting, .serial])
    func aLeecherFetchesEverythingFromANamedSeeder(rules: SwarmRules) async throws {
        let stage = try NodeStage(.mixed(bytes: 3_000_001))
        let (seeder, leecher) = try await stage.nodes { options in
            options.ends.whenDone = true
            options.rules = rules
        }
        defer { seeder.node.stop() }
        let outcome = try await leecher.waitUntilStopped(within: .seconds(60))
        #expect(outcome.failures.isEmpty && outcome.unfinished == 0)
        #expect(try stage.differences == [])
    }
}
