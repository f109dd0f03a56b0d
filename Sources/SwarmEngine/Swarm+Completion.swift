package import TorrentCore

// Who has everything. Whoever has everything, too, is left by a seed at once: who counts them asks before the brain is
// told.
extension Swarm {
    /// The peer that lacks nothing any more once it has said this; nil if it lacks something, or lacked nothing before.
    package func completes(_ id: ConnectionID, by message: PeerMessage) -> PeerID? {
        // Most messages say nothing of pieces, and cost no look at the peer.
        switch message {
        case .have(let number):
            guard let peer = lacking(id), peer.pieces.have.setCount == geometry.pieceCount - 1,
                let piece = geometry.piece(at: number), !peer.pieces.have[piece]
            else { return nil }
            return peer.peerID
        case .haveAll:
            guard let peer = lacking(id), peer.isFast else { return nil }
            return peer.peerID
        default: return nil
        }
    }

    /// The same of a bitfield.
    package func completes(_ id: ConnectionID, byBitfield bytes: RawSpan) -> PeerID? {
        guard Bitfield.isFull(wire: bytes, count: geometry.pieceCount) else { return nil }
        return lacking(id)?.peerID
    }

    private func lacking(_ id: ConnectionID) -> PeerConnection? {
        guard let peer = membership.peer(id), !peer.pieces.isSeed else { return nil }
        return peer
    }
}
