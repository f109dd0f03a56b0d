import DHTEngine
import TorrentCore

/// Carries out the lookups of a plan, in one world.
package final class DHTLookupStudy {
    package let world: DHTWorld
    private let plan: DHTLookupPlan
    private var draw: DHTDraw

    /// No lookup takes longer.
    private static let longest = Duration.seconds(60)

    /// A world of this seed, in which nobody has looked up anything.
    package init(_ plan: DHTLookupPlan, seed: UInt64) {
        self.plan = plan
        world = DHTWorld(plan.crowd, seed: seed)
        draw = DHTDraw(seed: seed ^ 0x5EED)
    }

    /// All lookups of the plan.
    package func run() -> [DHTLookupFigures] { (0..<plan.lookups).map { _ in lookUp() } }

    /// One announce and one lookup.
    package func lookUp() -> DHTLookupFigures {
        let infoHash = InfoHash(draw.id().bytes)
        let place = NodeID(infoHash)
        if let attack = plan.attack {
            world.light.suffer(
                DHTAttack(
                    on: place, isOld: attack == .old, identities: plan.identities,
                    addresses: plan.attackerAddresses, draw: &draw))
        }
        let peer = draw.endpoint()
        let announcerStays = announce(infoHash, from: peer)
        let closest = world.crowd.closestHonest(8, to: place)
        let holders = world.crowd.dwellers.indices.filter { world.light.holds(peer, of: infoHash, at: $0) }
        var figures = seek(infoHash, of: peer, besides: Set(holders.filter { _ in draw.happens(plan.dyingPart) }))
        figures.isWhoItWas = figures.isWhoItWas && announcerStays
        figures.reach = Double(closest.count { holders.contains($0) }) / Double(max(closest.count, 1))
        world.light.forget(infoHash)
        return figures
    }

    /// Whether the announcer has the id that it had.
    private func announce(_ infoHash: InfoHash, from peer: Endpoint) -> Bool {
        let announcer = world.add(configuration(at: peer), at: peer, knowing: table(at: peer).contacts)
        world.tell(announcer, .start)
        warmUp(announcer)
        let id = id(of: announcer)
        _ = outcome(of: .announce(infoHash, DHTAnnouncement(port: peer.port, impliesPort: true)), by: announcer)
        // What it sent last is on its way.
        world.run(for: .seconds(1))
        world.remove(announcer)
        return self.id(of: announcer) == id
    }

    private func id(of number: Int) -> NodeID { world.actors[number].node.figures(at: world.now).id }

    private func seek(_ infoHash: InfoHash, of peer: Endpoint, besides dead: Set<Int>) -> DHTLookupFigures {
        let endpoint = draw.endpoint()
        let seeker = join(at: endpoint, besides: dead)
        if plan.start == .warm { warmUp(seeker) }
        let actor = world.actors[seeker]
        let (began, id) = (world.now, id(of: seeker))
        actor.seen.watches = true
        actor.seen.heardAt = nil
        let outcome = outcome(of: .peers(of: infoHash), by: seeker)
        var figures = DHTLookupFigures()
        figures.found = outcome?.peers.contains(peer) ?? false
        figures.firstPeers = outcome?.firstPeers
        figures.done = outcome?.took
        figures.firstAnswer = actor.seen.heardAt.map { $0 - began }
        figures.queries = outcome?.queries ?? actor.seen.sentCount
        figures.busiestSecond = actor.seen.busiestSecond
        figures.isWhoItWas = self.id(of: seeker) == id
        world.remove(seeker)
        return figures
    }

    private func join(at endpoint: Endpoint, besides dead: Set<Int>) -> Int {
        var configuration = configuration(at: endpoint)
        let table = table(at: endpoint, id: configuration.memory.id)
        switch plan.start {
        case .warm:
            let seeker = world.add(configuration, at: endpoint, knowing: table.contacts)
            begin(seeker, besides: dead)
            return seeker
        case .bootstrap:
            let seeker = world.add(configuration, at: endpoint)
            begin(seeker, besides: dead)
            world.tell(seeker, .nodesNamed([world.anyHonest(&draw).endpoint], by: .bootstrap))
            return seeker
        case .memory(let deadPart):
            configuration.memory.contacts = table.contacts
            let seeker = world.add(configuration, at: endpoint)
            let usual = plan.crowd.deadPart
            let died = table.numbers.filter { _ in draw.happens((deadPart - usual) / (1 - usual)) }
            begin(seeker, besides: dead.union(died))
            return seeker
        }
    }

    private func begin(_ seeker: Int, besides dead: Set<Int>) {
        world.actors[seeker].unreachable = dead
        world.tell(seeker, .start)
    }

    /// Whoever runs for long knows how long others take.
    private func warmUp(_ number: Int) {
        _ = outcome(of: .nodes(near: draw.id()), by: number)
        world.run(for: .seconds(5))
    }

    private func configuration(at endpoint: Endpoint) -> DHTConfiguration {
        var configuration = DHTConfiguration(isV4: true, seed: draw.chance.next())
        configuration.externalAddress = endpoint.address
        configuration.memory.id = draw.id(fitting: endpoint.address)
        configuration.rules = plan.rules
        configuration.limits = plan.limits
        return configuration
    }

    private func table(at endpoint: Endpoint, id: NodeID? = nil) -> (numbers: [Int], contacts: [DHTContact]) {
        let numbers = world.crowd.table(of: id ?? draw.id(fitting: endpoint.address), sizes: plan.rules.bucketSizes)
            .shuffled(using: &draw.chance)
        return (numbers, numbers.map { world.crowd.dwellers[$0].contact })
    }

    private func outcome(of inquiry: DHTInquiry, by number: Int) -> DHTOutcome? {
        var outcome: DHTOutcome?
        world.actors[number].hears = { effect, _ in
            if case .ended(_, let ended) = effect { outcome = ended }
        }
        world.tell(number, .inquire(DHTInquiryID(1), inquiry))
        world.run(for: Self.longest) { outcome != nil }
        return outcome
    }
}
