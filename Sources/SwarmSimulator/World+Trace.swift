import SwarmEngine
import TorrentCore

// The digest of a run: every effect of every brain, in order, with its time (FNV-1a over words).

extension World {
    func note(_ effect: SwarmEffect, of node: SimulatedNode) {
        mix(UInt64(bitPattern: now.nanoseconds))
        mix(UInt64(node.number))
        switch effect {
        case .connect(let id, let endpoint): mix(1, id, UInt64(endpoint.port))
        case .close(let id, _): mix(2, id)
        case .send(let id, let message):
            mix(3, id)
            var bytes: [UInt8] = []
            message.append(to: &bytes)
            for byte in bytes.dropFirst(4) { mix(UInt64(byte)) }
        case .sendBitfield(let id): mix(4, id)
        case .sendExtensionHandshake(let id): mix(5, id)
        case .serve(let id, let block): mix(6, id, UInt64(block.piece.number) << 32 | UInt64(block.begin))
        case .openPiece(let piece): mix(7 << 32 | UInt64(piece.number))
        case .verifyAndStore(let piece): mix(8 << 32 | UInt64(piece.number))
        case .discardPiece(let piece): mix(9 << 32 | UInt64(piece.number))
        case .announce(let tracker, let event, let wanted):
            mix(10 << 32 | UInt64(tracker.position))
            mix(UInt64(event.rawValue) << 32 | UInt64(UInt32(bitPattern: wanted)))
        case .completed: mix(11)
        case .banned(_, let piece): mix(12 << 32 | UInt64(piece.number))
        case .starved(let isStarved): mix(isStarved ? 13 : 14)
        }
    }

    private func mix(_ kind: UInt64, _ id: ConnectionID, _ more: UInt64 = 0) {
        mix(kind << 48 | UInt64(id.slot) << 16 | UInt64(id.generation & 0xFFFF))
        mix(more)
    }

    private func mix(_ word: UInt64) {
        report.trace = (report.trace ^ word) &* 0x100_0000_01B3
    }
}
