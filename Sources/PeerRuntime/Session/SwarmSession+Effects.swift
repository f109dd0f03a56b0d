import PeerEvents
import SwarmEngine
import TorrentCore
import TorrentIO

extension SwarmSession {
    /// The interpreter: one effect of the brain, carried out.
    func perform(_ effect: SwarmEffect) {
        switch effect {
        case .connect(let id, let endpoint): connect(id, endpoint)
        case .close(let id, let reason):
            neighbours.gone(id, reason, at: reactor.now, isFetching: brain.swarm.isFetching)
            links.close(id)
        case .send(let id, let message):
            neighbours.tell(message, isOurs: true, over: id)
            links.send(to: id) { $0.send(message) }
        case .sendBitfield(let id):
            neighbours.tell(.bitfield, isOurs: true, over: id)
            links.send(to: id) { link in
                var bytes: [UInt8] = []
                have.appendMessage(to: &bytes)
                link.send(encoded: bytes)
            }
        case .sendExtension(let id, let output): send(output, to: id)
        case .serve(let id, let block): links.send(to: id) { $0.serve(block) }
        case .openPiece(let piece): pieces.open(piece)
        case .verifyAndStore(let piece): pieces.verifyAndStore(piece)
        case .discardPiece(let piece):
            links.forgetSlots(of: piece)
            pieces.discard(piece)
        case .wantMemory: pieces.wantMemory()
        case .announce(let tracker, let event, let wanted): trackers.announce(tracker, event, wanted: Int(wanted))
        case .completed: delegate?.sessionCompleted(self)
        case .banned(let address, let piece):
            notice("banned", "\(address) sent a wrong block of \(piece) and is banned")
        // Said by a `MetadataSwarm` alone.
        case .verifyMetadata, .dropMetadata, .metadataLiar: break
        case .starved(let isStarved): if isStarved { neighbours.becameLonely() }
        }
    }
    private func send(_ output: ExtensionOutput, to id: ConnectionID) {
        guard var bytes = brain.swarm.encoded(output, for: id, listenPort: context.listenPort) else { return }
        neighbours.tell(output.row.map { .extended($0) } ?? .extensionHandshake, isOurs: true, over: id)
        guard case .metadataData(let piece) = output else { return links.send(to: id) { $0.send(encoded: bytes) } }
        let metadata = content.metainfo.infoBytes
        if let range = MetadataMessage.range(of: piece, in: metadata.count) { bytes += metadata[range] }
        links.send(to: id) { $0.send(awaited: bytes) }
    }
}
