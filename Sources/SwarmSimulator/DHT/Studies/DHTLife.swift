import DHTEngine
import TorrentCore

/// Lets real nodes live as a plan says, and looks things up among them.
package final class DHTLife {
    package let world: DHTWorld
    private let plan: DHTLifePlan
    private var draw: DHTDraw
    private var bootstraps: [Endpoint] = []
    /// Numbers of those that are there, in the order in which they came.
    package private(set) var living: [Int] = []
    private var lastInquiry = 0

    private static let longestLookup = Duration.seconds(60)

    /// Nobody is there yet.
    package init(_ plan: DHTLifePlan, paths: DHTPaths = DHTPaths(), seed: UInt64) {
        self.plan = plan
        var nobody = DHTCrowdPlan()
        nobody.nodes = 0
        world = DHTWorld(nobody, paths: paths, seed: seed)
        draw = DHTDraw(seed: seed ^ 0x11FE)
    }

    /// Lets them come, live and look up.
    package func run() -> DHTLifeReport {
        grow()
        var report = DHTLifeReport()
        world.run(for: plan.settlingFor)
        let before = world.datagrams
        world.run(for: .seconds(300))
        let sent = Double(world.datagrams - before) / 300
        report.idleDatagramsASecond = sent / Double(max(living.count, 1))
        for _ in 0..<plan.lookups { report.lookups.append(lookUp()) }
        describeTables(in: &report)
        report.trace = world.trace
        return report
    }

    // MARK: Coming and going

    private func grow() {
        for number in 0..<plan.nodes {
            let isBootstrap = number < plan.bootstrapNodes
            if isBootstrap { bootstraps.append(draw.endpoint()) }
            let time = isBootstrap ? Duration.zero : plan.comingFor * Double.random(in: 0...1, using: &draw.chance)
            let endpoint = isBootstrap ? bootstraps[number] : draw.endpoint()
            world.after(time) { [unowned self] _ in come(at: endpoint, staysFor: isBootstrap ? nil : plan.staysFor) }
        }
        world.run(for: plan.comingFor)
    }

    private func come(at endpoint: Endpoint, staysFor mean: Duration?) {
        let isBehindNAT = !bootstraps.contains(endpoint) && draw.happens(plan.partBehindNAT)
        var configuration = DHTConfiguration(isV4: true, seed: draw.chance.next())
        configuration.rules = plan.rules
        configuration.limits = plan.limits
        // Who is to be found for ever has been told where it is; all others learn that from those they ask.
        if bootstraps.contains(endpoint) { configuration.externalAddress = endpoint.address }
        let number = world.add(configuration, at: endpoint, isBehindNAT: isBehindNAT)
        living.append(number)
        listen(to: number)
        world.tell(number, .start)
        guard let mean else { return }
        world.after(draw.wait(mean: mean)) { [unowned self] world in
            world.remove(number)
            living.removeAll { $0 == number }
            come(at: draw.endpoint(), staysFor: mean)
        }
    }

    private func listen(to number: Int, ended: ((DHTOutcome) -> Void)? = nil) {
        world.actors[number].hears = { [unowned self] effect, _ in
            switch effect {
            case .wantsBootstrap:
                world.after(.milliseconds(30)) { [unowned self] world in
                    guard world.actors[number].isAlive else { return }
                    let others = bootstraps.filter { $0 != world.actors[number].endpoint }
                    world.tell(number, .nodesNamed(others, by: .bootstrap))
                }
            case .ended(_, let outcome): ended?(outcome)
            default: break
            }
        }
    }

    // MARK: Looking up

    private func lookUp() -> DHTLookupFigures {
        let infoHash = InfoHash(draw.id().bytes)
        let announcer = draw.pick(living)
        let peer = world.actors[announcer].endpoint
        let announced = outcome(
            of: .announce(infoHash, DHTAnnouncement(port: peer.port, impliesPort: true)), by: announcer)
        let closest = closestLiving(to: NodeID(infoHash), besides: announcer)
        let taken = Set((announced?.closest ?? []).map(\.endpoint))
        world.run(for: .seconds(2))
        let seekers = living.filter { $0 != announcer }
        let seeker = draw.pick(seekers)
        let actor = world.actors[seeker]
        actor.seen.sent = []
        actor.seen.watches = true
        let outcome = outcome(of: .peers(of: infoHash), by: seeker)
        actor.seen.watches = false
        var figures = DHTLookupFigures()
        figures.found = outcome?.peers.contains(peer) ?? false
        figures.firstPeers = outcome?.firstPeers
        figures.done = outcome?.took
        figures.queries = outcome?.queries ?? 0
        figures.reach = Double(closest.count { taken.contains($0) }) / Double(max(closest.count, 1))
        figures.busiestSecond = actor.seen.busiestSecond
        return figures
    }

    /// Where the eight are that are closest to a place and can be reached.
    private func closestLiving(to place: NodeID, besides number: Int) -> [Endpoint] {
        let others = living.filter { $0 != number && !world.actors[$0].isBehindNAT }
        let ids = others.map { world.actors[$0].node.figures(at: world.now).id.distance(to: place) }
        return others.indices.sorted { ids[$0] < ids[$1] }.prefix(8).map { world.actors[others[$0]].endpoint }
    }

    private func outcome(of inquiry: DHTInquiry, by number: Int) -> DHTOutcome? {
        var outcome: DHTOutcome?
        listen(to: number) { outcome = $0 }
        lastInquiry += 1
        world.tell(number, .inquire(DHTInquiryID(lastInquiry), inquiry))
        world.run(for: Self.longestLookup) { [unowned self] in outcome != nil || !world.actors[number].isAlive }
        if world.actors[number].isAlive { listen(to: number) }
        return outcome
    }

    // MARK: Tables

    private func describeTables(in report: inout DHTLifeReport) {
        let there = Set(living.map { world.actors[$0].endpoint })
        var (listed, live) = (0, 0)
        for number in living {
            let figures = world.actors[number].node.figures(at: world.now)
            report.tableNodes += Double(figures.nodes) / Double(living.count)
            report.goodNodes += Double(figures.goodNodes) / Double(living.count)
            if figures.goodNodes == 0 { report.lonely += 1 }
            let contacts = world.actors[number].node.memory(at: world.now).contacts
            listed += contacts.count
            live += contacts.count { there.contains($0.endpoint) }
        }
        report.livePart = Double(live) / Double(max(listed, 1))
    }
}
