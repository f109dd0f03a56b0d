import SwarmEngine
import TorrentCore

// The digest of a run: every effect of every brain in order, with its time and all its fields; every answer of a brain;
// its deadlines; and now and then its figures.

extension World {
    /// What the following words are about: different things could have the same words.
    private enum Mark: UInt64 {
        case effect = 101, deadline, admission, accepted, attempt, remembers, figures, handshake
    }

    func note(_ effect: SwarmEffect, of node: SimulatedNode) {
        report.effects += 1
        begin(.effect, of: node)
        report.trace.mix(effect)
        // For these the shell takes the content from the brain when it carries the effect out.
        switch effect {
        case .sendBitfield: report.trace.mix(node.brain.have.wire)
        case .sendExtension(_, .handshake):
            report.trace.mix(node.brain.extensionHandshake(listenPort: node.endpoint.port))
        case .sendExtension(let id, let output):
            report.trace.mix(node.brain.encoded(output, for: id, listenPort: node.endpoint.port) ?? [])
        default: break
        }
    }

    func note(deadline: Moment, of node: SimulatedNode) {
        begin(.deadline, of: node)
        report.trace.mix(deadline)
    }

    func note(_ admission: BlockAdmission, of node: SimulatedNode) {
        begin(.admission, of: node)
        report.trace.mix(admission)
    }

    func note(_ handshake: Handshake, to node: SimulatedNode) {
        begin(.handshake, of: node)
        report.trace.mix(handshake)
    }

    /// Whether a connection was accepted, and its id.
    func note(accepted id: ConnectionID?, of node: SimulatedNode) {
        begin(.accepted, of: node)
        report.trace.mix(id != nil)
        if let id { report.trace.mix(id) }
    }

    /// Whether the brain remembers a rejected piece as an attempt. Its name is left out: the order tells attempts
    /// apart.
    func note(attempt: RejectedAttempt?, of node: SimulatedNode) {
        begin(.attempt, of: node)
        report.trace.mix(attempt != nil)
    }

    func note(remembers: Bool, of node: SimulatedNode) {
        begin(.remembers, of: node)
        report.trace.mix(remembers)
    }

    /// Every 64 events the figures of the next node.
    func noteFiguresNowAndThen() {
        guard report.events.isMultiple(of: 64) else { return }
        noteFigures(of: nodes[report.events / 64 % nodes.count])
    }

    func noteFigures(of node: SimulatedNode) {
        begin(.figures, of: node)
        report.trace.mix(node.brain.figures(at: now))
        report.trace.mix(node.brain.have.wire)
        let list = node.brain.connectionList(at: now)
        report.trace.mix(list.count)
        for peer in list {
            report.trace.mix(peer)
            var expected: [WireBlock] = []
            node.brain.forEachExpected(from: peer.id) { block in
                expected.append(block.onWire)
                return expected.count < 4
            }
            report.trace.mix(expected.count)
            for block in expected { report.trace.mix(block) }
        }
    }

    private func begin(_ mark: Mark, of node: SimulatedNode) {
        report.trace.mix(mark.rawValue)
        report.trace.mix(now)
        report.trace.mix(node.number)
    }
}
