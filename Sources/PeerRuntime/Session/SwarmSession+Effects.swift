import PeerEvents
import SwarmEngine
import TorrentCore
import TorrentIO

extension ConnectionID {
    /// As a link carries it.
    var packed: UInt64 { UInt64(slot) << 32 | UInt64(generation) }

    init(packed: UInt64) {
        self.init(slot: UInt32(packed >> 32), generation: UInt32(truncatingIfNeeded: packed))
    }
}

extension SwarmSession {
    /// The interpreter: one effect of the brain, carried out.
    func perform(_ effect: SwarmEffect) {
        switch effect {
        case .connect(let id, let endpoint): connect(id, endpoint)
        case .close(let id, let reason): close(id, reason)
        case .send(let id, let message):
            if detail > .connections { tell(message, isOurs: true, over: id.packed) }
            send(id) { $0.send(message) }
        case .sendBitfield(let id):
            tell(.bitfield, isOurs: true, over: id.packed)
            send(id) { link in
                var bytes: [UInt8] = []
                swarm.have.appendMessage(to: &bytes)
                link.send(encoded: bytes)
            }
        case .sendExtensionHandshake(let id):
            tell(.extensionHandshake, isOurs: true, over: id.packed)
            send(id) { link in
                let ours = swarm.extensionHandshake(listenPort: context.listenPort)
                var bytes: [UInt8] = []
                ExtendedMessage.append(id: ExtendedMessage.handshakeID, body: ours.encoded, to: &bytes)
                link.send(encoded: bytes)
            }
        case .serve(let id, let block): send(id) { $0.serve(block) }
        case .openPiece(let piece): open(piece)
        case .verifyAndStore(let piece): verifyAndStore(piece)
        case .discardPiece(let piece): discard(piece)
        case .announce(let tracker, let event, let wanted): announce(tracker, event, wanted: Int(wanted))
        case .completed: delegate?.sessionCompleted(self)
        case .banned(let address, let piece):
            notice("banned", "\(address) sent a wrong block of \(piece) and is banned")
        case .starved(let isStarved):
            // Named peers are tried again and again: that is no news each time.
            guard isStarved, !isLonely else { return }
            isLonely = true
            notice("no_peers", "no peers yet", isDetail: true)
        }
    }

    func notice(_ code: String, _ text: String, isDetail: Bool = false) {
        delegate?.session(self, notice: PeerNotice(code: code, text: text, isDetail: isDetail))
    }

    private func send(_ id: ConnectionID, _ body: (PeerLink) -> Void) {
        guard let link = links[id.packed] else { return }
        body(link)
        markDirty(link)
    }
}
