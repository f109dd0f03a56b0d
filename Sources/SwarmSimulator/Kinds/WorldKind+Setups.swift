import SwarmEngine
import TorrentCore

// Worlds that differ in which peers know each other, and what they begin with.

extension WorldKind {
    static let setups = [
        WorldKind("private", privateTorrents),
        WorldKind("trackers", unreliableTrackers),
        WorldKind("addresses", addresses),
        WorldKind("seeds only", seedsOnly),
        WorldKind("parts", parts),
        WorldKind("waiting", waiting),
        WorldKind("exchange", exchange),
    ]

    private static func tracker(_ dice: inout PlanDice) -> TrackerPlan {
        var tracker = TrackerPlan()
        tracker.interval = .seconds(dice.draw(30...400))
        if dice.happens(oneIn: 2) { tracker.minimum = .seconds(dice.draw(10...300)) }
        if dice.happens(oneIn: 2) {
            tracker.downFrom = dice.pick([.zero, dice.seconds(0...60)])
            tracker.downUntil = tracker.downFrom + dice.seconds(1...300)
        }
        if dice.happens(oneIn: 2) {
            tracker.refusesFrom = dice.pick([.zero, dice.seconds(0...60)])
            tracker.refusesUntil = tracker.refusesFrom + dice.seconds(1...300)
            if dice.happens(oneIn: 2) { tracker.retryIn = dice.seconds(1...200) }
        }
        return tracker
    }

    private static func tiers(_ dice: inout PlanDice) -> [[TrackerPlan]] {
        (0..<dice.draw(1...3)).map { _ in (0..<dice.draw(1...2)).map { _ in tracker(&dice) } }
    }

    /// Private torrents: the tiers are joined, and peers come only from trackers and the user.
    @Sendable private static func privateTorrents(_ dice: inout PlanDice) -> WorldPlan {
        var plan = dice.swarm(3...8)
        plan.isPrivate = true
        plan.trackers = [[tracker(&dice)], [tracker(&dice), tracker(&dice)]]
        plan.nodes[1].named = [0, 2]
        plan.nodes[2].overheard = [0, 1]
        plan.nodes[3].stopsAt = dice.seconds(5...60)
        plan.runsOnFor = .seconds(600)
        return plan
    }

    /// Several trackers that are down or refuse at times; some peers are stopped, and announce that to all of them.
    @Sendable private static func unreliableTrackers(_ dice: inout PlanDice) -> WorldPlan {
        var plan = dice.swarm(3...8)
        plan.trackers = tiers(&dice)
        // Many of these worlds last for minutes, so that a tracker may have refused before a node is complete.
        let slowness = Double(dice.pick([1, 8, 32]))
        for number in plan.nodes.indices.dropFirst() {
            plan.nodes[number].joinsAt = dice.seconds(0...100)
            plan.nodes[number].download = plan.nodes[number].upload / slowness
            guard dice.happens(oneIn: 3) else { continue }
            // Some are stopped at once, before any tracker has answered.
            let stay = dice.pick([.milliseconds(20), dice.seconds(0...100)])
            plan.nodes[number].stopsAt = plan.nodes[number].joinsAt + stay
        }
        plan.runsOnFor = .seconds(900)
        plan.horizon = .seconds(3_600)
        return plan
    }

