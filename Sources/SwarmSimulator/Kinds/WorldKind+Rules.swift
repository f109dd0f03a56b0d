import SwarmEngine
import TorrentCore

// Worlds in which nothing goes wrong, with different rules and different lines.

extension WorldKind {
    static let byTheRules = [
        WorldKind("slots") { $0.swarm(4...12, .slots) },
        WorldKind("standard") { $0.swarm(4...12, .standard) },
        WorldKind("serial") { $0.swarm(5...16, .serial) },
        WorldKind("fitting") { $0.swarm(5...16, .fitting) },
        WorldKind("mixed rules") { $0.swarm(6...16) },
        WorldKind("quick lines", quickLines),
        WorldKind("slow lines", slowLines),
        WorldKind("odd clients", oddClients),
        WorldKind("crowd", crowd),
        WorldKind("small torrents", smallTorrents),
    ]

    /// A piece takes less than a few round trips: turns do not pay, and slots are given.
    @Sendable private static func quickLines(_ dice: inout PlanDice) -> WorldPlan {
        var plan = dice.swarm(2...12, .fitting)
        plan.pieceLength = 65_536 << dice.draw(0...4)
        plan.pieceCount = dice.draw(16...28)
        plan.shortBy = 0
        for number in plan.nodes.indices {
            plan.nodes[number].upload = Double(dice.draw(4...64) << 20)
            plan.nodes[number].download = plan.nodes[number].upload * 2
            plan.nodes[number].latency = .microseconds(dice.draw(50...2_000))
        }
        // In some worlds the seeder is never told that a piece has arrived.
        guard dice.happens(oneIn: 4) else { return plan }
        plan.pieceLength = 1 << 20
        for number in plan.nodes.indices.dropFirst() { plan.nodes[number].client = .rTorrent }
        return plan
    }

    /// Slow lines, with connections that have to find their rate and lose segments.
    @Sendable private static func slowLines(_ dice: inout PlanDice) -> WorldPlan {
        var plan = dice.swarm(3...10)
        var ramp = LinkRamp()
        if !dice.happens(oneIn: 3) { ramp.lossOneIn = dice.draw(30...400) }
        plan.ramp = ramp
        for number in plan.nodes.indices {
            plan.nodes[number].upload = Double(dice.draw(6...48) << 10)
            plan.nodes[number].download = plan.nodes[number].upload * Double(dice.draw(1...10))
            plan.nodes[number].latency = .milliseconds(dice.draw(20...400))
        }
        return plan
    }

    /// Some nodes imitate other programs.
    @Sendable private static func oddClients(_ dice: inout PlanDice) -> WorldPlan {
        var plan = dice.swarm(3...10, dice.pick([.fitting, .serial, SwarmRules()]))
        for number in plan.nodes.indices.dropFirst() where dice.happens(oneIn: 2) {
            let line = plan.nodes[number]
            plan.nodes[number] = NodePlan(as: dice.pick([.rTorrent, .rqbit]))
            plan.nodes[number].upload = line.upload
            plan.nodes[number].download = line.download
            plan.nodes[number].latency = line.latency
        }
        return plan
    }

    /// Many nodes with few connections each: useless peers are replaced.
    @Sendable private static func crowd(_ dice: inout PlanDice) -> WorldPlan {
        var plan = dice.swarm(50...60, dice.happens(oneIn: 2) ? nil : dice.anyRules())
        plan.pieceCount = dice.draw(8...16)
        plan.pieceLength = TorrentGeometry.blockLength * dice.draw(1...2)
        plan.shortBy = 0
        plan.maxConnections = dice.draw(4...10)
        plan.peersPerAnswer = 30
        plan.interval = .seconds(60)
        return plan
    }

    /// One to three pieces of at least one byte.
    @Sendable private static func smallTorrents(_ dice: inout PlanDice) -> WorldPlan {
        var plan = dice.swarm(1...8)
        plan.pieceCount = dice.draw(1...3)
        plan.pieceLength = dice.pick([1, 1_000, 16_384, 16_385, 40_000])
        plan.shortBy = dice.draw(0...plan.pieceLength - 1)
        return plan
    }
}
