import SwarmEngine
import SwarmSimulator
import TorrentCore

/// Which nodes of a world play by which rules.
enum Crowd: String {
    /// As most programs today do.
    case standard
    /// As ours does by default: slots.
    case ours
    /// Ours with serial uplinks where they seem to fit, and whatever the swarm is like.
    case fitting, serial
    /// A seed that is to give as little as possible; who fetches plays as `fitting` does.
    case sparing

    var rules: SwarmRules {
        switch self {
        case .standard: .standard
        case .ours: SwarmRules()
        case .fitting: .fitting
        case .serial: .serial
        case .sparing: Self.sparingRules
        }
    }
}

extension Crowd {
    private static var sparingRules: SwarmRules {
        var rules = SwarmRules.fitting
        rules.superSeeds = true
        return rules
    }
}

/// One kind of world, to be run with many seeds.
struct QualityCase {
    var name: String
    var leechers = 63
    var pieces = 256
    /// 16 KiB each.
    var blocksPerPiece = 8
    var crowd = Crowd.serial
    var seeder: Crowd?
    var seeders = 1
    /// Every so many leechers are free riders; 0: none are.
    var freeRidersOneIn = 0
    /// What a case with free riders is held against: the same, but the riders are not there.
    var isClean = false
    /// Pieces a second that a line carries.
    var rate = 1.0
    /// This share of the leechers belongs to `crowd`, the others are standard ones.
    var share = 1.0
    /// What the same seeds give in a world of standard clients is run beside it.
    var isCompared = false
    var ramp: LinkRamp?
    var mixesLatencies = false
    var mixesUploads = false
    var churns = false
    /// The line of the seed is slower than the others', by so much.
    var seederShare = 1.0
    /// Connected to each, both ways together.
    var neighbours = 50
    /// The figures asked for: last and mean in T*, copies.
    var asked: String = ""

    /// The best that whole pieces over equal lines can do, seconds: T* = (F / u)(1 + floor(log2 N) / M).
    var best: Double {
        let doublings = Double(Int.bitWidth - 1 - leechers.leadingZeroBitCount)
        return Double(pieces) * (1 + doublings / Double(pieces)) / rate
    }

    func isFreeRider(_ number: Int) -> Bool { freeRidersOneIn > 0 && number % freeRidersOneIn == 0 }

    /// Spread evenly over the numbers, so that the same nodes are ours in every world of the case.
    func isOurs(_ number: Int) -> Bool {
        Int(Double(number) * share + 1e-9) > Int(Double(number - 1) * share + 1e-9)
    }

    /// `reference`: with standard clients in the place of ours.
    func plan(seed: UInt64, reference: Bool = false) -> WorldPlan {
        let pieceLength = blocksPerPiece * TorrentGeometry.blockLength
        var chance = SplitMix64(seed: seed &* 7_919)
        var first = NodePlan.seeder
        first.rules = reference ? SwarmRules.standard : (seeder ?? crowd).rules
        var plan = WorldPlan(nodes: [first])
        for number in 1...leechers {
            var node = NodePlan()
            node.rules = !reference && isOurs(number) ? crowd.rules : SwarmRules.standard
            node.isFreeRider = isFreeRider(number)
            if isClean, number % 5 == 0 { continue }
            if churns {
                node.joinsAt = .milliseconds(Int.random(in: 0..<pieces * 500, using: &chance))
                let stay = Int.random(in: pieces * 200..<pieces * 1_000, using: &chance)
                if number % 4 == 0 { node.leavesAt = node.joinsAt + .milliseconds(stay) }
            }
            plan.nodes.append(node)
        }
        for number in plan.nodes.indices {
            plan.nodes[number].upload = Double(pieceLength) * rate
            if mixesUploads, number > 0 { plan.nodes[number].upload *= [0.5, 0.75, 1, 1.75][number % 4] }
            plan.nodes[number].download = Double(pieceLength) * 64 * rate
            if mixesLatencies {
                plan.nodes[number].latency = .milliseconds([5, 15, 40, 120][Int.random(in: 0..<4, using: &chance)])
            }
        }
        plan.nodes[0].upload *= seederShare
        plan.nodes += Array(repeating: plan.nodes[0], count: seeders - 1)
        plan.pieceLength = pieceLength
        plan.pieceCount = pieces
        plan.seed = seed
        plan.ramp = ramp
        plan.trackerKnowsAll = true
        plan.peersPerAnswer = picks
        plan.maxConnections = 5 * neighbours / 2
        plan.horizon = .seconds(pieces * 20 + 600)
        plan.waitsForFreeRiders = false
        return plan
    }

    /// Each draws so many others; with those who drew it, it has about `neighbours`.
    private var picks: Int {
        let share = min(0.999, Double(neighbours) / Double(leechers))
        return max(1, Int((Double(leechers) * (1 - (1 - share).squareRoot())).rounded()))
    }
}
