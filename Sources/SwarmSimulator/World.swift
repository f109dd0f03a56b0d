import SwarmEngine
package import TorrentCore

/// A seeded world of many brains: virtual clock, lines with latency and bandwidth, disks, trackers. It gives each brain
/// the same events and questions as the real shell, and reports as faults what breaks the rules that a shell relies on.
package final class World {
    enum Event {
        case join(Int)
        case leave(Int)
        case stop(Int)
        case vanish(Int)
        case misbehave(Int)
        /// The memory of the node is shared out anew.
        case shareMemory(Int)
        case breakLink(Int)
        case wake(Int)
        /// The connection attempt of side 0 has reached the other node.
        case knock(link: Int)
        case opened(link: Int)
        case closed(node: Int, ConnectionID, CloseReason)
        case network(NetworkEvent<Parcel>)
        /// A message that an imitated client has put off is due.
        case delayed(PeerMessage, link: Int, side: Int)
        case checked(node: Int, piece: PieceIndex)
        case notOpened(node: Int, piece: PieceIndex)
        case asked(node: Int, TrackerIndex, AnnounceEvent)
        case answered(node: Int, TrackerIndex, TrackerAnswer)
    }

    package let plan: WorldPlan
    package let geometry: TorrentGeometry
    var now = Moment.zero
    var queue = EventQueue<Event>()
    var nodes: [SimulatedNode] = []
    var links: [SimulatedLink] = []
    let network: Network<World>
    /// The number of the node at each address.
    var nodeNumbers: [Endpoint: Int] = [:]
    var generator: SplitMix64
    let trackers: [TrackerPlan]
    /// The nodes that each tracker knows, in order of their first announce.
    var announced: [[Int]]
    var effects: SwarmEffects = []
    var report: WorldReport
    /// Copies of each piece outside the seeders.
    var copies: [Int]
    /// Nodes that the world waits for and that are not complete.
    var awaitedCount = 0
    /// Pieces without a copy outside the seeders.
    var uncopiedCount: Int
    /// Some nodes leave once there are enough copies: `NodePlan.leavesAtCopies`.
    let hasLeavers: Bool

    static func infoHash(of node: NodePlan) -> InfoHash {
        InfoHash(Bytes20(high: 0x5157_4152_4D57_4F52, middle: 0x4C44, low: node.hasOtherTorrent ? 2 : 1))
    }

    package init(_ plan: WorldPlan) {
        self.plan = plan
        let total = Int64(plan.pieceLength) * Int64(plan.pieceCount) - Int64(plan.shortBy)
        guard let geometry = TorrentGeometry(totalLength: total, pieceLength: plan.pieceLength) else {
            preconditionFailure("a world has a payload")
        }
        self.geometry = geometry
        generator = SplitMix64(seed: plan.seed)
        network = Network(
            ramp: plan.ramp, tellsBeginnings: plan.blocksTakeTime, datagrams: plan.datagrams, seed: plan.seed)
        trackers = plan.trackers.isEmpty ? [plan.onlyTracker] : plan.trackers.flatMap { $0 }
        announced = trackers.map { _ in [] }
        copies = Array(repeating: 0, count: geometry.pieceCount)
        for piece in plan.nodes.flatMap({ $0.isSeeder ? [] : $0.begins }) { copies[piece] += 1 }
        uncopiedCount = copies.count { $0 == 0 }
        hasLeavers = plan.nodes.contains { $0.leavesAtCopies != nil }
        report = WorldReport(
            completedAt: plan.nodes.map { $0.isSeeder ? .zero : nil }, uploaded: plan.nodes.map { _ in 0 },
            downloaded: plan.nodes.map { _ in 0 }, wasted: plan.nodes.map { _ in 0 },
            pieces: plan.nodes.map { _ in 0 })
        for number in plan.nodes.indices { addNode(number) }
    }

    private func addNode(_ number: Int) {
        let node = plan.nodes[number]
        let endpoint = endpoint(of: number)
        let newID = PeerID.random(using: &generator)
        let peerID = node.returnsAs.map { nodes[$0].peerID } ?? newID
        let brain = Swarm(configuration(of: node, as: peerID, seed: generator.next()), at: .zero)
        nodes.append(
            SimulatedNode(number: number, plan: node, endpoint: endpoint, peerID: peerID, brain: brain))
        nodeNumbers[endpoint] = number
        network.add(Line(upload: node.upload, download: node.download, latency: node.latency))
        queue.push(.join(number), at: .zero + node.joinsAt)
        if let leavesAt = node.leavesAt { queue.push(.leave(number), at: .zero + leavesAt) }
        if let stopsAt = node.stopsAt { queue.push(.stop(number), at: .zero + stopsAt) }
        if let vanishesAt = node.vanishesAt { queue.push(.vanish(number), at: .zero + vanishesAt) }
        if !node.habits.isEmpty { queue.push(.misbehave(number), at: .zero + node.joinsAt + node.habitsEvery) }
        if node.shortage.sharedPieces > 0 { queue.push(.shareMemory(number), at: .zero + node.joinsAt) }
        if let pause = node.linkBreaksEvery { queue.push(.breakLink(number), at: .zero + node.joinsAt + pause) }
        if isAwaited(node) { awaitedCount += 1 }
    }

    private func endpoint(of number: Int) -> Endpoint {
        if plan.isOnLoopback { return Endpoint(.loopbackV4, port: UInt16(20_000 + number)) }
        if plan.nodes[number].isV6 { return Endpoint(.v6(0x2001_0DB8 << 32, UInt64(number + 1)), port: 6_881) }
        return Endpoint(.v4(0x1400_0000 + UInt32(number) * 257), port: 6_881)
    }

    private func configuration(of node: NodePlan, as peerID: PeerID, seed: UInt64) -> SwarmConfiguration {
        var have = Bitfield(count: geometry.pieceCount, filled: node.isSeeder)
        for piece in node.begins { have[piece] = true }
        var configuration = SwarmConfiguration(
            geometry: geometry, infoHash: Self.infoHash(of: node), ourID: peerID, have: have, seed: seed)
        configuration.trackerTiers = plan.trackers.isEmpty ? [1] : plan.trackers.map(\.count)
        configuration.isPrivate = plan.isPrivate
        configuration.fetchesMissing = node.fetchesMissing
        configuration.limits = node.limits
        configuration.limits.connections = plan.maxConnections
        configuration.limits.uploadSlots = node.uploadSlots
        configuration.limits.openBytes = node.openBytes
        configuration.rules = node.rules
        return configuration
    }

    /// The world runs until this node is complete.
    func isAwaited(_ node: NodePlan) -> Bool {
        !node.isSeeder && node.leavesAt == nil && node.stopsAt == nil && node.vanishesAt == nil
            && node.fetchesMissing && !node.hasOtherTorrent && (plan.waitsForFreeRiders || !node.isFreeRider)
    }

    /// Runs until all nodes that stay are complete, or no event is left, or the horizon or `mostEvents` is reached.
    package func run(mostEvents: Int = .max) -> WorldReport {
        var end = Moment.zero + plan.horizon
        var isOver = false
        while report.events < mostEvents {
            if awaitedCount == 0, !isOver {
                guard plan.runsOnFor > .zero else { break }
                isOver = true
                end = min(end, now + plan.runsOnFor)
            }
            guard let (time, event) = queue.pop(), time <= end else { break }
            now = time
            report.events += 1
            handle(event)
            noteFiguresNowAndThen()
        }
        report.endedAt = now - .zero
        for node in nodes {
            noteFigures(of: node)
            let figures = node.brain.figures(at: now)
            report.uploaded[node.number] = figures.uploaded
            report.downloaded[node.number] = figures.downloaded
            report.wasted[node.number] = figures.wasted
            report.pieces[node.number] = node.brain.have.setCount
        }
        return report
    }

    private func handle(_ event: Event) {
        switch event {
        case .join(let number): join(nodes[number])
        case .leave(let number): leave(nodes[number])
        case .stop(let number): stop(nodes[number])
        case .misbehave(let number): misbehave(nodes[number])
        case .shareMemory(let number): shareMemory(of: nodes[number])
        case .breakLink(let number): breakLink(of: nodes[number])
        case .vanish(let number):
            nodes[number].isAlive = false
            network.sleep(number)
        case .wake(let number): wake(nodes[number])
        case .knock(let link): knock(link)
        case .opened(let link): opened(link)
        case .closed(let number, let id, let reason):
            // The brain may have closed the connection meanwhile: it must ignore the event then.
            guard nodes[number].isAlive else { return }
            if nodes[number].links[id] != nil { nodes[number].links[id] = nil }
            tell(nodes[number], .linkClosed(id, reason))
        case .network(let event): handle(event)
        case .delayed(let message, let link, let side): takeDelayed(message, link: link, side: side)
        case .checked(let number, let piece): checked(nodes[number], piece)
        case .notOpened(let number, let piece): notOpened(nodes[number], piece)
        case .asked(let number, let tracker, let event): asked(nodes[number], tracker, event)
        case .answered(let number, let tracker, let answer): answered(nodes[number], tracker, answer)
        }
    }

    // MARK: Brains

    /// Gives a brain an event, and carries out the effects.
    func tell(_ node: SimulatedNode, _ event: SwarmEvent) {
        ask(node) { $0.take(event, at: now, effects: &$1) }
    }

    func tell(_ node: SimulatedNode, _ news: SwarmNews) {
        ask(node) { $0.take(news, at: now, effects: &$1) }
    }

    /// Runs `question` with a brain, and carries out the effects.
    func ask(_ node: SimulatedNode, _ question: (inout Swarm, inout SwarmEffects) -> Void) {
        guard node.isAlive else { return }
        effects.removeAll(keepingCapacity: true)
        var effects = self.effects
        question(&node.brain, &effects)
        for effect in effects {
            note(effect, of: node)
            carryOut(effect, of: node)
        }
        self.effects = effects
        let deadline = Self.deadline(of: &node.brain)
        note(deadline: deadline, of: node)
        if deadline < node.wakeAt {
            node.wakeAt = deadline
            queue.push(.wake(node.number), at: max(deadline, now))
        }
    }

    /// `inout`, so that the brain is not copied.
    private static func deadline(of brain: inout Swarm) -> Moment { brain.nextDeadline }

    private func wake(_ node: SimulatedNode) {
        guard node.isAlive, node.wakeAt <= now else { return }
        node.wakeAt = .distantFuture
        if Self.deadline(of: &node.brain) <= now {
            report.wakeUps += 1
            tell(node, .deadlineReached)
            if node.brain.nextDeadline <= now { fault("node \(node.number) wants to be woken without end") }
        } else {
            ask(node) { _, _ in }
        }
    }

    // MARK: Coming and going

    private func join(_ node: SimulatedNode) {
        node.isAlive = true
        tell(node, .start)
        for (numbers, source) in [(node.plan.named, PeerSource.user), (node.plan.overheard, .incoming)]
        where !numbers.isEmpty {
            let peers = numbers.map { nodes[$0].endpoint }
            tell(node, .peersFound(peers, from: source))
        }
    }

    private func stop(_ node: SimulatedNode) {
        node.isStopped = true
        tell(node, .stop)
    }

    func leave(_ node: SimulatedNode) {
        guard node.isAlive else { return }
        node.isAlive = false
        for index in links.indices {
            for side in 0...1 where links[index].sides[side].node == node.number {
                cut(link: index, side: side, reason: .networkError)
            }
        }
        node.links = LinkTable()
    }

    func fault(_ text: String) {
        if report.faults.count < 20 { report.faults.append(text) }
    }
}
