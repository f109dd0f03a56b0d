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
            mix(3, id, digest(of: message))
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

    private func digest(of message: PeerMessage) -> UInt64 {
        func digest(_ kind: UInt64, _ block: WireBlock) -> UInt64 {
            kind << 56 ^ UInt64(block.piece) << 24 ^ UInt64(block.begin)
        }
        switch message {
        case .keepAlive: return 0
        case .choke: return 1
        case .unchoke: return 2
        case .interested: return 3
        case .notInterested: return 4
        case .haveAll: return 5
        case .haveNone: return 6
        case .port(let port): return 7 << 56 | UInt64(port)
        case .have(let piece): return 8 << 56 | UInt64(piece)
        case .suggest(let piece): return 9 << 56 | UInt64(piece)
        case .allowedFast(let piece): return 10 << 56 | UInt64(piece)
        case .request(let block): return digest(11, block)
        case .cancel(let block): return digest(12, block)
        case .reject(let block): return digest(13, block)
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
