package import TorrentCore

// Who has everything. Whoever has everything, too, is left by a seed at once: who counts them asks before the brain is
// told.
extension Swarm {
    /// The peer that lacks nothing any more once it has said this; nil if it lacks something, or lacked nothing before.
    package func completes(_ id: ConnectionID, by message: PeerMessage) -> PeerID? {
        guard let peer = membership.peer(id), !peer.pieces.isSeed else { return nil }
        switch message {
        case .have(let number):
            let have = peer.pieces.have
            guard have.setCount == have.count - 1, let piece = geometry.piece(at: number), !have[piece] else {
                return nil
            }
            return peer.peerID
        case .haveAll: return peer.isFast ? peer.peerID : nil
        default: return nil
        }
    }

    /// The same of a bitfield.
    package func completes(_ id: ConnectionID, byBitfield bytes: RawSpan) -> PeerID? {
        guard let peer = membership.peer(id), !peer.pieces.isSeed,
            let pieces = Bitfield(wire: bytes, count: geometry.pieceCount), pieces.isFull
        else { return nil }
        return peer.peerID
    }
}
