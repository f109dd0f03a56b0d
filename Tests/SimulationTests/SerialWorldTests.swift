import SwarmEngine
import SwarmSimulator
import Testing
import TorrentCore

/// Swarms of equal lines that send one piece a second, and T*, the shortest time in which whole pieces can spread.
struct EqualLines {
    let leechers: Int
    let pieces: Int
    var blocks = 4
    var rules = SwarmRules.serial
    var seed: UInt64 = 1
    var freeRidersOneIn = 0
    /// The share of leechers with `rules`; the others are standard clients.
    var share = 1.0
    var seeders = 1

    /// T*, seconds.
    var best: Double { Double(pieces + Int.bitWidth - 1 - leechers.leadingZeroBitCount) }

    var plan: WorldPlan {
        var plan = WorldPlan(
            nodes: Array(repeating: .seeder, count: seeders) + Array(repeating: NodePlan(), count: leechers))
        plan.pieceLength = blocks * TorrentGeometry.blockLength
        plan.pieceCount = pieces
        plan.seed = seed
        plan.trackerKnowsAll = true
        plan.peersPerAnswer = 34
        plan.maxConnections = 125
        plan.waitsForFreeRiders = false
        for number in plan.nodes.indices {
            plan.nodes[number].upload = Double(plan.pieceLength)
            plan.nodes[number].download = 64 * Double(plan.pieceLength)
            let leecher = number - seeders + 1
            plan.nodes[number].rules = Double(leecher) <= share * Double(leechers) ? rules : .standard
            plan.nodes[number].isFreeRider = leecher > 0 && freeRidersOneIn > 0 && leecher % freeRidersOneIn == 0
        }
        return plan
    }

    private var all: ClosedRange<Int> { seeders...seeders + leechers - 1 }
    var honest: [Int] { all.filter { freeRidersOneIn == 0 || ($0 - seeders + 1) % freeRidersOneIn != 0 } }
    var riders: Set<Int> { Set(all).subtracting(honest) }
}

/// The serial uplink in whole swarms.
@Suite struct SerialWorldTests {
    @Test(arguments: [UInt64(1), 2])
    func smallSwarmsComeNearTheBest(seed: UInt64) throws {
        var lines = EqualLines(leechers: 15, pieces: 32)
        lines.seed = seed
        let plan = lines.plan
        let report = World(plan).run()
        expectAllComplete(report)
        let times = try #require(report.times(of: lines.honest))
        // 1.10 to 1.15; standard clients need 1.5.
        #expect(times.last / lines.best < 1.22)
        #expect(times.mean / lines.best < 1.15)
        #expect(Double(report.sentBySeeders) <= 1.01 * Double(plan.pieceLength * plan.pieceCount))
        #expect(report.wasted.reduce(0, +) < report.downloaded.reduce(0, +) / 15)
    }

    @Test func freeRidersGetLittle() throws {
        var lines = EqualLines(leechers: 15, pieces: 48)
        lines.freeRidersOneIn = 5
        let report = World(lines.plan).run()
        expectAllComplete(report, besides: lines.riders)
        let held = lines.riders.reduce(0) { $0 + report.pieces[$1] }
        #expect(held * 2 < lines.riders.count * lines.pieces)
        let times = try #require(report.times(of: lines.honest))
        #expect(times.last / lines.best < 1.25)
    }

    /// Half serial, half standard, with and without BEP 6, one peer that leaves, slow start and loss: all others
    /// finish.
    @Test(arguments: [UInt64(1), 2])
    func mixedSwarmsWithTroubleFinish(seed: UInt64) {
        var lines = EqualLines(leechers: 12, pieces: 24)
        (lines.share, lines.seed) = (0.5, seed)
        var plan = lines.plan
        for number in stride(from: 2, through: 12, by: 3) { plan.nodes[number].isFast = false }
        for number in plan.nodes.indices { plan.nodes[number].latency = .milliseconds([5, 40, 110][number % 3]) }
        plan.nodes[5].leavesAt = .seconds(9)
        plan.ramp = LinkRamp()
        plan.ramp?.lossOneIn = 500
        let report = World(plan).run()
        expectAllComplete(report, besides: [5])
        #expect(report.endedAt < .seconds(24 * 4), "\(report.endedAt)")
    }

