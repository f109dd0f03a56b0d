import SwarmEngine
import TorrentCore

// The digest of a run: every effect of every brain in order, with its time and all that it carries; every answer that
// a brain gives; when it wants to be woken; and now and then what it says of itself.

extension World {
    /// What a word of the digest is about. The numbers tell apart what would else be the same words.
    private enum Mark: UInt64 {
        case effect = 101, deadline, admission, accepted, attempt, remembers, figures, handshake
    }

    func note(_ effect: SwarmEffect, of node: SimulatedNode) {
        report.effects += 1
        begin(.effect, of: node)
        report.trace.mix(effect)
        // The shell takes these two from the brain when it carries the effect out.
        switch effect {
        case .sendBitfield: report.trace.mix(node.brain.have.wire)
        case .sendExtensionHandshake:
            report.trace.mix(node.brain.extensionHandshake(listenPort: node.endpoint.port))
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

    /// Whether somebody was let in, and as whom.
    func note(accepted id: ConnectionID?, of node: SimulatedNode) {
        begin(.accepted, of: node)
        report.trace.mix(id != nil)
        if let id { report.trace.mix(id) }
    }

    /// Whether a piece that was wrong has begun an attempt; they are told apart by their order.
    func note(attempt: RejectedAttempt?, of node: SimulatedNode) {
        begin(.attempt, of: node)
        report.trace.mix(attempt != nil)
    }

    func note(remembers: Bool, of node: SimulatedNode) {
        begin(.remembers, of: node)
        report.trace.mix(remembers)
    }

    /// One node after the other is asked how it is, one every so many events.
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
