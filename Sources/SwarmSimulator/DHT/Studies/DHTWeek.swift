package import DHTEngine
import TorrentCore

/// One node that runs for days among others that come and go, ask it things and leave announces with it.
package final class DHTWeek {
    /// What the node held at one time.
    package struct Sample: Sendable {
        /// Since the beginning.
        package let at: Duration
        package let figures: DHTFigures
        /// Datagrams that it sent a second since the sample before.
        package let sentASecond: Double
        /// Of the nodes that it would remember, so many are there.
        package let livePart: Double
        /// Everything that it holds, counted: nodes, peers kept for others, lookups and who waits for one.
        package var held: Int {
            figures.nodes + figures.spareNodes + figures.kept.peers + figures.lookups + figures.waiting
        }
    }

    package let world: DHTWorld
    private var draw: DHTDraw
    private var living: [Int] = []
    private var dead: [Int] = []
    private let endpoint: Endpoint
    private var seeker = 0

    /// How long one of the crowd stays at the mean.
    private static let staysFor = Duration.seconds(6 * 3_600)
    private static let step = Duration.seconds(10)
    /// Torrents that the node seeks and announces all the time.
    private static let torrents = 5
    /// So often somebody asks the node who has some torrent, and announces it there.
    private static let asksEvery = Duration.seconds(2)

    /// A crowd of so many nodes.
    package init(nodes: Int, seed: UInt64) {
        var plan = DHTCrowdPlan()
        plan.nodes = nodes
        world = DHTWorld(plan, seed: seed)
        draw = DHTDraw(seed: seed ^ 0x7DA5)
        endpoint = draw.endpoint()
        for (number, dweller) in world.crowd.dwellers.enumerated() {
            if dweller.manner == .honest { living.append(number) } else { dead.append(number) }
        }
    }

    /// One sample after each `span`.
    package func run(samples count: Int, every span: Duration) -> [Sample] {
        begin()
        var samples: [Sample] = []
        for number in 1...max(count, 1) {
            let before = world.actors[seeker].seen.sentCount
            world.run(for: span)
            let actor = world.actors[seeker]
            samples.append(
                Sample(
                    at: span * number, figures: actor.node.figures(at: world.now),
                    sentASecond: Double(actor.seen.sentCount - before) / span.inSeconds, livePart: livePart(actor)))
        }
        return samples
    }

    private func begin() {
        var configuration = DHTConfiguration(isV4: true, seed: draw.chance.next())
        configuration.externalAddress = endpoint.address
        seeker = world.add(configuration, at: endpoint)
        let bootstrap = world.crowd.dwellers[draw.pick(living)].endpoint
        world.actors[seeker].hears = { [unowned self] effect, _ in
            guard case .wantsBootstrap = effect else { return }
            world.after(.milliseconds(30)) { [unowned self] world in
                world.tell(seeker, .nodesNamed([bootstrap], by: .bootstrap))
            }
        }
        world.tell(seeker, .start)
        for _ in 0..<Self.torrents {
            let announcement = DHTAnnouncement(port: endpoint.port, impliesPort: true)
            world.tell(seeker, .seek(InfoHash(draw.id().bytes), announcement))
        }
        world.overhears = { [unowned self] bytes, listener in announce(answering: bytes, from: listener) }
        churn()
        ask()
    }

    /// In each step as many go as come.
    private func churn() {
        var count = Double(living.count) * (Self.step / Self.staysFor)
        while count > 0 {
            if count >= 1 || draw.happens(count) { exchange() }
            count -= 1
        }
        for _ in 0..<8 { world.crowd.refresh(draw.pick(living)) }
        world.after(Self.step) { [unowned self] _ in churn() }
    }

    private func exchange() {
        let (leaver, comer) = (draw.index(below: living.count), draw.index(below: dead.count))
        world.crowd.become(.dead, living[leaver])
        world.crowd.become(.honest, dead[comer])
        swap(&living[leaver], &dead[comer])
    }

    private func ask() {
        let asker = world.crowd.dwellers[draw.pick(living)]
        let query = KRPCQuery(.getPeers(InfoHash(draw.id().bytes)), transaction: Self.asking, sender: asker.id)
        world.send(query.encoded(), from: asker.endpoint, to: endpoint)
        world.after(Self.asksEvery) { [unowned self] _ in ask() }
    }

    private static let asking = Array("wk".utf8)

    /// Whoever got a token uses it.
    private func announce(answering bytes: [UInt8], from asker: Endpoint) {
        guard let message = try? bytes.withBytes({ bytes throws(KRPCError) in try KRPCMessage(bytes) }),
            case .response(let response) = message, response.transaction == Self.asking, let token = response.token
        else { return }
        let method = KRPCQuery.Method.announcePeer(
            InfoHash(draw.id().bytes), port: asker.port, impliesPort: true, token: token)
        guard let number = world.light.number(at: asker) else { return }
        let query = KRPCQuery(method, transaction: Array("an".utf8), sender: world.crowd.dwellers[number].id)
        world.send(query.encoded(), from: asker, to: endpoint)
    }

    private func livePart(_ actor: DHTActor) -> Double {
        let contacts = actor.node.memory(at: world.now).contacts
        let live = contacts.count { contact in
            world.light.number(at: contact.endpoint).map { world.crowd.dwellers[$0].manner == .honest } ?? false
        }
        return Double(live) / Double(max(contacts.count, 1))
    }
}