    @Test func theSameSeedGivesTheSameRun() {
        let lines = EqualLines(leechers: 7, pieces: 12)
        #expect(World(lines.plan).run().trace == World(lines.plan).run().trace)
    }
}

/// Turns where they fit, slots where they do not.
@Suite struct FittingWorldTests {
    private func last(_ lines: EqualLines, adapt: (inout WorldPlan) -> Void = { _ in }) throws -> Double {
        var plan = lines.plan
        adapt(&plan)
        let report = World(plan).run()
        expectAllComplete(report)
        return try #require(report.times(of: lines.honest)).last
    }

    /// Several seeders that hide their pieces, also from each other, are no slower than with slots.
    @Test(arguments: [1, 2, 4], [UInt64(1), 2])
    func severalHidingSeedersGetAlong(seeders: Int, seed: UInt64) throws {
        var lines = EqualLines(leechers: 15, pieces: 32)
        (lines.seeders, lines.seed, lines.rules) = (seeders, seed, .fitting)
        let fitting = try last(lines)
        lines.rules = .slots
        #expect(try fitting <= last(lines))
    }

    /// Seeders alone with one leecher keep their lines as full as slots would; four do not yet (`SwarmRules.fitting`).
    @Test(arguments: [1, 2])
    func oneLeecherIsServedWithoutAPause(seeders: Int) throws {
        var lines = EqualLines(leechers: 1, pieces: 32)
        (lines.seeders, lines.rules) = (seeders, .fitting)
        let fitting = try last(lines)
        lines.rules = .slots
        let slots = try last(lines)
        #expect(fitting <= 1.05 * slots + 0.5, "\(fitting) against \(slots)")
    }

    /// A piece takes less than a round trip: the swarm is as fast as with slots.
    @Test(arguments: [UInt64(1), 2])
    func quickLinesGetSlots(seed: UInt64) throws {
        var lines = EqualLines(leechers: 12, pieces: 48)
        lines.seed = seed
        func time(_ rules: SwarmRules) throws -> Double {
            lines.rules = rules
            return try last(lines) { plan in
                for number in plan.nodes.indices {
                    plan.nodes[number].upload *= 16
                    plan.nodes[number].download *= 16
                    plan.nodes[number].latency = .milliseconds(60)
                }
            }
        }
        #expect(try time(.fitting) < 1.3 * time(.slots))
    }
}

/// The required figures of large swarms, for optimised builds: set P2P_BIG_WORLDS=1.
@Suite(.enabled(if: wantsBigWorlds))
struct BigSerialWorldTests {
    @Test(arguments: [(63, 256, 1.035, 1.025), (63, 64, 1.11, 1.08)], [SwarmRules.serial, .fitting])
    func asNearToTheBestAsRequired(_ world: (Int, Int, Double, Double), rules: SwarmRules) throws {
        let (leechers, pieces, last, mean) = world
        var lines = EqualLines(leechers: leechers, pieces: pieces, blocks: 8)
        lines.rules = rules
        let plan = lines.plan
        let report = World(plan).run()
        expectAllComplete(report)
        let times = try #require(report.times(of: lines.honest))
        #expect(times.last / lines.best < last)
        #expect(times.mean / lines.best < mean)
        #expect(Double(report.sentBySeeders) <= 1.01 * Double(plan.pieceLength * plan.pieceCount))
    }

    @Test func freeRidersHoldLittleWhenTheHonestAreDone() throws {
        var lines = EqualLines(leechers: 63, pieces: 256, blocks: 8)
        lines.freeRidersOneIn = 5
        let report = World(lines.plan).run()
        let held = lines.riders.reduce(0) { $0 + report.pieces[$1] }
        #expect(Double(held) <= 0.2 * Double(lines.riders.count * lines.pieces))
        let times = try #require(report.times(of: lines.honest))
        #expect(times.last / lines.best < 1.09)
    }
}
