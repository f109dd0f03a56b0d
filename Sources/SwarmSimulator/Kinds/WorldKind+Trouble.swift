import SwarmEngine
import TorrentCore

// Worlds in which peers lie, vanish or misbehave, and disks fail.

extension WorldKind {
    static let troubled = [
        WorldKind("liars", liars),
        WorldKind("free riders", freeRiders),
        WorldKind("stalls", stalls),
        WorldKind("forgetful", forgetful),
        WorldKind("leavers", leavers),
        WorldKind("broken links", brokenLinks),
        WorldKind("failing disks", failingDisks),
        WorldKind("shared memory", sharedMemory),
        WorldKind("odd habits", oddHabits),
        WorldKind("rule breakers", ruleBreakers),
    ]

    /// Some peers send wrong blocks, of pieces from one peer and of pieces from several.
    @Sendable private static func liars(_ dice: inout PlanDice) -> WorldPlan {
        var plan = dice.swarm(3...9)
        plan.isOnLoopback = dice.happens(oneIn: 3)
        plan.nodes.append(dice.node())
        plan.nodes[plan.nodes.count - 1].isSeeder = true
        for number in plan.nodes.indices.dropFirst() where dice.happens(oneIn: 3) {
            plan.nodes[number].wrongOneIn = dice.draw(1...10)
        }
        guard dice.happens(oneIn: 8) else { return plan }
        // All but the first seeder lie: many pieces are rejected before it is known who was to blame.
        plan.pieceLength = 1 << 20
        for number in plan.nodes.indices.dropFirst() {
            plan.nodes[number].wrongOneIn = dice.draw(20...200)
            plan.nodes[number].isSeeder = number > 1
        }
        return plan
    }

    @Sendable private static func freeRiders(_ dice: inout PlanDice) -> WorldPlan {
        var plan = dice.swarm(5...14)
        for number in plan.nodes.indices.dropFirst() where dice.happens(oneIn: 3) {
            plan.nodes[number].isFreeRider = true
        }
        plan.waitsForFreeRiders = dice.happens(oneIn: 2)
        return plan
    }

    /// Peers that stop sending, go to sleep, or drop some requests.
    @Sendable private static func stalls(_ dice: inout PlanDice) -> WorldPlan {
        var plan = dice.swarm(4...12)
        for number in plan.nodes.indices.dropFirst() where dice.happens(oneIn: 2) {
            switch dice.draw(1...3) {
            case 1: plan.nodes[number].stallsAt = dice.seconds(0...20)
            case 2: plan.nodes[number].vanishesAt = dice.seconds(0...20)
            default: plan.nodes[number].forgetsOneIn = dice.draw(2...10)
            }
        }
        // A second seeder that stops sending in the middle.
        plan.nodes.append(dice.node())
        plan.nodes[plan.nodes.count - 1].isSeeder = true
        plan.nodes[plan.nodes.count - 1].stallsAt = dice.seconds(0...10)
        return plan
    }

    /// Slow peers that drop some requests and serve the rest.
    @Sendable private static func forgetful(_ dice: inout PlanDice) -> WorldPlan {
        var plan = dice.swarm(1...3)
        plan.pieceCount = dice.draw(30...120)
        for number in plan.nodes.indices {
            plan.nodes[number].upload = Double(6_144 << dice.draw(0...5))
            plan.nodes[number].download = plan.nodes[number].upload * 8
            plan.nodes[number].forgetsOneIn = dice.happens(oneIn: 3) ? 0 : 4 << dice.draw(0...6)
        }
        plan.horizon = .seconds(900)
        return plan
    }