    /// Addresses of no node, of the node itself, of another torrent, of a node that comes later; IPv4 and IPv6; and
    /// small peer books.
    @Sendable private static func addresses(_ dice: inout PlanDice) -> WorldPlan {
        var plan = dice.swarm(5...9)
        plan.trackerNamesAsker = true
        plan.trackerKnowsAll = true
        plan.deadAddresses = (0..<dice.draw(1...12)).map {
            Endpoint(.v4(0x0B00_0000 + UInt32($0)), port: UInt16(6_881))
        }
        plan.deadAddresses += [
            Endpoint(.v4(0x0B00_0000), port: 0), Endpoint(.anyV4, port: 6_881), Endpoint(.v4(.max), port: 6_881),
        ]
        let last = plan.nodes.count - 1
        plan.nodes[last].hasOtherTorrent = true
        plan.nodes[last - 1].joinsAt = dice.seconds(10...200)
        plan.nodes[1].named = [last - 1, last, 2]
        plan.nodes[2].overheard = [0, 1, 3, last]
        for number in plan.nodes.indices {
            plan.nodes[number].isV6 = dice.happens(oneIn: 3)
            if dice.happens(oneIn: 2) { plan.nodes[number].limits.knownPeers = dice.draw(2...8) }
            if dice.happens(oneIn: 4) { plan.nodes[number].limits.connecting = dice.draw(1...3) }
        }
        plan.interval = .seconds(60)
        plan.runsOnFor = .seconds(900)
        return plan
    }

    /// No node fetches anything: some have all pieces, others a part, and only serve them.
    @Sendable private static func seedsOnly(_ dice: inout PlanDice) -> WorldPlan {
        var plan = dice.swarm(2...6)
        for number in plan.nodes.indices.dropFirst() {
            plan.nodes[number].fetchesMissing = false
            plan.nodes[number].isSeeder = dice.happens(oneIn: 3)
            guard !plan.nodes[number].isSeeder else { continue }
            plan.nodes[number].begins = dice.pieces(dice.draw(1...plan.pieceCount - 1), of: plan)
        }
        plan.nodes[1].stopsAt = dice.seconds(100...500)
        plan.runsOnFor = .seconds(900)
        return plan
    }

    /// All leechers begin with a part; some only serve it.
    @Sendable private static func parts(_ dice: inout PlanDice) -> WorldPlan {
        var plan = dice.swarm(4...12)
        for number in plan.nodes.indices.dropFirst() {
            plan.nodes[number].begins = dice.pieces(dice.draw(0...plan.pieceCount - 1), of: plan)
            plan.nodes[number].fetchesMissing = !dice.happens(oneIn: 4)
            plan.nodes[number].joinsAt = dice.pick([.zero, dice.seconds(0...10)])
        }
        plan.nodes[0].joinsAt = dice.pick([.zero, dice.seconds(5...30)])
        return plan
    }

    /// No tracker answers, and each node knows one other: they hear of the rest from each other.
    @Sendable private static func exchange(_ dice: inout PlanDice) -> WorldPlan {
        var plan = dice.swarm(6...20)
        plan.trackerFrom = plan.horizon
        plan.maxConnections = dice.draw(6...30)
        for number in plan.nodes.indices {
            plan.nodes[number].rules.exchangesPeers = !dice.happens(oneIn: 8)
            plan.nodes[number].joinsAt = dice.pick([.zero, dice.seconds(0...120)])
            if dice.happens(oneIn: 6) { plan.nodes[number].isV6 = true }
            guard number > 0 else { continue }
            plan.nodes[number].named = [dice.draw(0...number - 1)]
            if dice.happens(oneIn: 10) { plan.nodes[number].leavesAt = dice.seconds(60...300) }
        }
        plan.runsOnFor = .seconds(150)
        return plan
    }

    /// The seeder comes late. Until then the leechers keep their connections alive, and close silent ones.
    @Sendable private static func waiting(_ dice: inout PlanDice) -> WorldPlan {
        var plan = dice.swarm(4...12)
        plan.nodes[0].joinsAt = dice.seconds(300...900)
        let known = dice.pieces(dice.draw(1...plan.pieceCount - 1), of: plan)
        for number in plan.nodes.indices.dropFirst() {
            plan.nodes[number].begins = dice.happens(oneIn: 2) ? known : []
            if dice.happens(oneIn: 4) { plan.nodes[number].vanishesAt = dice.seconds(10...100) }
            if dice.happens(oneIn: 8) { plan.nodes[number].stallsAt = .zero }
        }
        plan.maxConnections = dice.draw(4...12)
        plan.horizon = .seconds(2_400)
        return plan
    }
}
