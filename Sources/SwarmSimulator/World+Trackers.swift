import SwarmEngine
import TorrentCore

// The trackers: each knows the nodes that have announced themselves to it.

extension World {
    func asked(_ node: SimulatedNode, _ tracker: TrackerIndex, _ event: AnnounceEvent) {
        let answer = answer(to: node, by: tracker.position, event)
        queue.push(.answered(node: node.number, tracker, answer), at: now + .milliseconds(40))
    }

    private func answer(to node: SimulatedNode, by tracker: Int, _ event: AnnounceEvent) -> TrackerAnswer {
        let conduct = trackers[tracker]
        if conduct.isDown(at: now - .zero) { return .nothing }
        if conduct.refuses(at: now - .zero) { return .refusal(retryIn: conduct.retryIn) }
        let known = plan.trackerKnowsAll ? Array(nodes.indices) : announced[tracker]
        let others = known.filter { $0 != node.number || plan.trackerNamesAsker }.shuffled(using: &generator)
        if event == .stopped {
            announced[tracker].removeAll { $0 == node.number }
        } else if !announced[tracker].contains(node.number) {
            announced[tracker].append(node.number)
        }
        return .peers(others.prefix(plan.peersPerAnswer).map { nodes[$0].endpoint } + plan.deadAddresses)
    }

    /// The trackers are where the peers are.
    private var trackerAddress: IPAddress { plan.isOnLoopback ? .loopbackV4 : .v4(0x0C00_0001) }

    func answered(_ node: SimulatedNode, _ tracker: TrackerIndex, _ answer: TrackerAnswer) {
        switch answer {
        case .nothing:
            tell(node, .announceFailed(tracker, retryIn: nil, isFinal: false))
        case .refusal(let retryIn):
            tell(node, .announceFailed(tracker, retryIn: retryIn, isFinal: true))
        case .peers(let peers):
            let conduct = trackers[tracker.position]
            let isUsual = node.acquaintance.hears(from: tracker)
            tell(
                node,
                .announceAnswered(tracker, interval: conduct.interval, minimum: conduct.minimum))
            if plan.isPrivate, !isUsual { noteWhoStays(with: node) }
            node.acquaintance.add(peers)
            tell(node, .peersFound(peers, from: .tracker, by: trackerAddress))
        }
    }

    /// With another tracker a private torrent knows nobody any more (BEP 27).
    private func noteWhoStays(with node: SimulatedNode) {
        let figures = node.brain.figures(at: now)
        guard node.isAlive, figures.peers + figures.connecting > 0 else { return }
        fault("node \(node.number) keeps \(figures.peers) peers of another tracker, and calls \(figures.connecting)")
    }
}