    /// Peers that come late, leave, are stopped, or come back with the same peer id.
    @Sendable private static func leavers(_ dice: inout PlanDice) -> WorldPlan {
        var plan = dice.swarm(5...12)
        if dice.happens(oneIn: 3) { plan.nodes[0].leavesAtCopies = dice.draw(1...2) }
        for number in plan.nodes.indices.dropFirst() {
            plan.nodes[number].joinsAt = dice.seconds(0...10)
            let end = plan.nodes[number].joinsAt + dice.seconds(1...20)
            switch dice.draw(1...6) {
            case 1: plan.nodes[number].leavesAt = end
            case 2: plan.nodes[number].stopsAt = end
            case 3:
                plan.nodes[number].vanishesAt = end
                var again = dice.node()
                again.returnsAs = number
                again.joinsAt = end + dice.seconds(1...60)
                plan.nodes.append(again)
            default: break
            }
        }
        plan.runsOnFor = .seconds(60)
        return plan
    }

    @Sendable private static func brokenLinks(_ dice: inout PlanDice) -> WorldPlan {
        var plan = dice.swarm(4...10)
        plan.blocksTakeTime = dice.happens(oneIn: 2)
        for number in plan.nodes.indices where dice.happens(oneIn: 2) {
            plan.nodes[number].linkBreaksEvery = dice.seconds(1...10)
        }
        plan.horizon = .seconds(600)
        return plan
    }

    /// Disks that fail to write some pieces, and too little memory.
    @Sendable private static func failingDisks(_ dice: inout PlanDice) -> WorldPlan {
        var plan = dice.swarm(3...10)
        plan.blocksTakeTime = dice.happens(oneIn: 2)
        for number in plan.nodes.indices.dropFirst() {
            if dice.happens(oneIn: 2) { plan.nodes[number].shortage.storeFailsOneIn = dice.draw(2...12) }
            if dice.happens(oneIn: 2) { plan.nodes[number].shortage.noMemoryOneIn = dice.draw(2...12) }
            if dice.happens(oneIn: 2) { plan.nodes[number].openBytes = plan.pieceLength * dice.draw(1...4) }
            if dice.happens(oneIn: 3) { plan.nodes[number].diskTime = .milliseconds(dice.draw(100...2_000)) }
        }
        return plan
    }

    /// Torrents that share the memory for pieces with others, among peers that stop sending.
    @Sendable private static func sharedMemory(_ dice: inout PlanDice) -> WorldPlan {
        var plan = dice.swarm(3...8)
        for number in plan.nodes.indices.dropFirst() {
            if dice.happens(oneIn: 2) { plan.nodes[number].shortage.sharedPieces = dice.draw(1...4) }
            if dice.happens(oneIn: 3) { plan.nodes[number].forgetsOneIn = dice.draw(4...20) }
            if dice.happens(oneIn: 4) { plan.nodes[number].shortage.storeFailsOneIn = dice.draw(4...12) }
            if dice.happens(oneIn: 4) { plan.nodes[number].stallsAt = dice.seconds(0...20) }
        }
        return plan
    }

    /// Habits that are odd and have to be tolerated.
    @Sendable private static func oddHabits(_ dice: inout PlanDice) -> WorldPlan {
        habits(
            [
                .repeatsBitfield, .sendsFastMessages, .chatters, .allowsAnything, .cancels, .rejects, .refusesToServe,
                .ignoresCancels, .sendsStrayBlocks,
            ], &dice)
    }

    /// All habits that have to do with messages of BEP 3 and BEP 6, also those that end a connection.
    @Sendable private static func ruleBreakers(_ dice: inout PlanDice) -> WorldPlan {
        habits(NodePlan.Habit.allCases.filter { $0 != .tellsOfAll }, &dice)
    }

    private static func habits(_ habits: [NodePlan.Habit], _ dice: inout PlanDice) -> WorldPlan {
        var plan = dice.swarm(4...10)
        for number in plan.nodes.indices {
            plan.nodes[number].limits.queuedRequests = dice.pick([4, 30, 2_000])
            plan.nodes[number].limits.blockBytes = dice.pick([16_384, 131_072])
            guard number > 0, dice.happens(oneIn: 3) else { continue }
            plan.nodes[number].habits = (0..<dice.draw(1...4)).map { _ in dice.pick(habits) }
            plan.nodes[number].habitsEvery = .milliseconds(dice.draw(50...3_000))
        }
        plan.horizon = .seconds(400)
        return plan
    }
}
