package import DHTEngine
package import TorrentCore

/// A DHT in virtual time: a crowd of light nodes that answer out of drawn tables, and real `DHTNode`s among them.
///
/// The same seed and the same calls give the same world, datagram by datagram; `trace` is a digest of them.
package final class DHTWorld {
    enum Event {
        case datagram([UInt8], from: Endpoint, to: Endpoint)
        case wake(Int)
        case act((DHTWorld) -> Void)
    }

    /// What time it is.
    package private(set) var now = Moment(nanoseconds: 3_600_000_000_000)
    /// How datagrams travel.
    package let paths: DHTPaths
    /// The real nodes, by number.
    package internal(set) var actors: [DHTActor] = []
    /// A digest of all datagrams that came, and when.
    package internal(set) var trace = TraceDigest()
    /// Datagrams that were sent.
    package internal(set) var datagrams = 0
    /// Nodes that wanted to be woken without end.
    package private(set) var restless = 0
    var crowd: DHTCrowd
    /// What tells light nodes of one address apart from what they tell another.
    var light = DHTLightNodes()
    /// Told what real nodes say to light ones, and to whom.
    var overhears: (([UInt8], Endpoint) -> Void)?
    /// No node has so much to do at one moment.
    private static let mostWakes = 1_000
    private var actorAt: [Endpoint: Int] = [:]
    private var queue = EventQueue<Event>()
    private var chance: SplitMix64

    /// The crowd of a plan, and no real node yet.
    package init(_ plan: DHTCrowdPlan, paths: DHTPaths = DHTPaths(), seed: UInt64) {
        var paths = paths
        paths.seed = seed
        self.paths = paths
        crowd = DHTCrowd(plan, seed: seed)
        chance = SplitMix64(seed: ~seed)
        light.settle(crowd)
    }

    // MARK: Time

    /// Does something later.
    package func after(_ time: Duration, _ act: @escaping (DHTWorld) -> Void) {
        queue.push(.act(act), at: now + time)
    }

    /// Lets so much time pass, or as much as it takes until `isDone`; at most so many events.
    package func run(for time: Duration, mostEvents: Int = .max, until isDone: () -> Bool = { false }) {
        let end = now + time
        queue.push(.act { _ in }, at: end)
        var events = 0
        while events < mostEvents, !isDone(), let (time, event) = queue.pop() {
            now = time
            events += 1
            happen(event)
            if now >= end { return }
        }
    }

    private func happen(_ event: Event) {
        switch event {
        case .act(let act): act(self)
        case .wake(let number):
            let actor = actors[number]
            guard actor.isAlive else { return }
            actor.waking.at = .distantFuture
            if actor.node.nextDeadline <= now {
                tell(number, .deadlineReached)
                notice(actor)
            } else {
                schedule(number)
            }
        case .datagram(let bytes, let sender, let receiver): deliver(bytes, from: sender, to: receiver)
        }
    }

    /// Whoever wants to be woken at once again and again never gets anywhere, and time would stand still.
    private func notice(_ actor: DHTActor) {
        actor.waking.count = actor.waking.last == now ? actor.waking.count + 1 : 0
        actor.waking.last = now
        guard actor.waking.count >= Self.mostWakes else { return }
        restless += 1

        actor.isAlive = false
    }

    // MARK: Real nodes

    /// A real node comes; its number. It has these in its table, as if they had just answered.
    @discardableResult
    package func add(
        _ configuration: DHTConfiguration, at endpoint: Endpoint, knowing contacts: [DHTContact] = [],
        isBehindNAT: Bool = false
    ) -> Int {
        actors.append(
            DHTActor(
                contacts.isEmpty
                    ? DHTNode(configuration, at: now) : DHTNode(configuration, knowing: contacts, at: now),
                at: endpoint, isBehindNAT: isBehindNAT))
        actorAt[endpoint] = actors.count - 1
        schedule(actors.count - 1)
        return actors.count - 1
    }

    /// It goes, without a word.
    package func remove(_ number: Int) {
        actors[number].isAlive = false
        actors[number].hears = nil
        actorAt[actors[number].endpoint] = nil
    }

    func anyHonest(_ draw: inout DHTDraw) -> DHTContact {
        while true {
            let dweller = draw.pick(crowd.dwellers)
            if dweller.manner == .honest { return dweller.contact }
        }
    }

    /// Something happens to a real node.
    package func tell(_ number: Int, _ event: DHTEvent) {
        let actor = actors[number]
        actor.node.take(event, at: now, effects: &actor.effects)
        carryOut(number)
    }

    private func carryOut(_ number: Int) {
        let actor = actors[number]
        let effects = actor.effects
        actor.effects.removeAll(keepingCapacity: true)
        for effect in effects {
            if case .send(let bytes, let receiver) = effect {
                note(receiver, for: actor)
                if let answers = actor.answers {
                    answers(bytes, receiver)
                    continue
                }
                send(bytes, from: actor.endpoint, to: receiver)
            } else {
                actor.hears?(effect, now)
            }
        }
        schedule(number)
    }

    private func note(_ receiver: Endpoint, for actor: DHTActor) {
        let now = now
        actor.seen.sentCount += 1
        if actor.seen.watches, actor.seen.heardFrom[receiver].map({ now - $0 > .seconds(60) }) ?? true {
            actor.seen.sent.append(DHTActor.Sent(at: now, to: receiver))
        }
        guard actor.isBehindNAT else { return }
        actor.spokenTo[receiver] = now
        guard actor.spokenTo.count > 4_096 else { return }
        actor.spokenTo = actor.spokenTo.filter { now - $0.value < .seconds(60) }
    }

    private func schedule(_ number: Int) {
        let actor = actors[number]
        let deadline = actor.node.nextDeadline
        guard deadline < actor.waking.at, deadline < .distantFuture else { return }
        actor.waking.at = deadline
        queue.push(.wake(number), at: max(deadline, now))
    }

    // MARK: Datagrams

    /// Sends a datagram, which comes later, twice or never.
    package func send(_ bytes: [UInt8], from sender: Endpoint, to receiver: Endpoint) {
        datagrams += 1
        guard bytes.count <= paths.conduct.longest,
            let ways = paths.ways(from: sender.address, to: receiver.address, chance: &chance)
        else { return }
        queue.push(.datagram(bytes, from: sender, to: receiver), at: now.later(by: ways.first))
        guard let second = ways.second else { return }
        queue.push(.datagram(bytes, from: sender, to: receiver), at: now.later(by: second))
    }

    /// A datagram comes to a real node at once.
    func give(_ bytes: [UInt8], from sender: Endpoint, to number: Int) {
        deliver(bytes, from: sender, to: actors[number], number)
    }

    private func deliver(_ bytes: [UInt8], from sender: Endpoint, to receiver: Endpoint) {
        trace.mix(now)
        trace.mix(sender)
        trace.mix(receiver)
        trace.mix(bytes)
        if let number = actorAt[receiver] { return deliver(bytes, from: sender, to: actors[number], number) }
        if let asker = actorAt[sender], let place = light.number(at: receiver),
            actors[asker].unreachable.contains(place)
        {
            return
        }
        overhears?(bytes, receiver)
        guard let answer = answer(bytes, from: sender, at: receiver) else { return }
        send(answer, from: receiver, to: sender)
    }

    private func deliver(_ bytes: [UInt8], from sender: Endpoint, to actor: DHTActor, _ number: Int) {
        if actor.isBehindNAT {
            guard let last = actor.spokenTo[sender], now - last < .seconds(60) else { return }
        }
        if actor.seen.watches { actor.seen.heardFrom[sender] = now }
        if actor.seen.heardAt == nil { actor.seen.heardAt = now }
        let now = now
        bytes.withBytes { actor.node.received($0, from: sender, at: now, effects: &actor.effects) }
        carryOut(number)
    }
}
