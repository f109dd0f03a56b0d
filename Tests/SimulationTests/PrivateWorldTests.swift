import SwarmEngine
import Testing
import TorrentCore

@testable import SwarmSimulator

/// Thirty peers of a private torrent, some of which tell of whoever there is, and two trackers that name few. The world
/// itself looks at each call: it is a fault if neither the tracker that answered last nor the user has named the other.
@Suite struct PrivateWorldTests {
    private static let count = 30
    /// The first tracker falls silent then, while all are far from complete.
    private static let downFrom = Duration.seconds(50)

    private static func world(seed: UInt64, isPrivate: Bool) -> World {
        var plan = WorldPlan(nodes: [.seeder])
        plan.seed = seed
        plan.isPrivate = isPrivate
        plan.pieceCount = 32
        plan.pieceLength = 32_768
        plan.peersPerAnswer = 8
        plan.runsOnFor = .seconds(60)
        var (first, second) = (TrackerPlan(), TrackerPlan())
        first.interval = .seconds(60)
        first.downFrom = downFrom
        first.downUntil = .seconds(100_000)
        second.interval = .seconds(120)
        plan.trackers = [[first], [second]]
        for number in 1..<count {
            var node = NodePlan()
            node.joinsAt = .seconds(number % 10)
            node.isV6 = number.isMultiple(of: 7)
            // Peers of this torrent in an earlier life, when it was public, or another one of the same content.
            if number.isMultiple(of: 5) { node.overheard = [(number + 3) % count, (number + 11) % count] }
            if number.isMultiple(of: 9) { node.named = [(number + 6) % count] }
            if number.isMultiple(of: 4) {
                node.habits = [.tellsOfAll]
                node.habitsEvery = .seconds(10)
            }
            plan.nodes.append(node)
        }
        for number in plan.nodes.indices {
            plan.nodes[number].upload = 6_144
            plan.nodes[number].rules.exchangesPeers = true
        }
        return World(plan)
    }

    @Test(arguments: UInt64(1)...(wantsBigWorlds ? 100 : 3))
    func nobodyIsCalledWhomTheTrackerHasNotNamed(seed: UInt64) {
        let world = Self.world(seed: seed, isPrivate: true)
        let report = world.run()
        #expect(report.faults == [] && report.violations == [] && report.banned == [])
        #expect(report.completedAt.allSatisfy { $0 != nil }, "\(report.pieces)")
        // All have gone over to the other tracker, before they were complete.
        #expect(world.nodes.map(\.acquaintance.switches) == Array(repeating: 1, count: Self.count))
        #expect(report.completedAt.dropFirst().allSatisfy { $0.map { $0 > Self.downFrom + .seconds(70) } ?? false })
    }

    /// Where the torrent is public the same words are believed, so that they are a temptation.
    @Test(arguments: UInt64(1)...2)
    func aPublicTorrentListens(seed: UInt64) {
        let world = Self.world(seed: seed, isPrivate: false)
        #expect(world.run().faults == [])
        // Also those who knew nobody before.
        #expect(world.nodes.allSatisfy { $0.acquaintance.strangersCalled > 0 })
    }
}
