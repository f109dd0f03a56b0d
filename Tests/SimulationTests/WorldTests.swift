import Glibc
import SwarmEngine
import SwarmSimulator
import Testing
import TorrentCore

/// Worlds of honest peers.
@Suite struct WorldTests {
    @Test(arguments: [UInt64(1), 2, 3])
    func oneSeederFeedsOneLeecher(seed: UInt64) {
        var plan = WorldPlan(nodes: [.seeder, NodePlan()])
        plan.pieceCount = 12
        plan.shortBy = 100_001
        plan.seed = seed
        let report = World(plan).run()
        expectAllComplete(report)
        #expect(report.downloaded[1] == Int64(12 * 262_144 - 100_001))
        #expect(report.wasted[1] == 0)
        // The line sends 1 MiB a second: that takes 2.9 s, and a little more to find each other and to begin.
        #expect((report.completedAt[1]?.inSeconds ?? 99) < 4)
        #expect(report.announces.map(\.event) == [.started, .started, .completed])
    }

    @Test func theSameSeedGivesTheSameRun() {
        var plan = WorldPlan(nodes: [.seeder] + Array(repeating: NodePlan(), count: 6))
        plan.pieceCount = 24
        plan.nodes[2].upload = 300_000
        plan.nodes[3].latency = .milliseconds(90)
        let first = World(plan).run()
        let second = World(plan).run()
        #expect(first.trace == second.trace)
        #expect(first.completedAt == second.completedAt)
        plan.seed = 2
        #expect(World(plan).run().trace != first.trace)
    }

    /// Together they are faster than the seeder alone could be.
    @Test func leechersFeedEachOther() throws {
        var plan = WorldPlan(nodes: [.seeder] + Array(repeating: NodePlan(), count: 9))
        plan.pieceCount = 48
        let report = World(plan).run()
        expectAllComplete(report)
        let payload = Double(plan.pieceLength * plan.pieceCount)
        let times = try #require(report.times(of: 1...9))
        #expect(times.last < 9 * payload / plan.nodes[0].upload / 3)
        // The seeder gives fewer than three copies of the nine.
        #expect(Double(report.uploaded[0]) < 3 * payload)
        // Few blocks come twice, in the endgame.
        #expect(report.wasted.allSatisfy { Double($0) < 0.08 * payload }, "\(report.wasted)")
    }

    /// Peers without BEP 6 among peers with it, lines of different speed, small pieces and a short last one.
    @Test(arguments: [UInt64(4), 5])
    func mixedSwarmsFinish(seed: UInt64) {
        var plan = WorldPlan(nodes: [.seeder])
        for number in 0..<7 {
            var node = NodePlan()
            node.isFast = number % 2 == 0
            node.upload = [200_000, 400_000, 3_000_000][number % 3]
            node.latency = .milliseconds([2, 40, 150][number % 3])
            node.joinsAt = .seconds(number)
            plan.nodes.append(node)
        }
        plan.pieceLength = 65_536
        plan.pieceCount = 90
        plan.shortBy = 30_000
        plan.seed = seed
        expectAllComplete(World(plan).run())
    }

    /// The budget has room for two pieces only, so large that several peers fill each together.
    @Test func openPiecesStayWithinTheirBytes() {
        var plan = WorldPlan(nodes: [.seeder, .seeder, .seeder, NodePlan(), NodePlan()])
        for node in plan.nodes.indices { plan.nodes[node].openBytes = 2 << 20 }
        plan.pieceLength = 1 << 20
        plan.pieceCount = 10
        let report = World(plan).run()
        expectAllComplete(report)
        #expect(report.mostOpenBytes <= 2 << 20)
    }

    @Test func manyPeersOnOneAddressAndATrackerThatComesLate() {
        var plan = WorldPlan(nodes: [.seeder] + Array(repeating: NodePlan(), count: 5))
        plan.isOnLoopback = true
        plan.trackerFrom = .seconds(20)
        plan.pieceCount = 16
        let report = World(plan).run()
        expectAllComplete(report)
        // The pauses double, so each node announces only a few times in the twenty seconds.
        let early = report.announces.filter { $0.at < .seconds(20) }
        #expect(early.count <= 6 * 4, "\(early.count)")
    }

    @Test func sixteenWithSmallBandwidthForRequests() {
        var plan = WorldPlan(nodes: [.seeder] + Array(repeating: NodePlan(), count: 15))
        plan.pieceCount = 32
        for node in plan.nodes.indices { plan.nodes[node].latency = .milliseconds(120) }
        expectAllComplete(World(plan).run())
    }
}

let wantsBigWorlds = getenv("P2P_BIG_WORLDS") != nil

/// Large worlds, for optimised builds: set P2P_BIG_WORLDS=1.
@Suite(.enabled(if: wantsBigWorlds))
struct BigWorldTests {
    /// The time of a mid-size swarm against T*, the shortest in which whole pieces can spread over equal lines.
    @Test(arguments: [(63, 256), (63, 64), (199, 128)])
    func swarmsFinishWithinReason(leechers: Int, pieces: Int) throws {
        var plan = WorldPlan(nodes: [.seeder] + Array(repeating: NodePlan(), count: leechers))
        plan.pieceCount = pieces
        for node in plan.nodes.indices { plan.nodes[node].upload = Double(plan.pieceLength) }
        let report = World(plan).run()
        expectAllComplete(report)
        let doublings = Double(Int.bitWidth - 1 - leechers.leadingZeroBitCount)
        let best = Double(pieces) * (1 + doublings / Double(pieces))
        let times = try #require(report.times(of: 1...leechers))
        let copies = Double(report.uploaded[0]) / Double(plan.pieceCount * plan.pieceLength)
        let waste = Double(report.wasted.reduce(0, +)) / Double(report.downloaded.reduce(0, +))
        print(
            "\(leechers) leechers, \(pieces) pieces: last \(times.last / best) T*, mean \(times.mean / best) T*,",
            "seeder \(copies) copies, waste \(waste), \(report.events) events")
        // The classic policy: 1.4 with many pieces, 2.0 with as few as there are peers, whatever the seed.
        #expect(times.last / best < 2.2)
        #expect(waste < 0.05)
    }
}

/// Every node but `exceptions` is complete, and no brain broke the rules of the shell or the protocol.
func expectAllComplete(
    _ report: WorldReport, besides exceptions: Set<Int> = [], sourceLocation: SourceLocation = #_sourceLocation
) {
    for (node, time) in report.completedAt.enumerated() where !exceptions.contains(node) {
        #expect(time != nil, "node \(node) has \(report.pieces[node]) pieces", sourceLocation: sourceLocation)
    }
    #expect(report.faults == [], sourceLocation: sourceLocation)
    #expect(report.violations == [], sourceLocation: sourceLocation)
}
