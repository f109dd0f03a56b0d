import DHTEngine
import TorrentCore

/// One node that seeks many torrents at once, among a crowd that has a peer of each.
package final class DHTManyTorrents {
    /// What became of the torrents.
    package struct Report: Sendable {
        /// Until half of them and all of them had peers; nil if that never came.
        package var half: Duration?
        /// The same of all.
        package var all: Duration?
        /// Torrents that never got any.
        package var starved = 0
        /// How often each was looked up in all: the least and the most.
        package var leastLookups = 0
        /// The most.
        package var mostLookups = 0
        /// Of two torrents next to each other in order, the later one was served this much earlier at the most.
        package var worstOvertaking = Duration.zero
        /// The most addresses in one second that it had not just heard from.
        package var busiestSecond = 0
        /// Datagrams that it sent.
        package var datagramsASecond = 0.0
    }

    package let world: DHTWorld
    private var draw: DHTDraw
    private let torrents: [InfoHash]

    /// A crowd of so many nodes, and so many torrents.
    package init(nodes: Int, torrents count: Int, seed: UInt64) {
        var plan = DHTCrowdPlan()
        plan.nodes = nodes
        world = DHTWorld(plan, seed: seed)
        var draw = DHTDraw(seed: seed ^ 0x1000)
        torrents = (0..<count).map { _ in InfoHash(draw.id().bytes) }
        self.draw = draw
    }

    /// Lets the node seek for so long.
    package func run(for time: Duration) -> Report {
        let endpoint = draw.endpoint()
        let id = draw.id(fitting: endpoint.address)
        var configuration = DHTConfiguration(isV4: true, seed: draw.chance.next())
        configuration.externalAddress = endpoint.address
        configuration.memory.id = id
        for infoHash in torrents {
            let peer = draw.endpoint()
            for number in world.crowd.closestHonest(8, to: NodeID(infoHash)) {
                world.light.keep(peer, of: infoHash, at: number, until: .distantFuture)
            }
        }
        let table = world.crowd.table(of: id, sizes: configuration.rules.bucketSizes)
        let seeker = world.add(
            configuration, at: endpoint, knowing: table.map { world.crowd.dwellers[$0].contact })
        var found: [InfoHash: [Moment]] = [:]
        world.actors[seeker].seen.watches = true
        world.actors[seeker].hears = { effect, now in
            guard case .peersFound(let infoHash, _, _) = effect else { return }
            // A lookup finds the peer with several nodes; lookups are minutes apart.
            if let last = found[infoHash]?.last, now - last < .seconds(60) { return }
            found[infoHash, default: []].append(now)
        }
        let began = world.now
        world.tell(seeker, .start)
        for infoHash in torrents {
            world.tell(seeker, .seek(infoHash, DHTAnnouncement(port: endpoint.port, impliesPort: true)))
        }
        world.run(for: time)
        return report(found, since: began, world.actors[seeker], time)
    }

    private func report(
        _ found: [InfoHash: [Moment]], since began: Moment, _ actor: DHTActor, _ time: Duration
    ) -> Report {
        var report = Report()
        let firsts = torrents.map { found[$0]?.first }
        let times = firsts.compactMap(\.self).sorted()
        if times.count * 2 >= torrents.count { report.half = times[(torrents.count - 1) / 2] - began }
        if times.count == torrents.count { report.all = times.last.map { $0 - began } }
        report.starved = torrents.count - times.count
        let counts = torrents.map { found[$0]?.count ?? 0 }
        (report.leastLookups, report.mostLookups) = (counts.min() ?? 0, counts.max() ?? 0)
        for (earlier, later) in zip(firsts, firsts.dropFirst()) {
            guard let earlier, let later else { continue }
            report.worstOvertaking = max(report.worstOvertaking, earlier - later)
        }
        report.busiestSecond = actor.seen.busiestSecond
        report.datagramsASecond = Double(actor.seen.sentCount) / time.inSeconds
        return report
    }
}
