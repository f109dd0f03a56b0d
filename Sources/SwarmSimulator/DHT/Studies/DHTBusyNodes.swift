package import DHTEngine
import TorrentCore

/// Nodes that hold as much as is asked of one: for what that takes.
package final class DHTBusyNodes {
    private let world: DHTWorld
    private var draw: DHTDraw
    private static let announces = 2_000
    private static let lookups = 16
    /// So many torrents they are of.
    private static let torrents = 200

    /// A crowd of ten thousand for them to ask.
    package init(seed: UInt64) {
        var plan = DHTCrowdPlan()
        plan.nodes = 10_000
        world = DHTWorld(plan, seed: seed)
        draw = DHTDraw(seed: ~seed)
        // What the crowd itself needs is there before anybody measures.
        for number in world.crowd.dwellers.indices { _ = world.crowd.table(of: number) }
    }

    /// So many nodes come, are told announces, and are in the middle of their lookups; the figures of the last one.
    package func fill(_ count: Int) -> DHTFigures {
        let nodes = (0..<count).map { _ in come() }
        for node in nodes { announce(to: node) }
        for node in nodes {
            for number in 0..<Self.lookups {
                world.tell(node, .inquire(DHTInquiryID(number), .peers(of: InfoHash(draw.id().bytes))))
            }
        }
        world.run(for: .milliseconds(600))
        return world.actors[nodes[count - 1]].node.figures(at: world.now)
    }

    private func come() -> Int {
        let endpoint = draw.endpoint()
        var configuration = DHTConfiguration(isV4: true, seed: draw.chance.next())
        configuration.externalAddress = endpoint.address
        let id = draw.id(fitting: endpoint.address)
        configuration.memory.id = id
        let table = world.crowd.table(of: id, sizes: configuration.rules.bucketSizes)
        let contacts = table.map { world.crowd.dwellers[$0].contact }
        let number = world.add(configuration, at: endpoint, knowing: contacts)
        world.tell(number, .start)
        return number
    }

    private struct Given {
        let source: Endpoint
        let token: [UInt8]
    }

    /// Many sources ask for a token and announce with it.
    private func announce(to number: Int) {
        let torrents = (0..<Self.torrents).map { _ in InfoHash(draw.id().bytes) }
        var tokens: [Given] = []
        world.actors[number].answers = { bytes, source in
            guard let message = try? bytes.withBytes({ bytes throws(KRPCError) in try KRPCMessage(bytes) }),
                case .response(let response) = message, let token = response.token
            else { return }
            tokens.append(Given(source: source, token: token))
        }
        for source in (0..<Self.announces).map({ _ in draw.endpoint() }) {
            ask(.getPeers(draw.pick(torrents)), from: source, of: number)
        }
        for (place, entry) in tokens.enumerated() {
            let method = KRPCQuery.Method.announcePeer(
                torrents[place % torrents.count], port: entry.source.port, impliesPort: true, token: entry.token)
            ask(method, from: entry.source, of: number)
        }
        world.actors[number].answers = nil
    }

    private func ask(_ method: KRPCQuery.Method, from source: Endpoint, of number: Int) {
        let query = KRPCQuery(method, transaction: [1, 2], sender: draw.id(fitting: source.address))
        world.give(query.encoded(), from: source, to: number)
        // Time passes, so that nobody is too much.
        world.run(for: .milliseconds(20))
    }
}
