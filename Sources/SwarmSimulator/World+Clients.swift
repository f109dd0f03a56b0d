import SwarmEngine
import TorrentCore

// Imitations of other programs: they react late to some messages, and do not send others.

extension World {
    /// For how long rTorrent asks for nothing after a choke.
    private static let pauseAfterChoke = Duration.seconds(10)
    /// How often rqbit looks for a piece to ask for, once it has found none.
    private static let timeBetweenSearches = Duration.seconds(5)

    /// Other programs announce no pieces to seeders.
    func isKeptBack(_ message: PeerMessage, by node: SimulatedNode, over id: ConnectionID) -> Bool {
        guard case .have = message, let index = node.links[id], index >= 0 else { return false }
        return links[index].sides.contains { nodes[$0.node].plan.isSeeder }
    }

    /// A message has arrived: the brain gets it now, or later.
    func takeOrDelay(_ message: PeerMessage, at node: SimulatedNode, link index: Int, side: Int) {
        guard let id = links[index].sides[side].id else { return }
        if let moment = hearingTime(of: message, at: node, id: id, &links[index].sides[side]), moment > now {
            return queue.push(.delayed(message, link: index, side: side), at: moment)
        }
        tell(node, .message(message, from: id))
    }

    /// When the brain is to get the message; nil: at once.
    private func hearingTime(
        of message: PeerMessage, at node: SimulatedNode, id: ConnectionID, _ side: inout SimulatedLink.Side
    ) -> Moment? {
        switch (node.plan.client, message) {
        case (.rTorrent, .choke):
            (side.chokedAt, side.hearsAt) = (now, nil)
            return nil
        case (.rTorrent, .unchoke):
            side.hearsAt = side.chokedAt.map { $0 + Self.pauseAfterChoke }
            return side.hearsAt
        case (.rqbit, .have):
            let list = node.brain.connectionList(at: now)
            guard let peer = list.first(where: { $0.id == id }), !peer.isChokingUs, peer.requests == 0 else {
                return nil
            }
            let searches = (now - side.lastBlockAt).wholeNanoseconds / Self.timeBetweenSearches.wholeNanoseconds
            return side.lastBlockAt + Self.timeBetweenSearches * Int(searches + 1)
        default: return nil
        }
    }

    /// A delayed message is due.
    func takeDelayed(_ message: PeerMessage, link index: Int, side: Int) {
        let far = links[index].sides[side]
        guard let id = far.id else { return }
        // It has been choked meanwhile, so this unchoke is out of date.
        if message == .unchoke, far.hearsAt != now { return }
        tell(nodes[far.node], .message(message, from: id))
    }
}
