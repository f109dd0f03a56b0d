import PeerEvents
import SwarmEngine
import TorrentCore
import TorrentIO

extension SwarmSession {
    /// The interpreter: one effect of the brain, carried out.
    func perform(_ effect: SwarmEffect) {
        switch effect {
        case .sendBitfield(let id):
            neighbours.tell(.bitfield(have.setCount), isOurs: true, over: id)
            links.send(to: id) { link in
                var bytes: [UInt8] = []
                have.appendMessage(to: &bytes)
                link.send(encoded: bytes)
            }
        case .serve(let id, let block): links.send(to: id) { $0.serve(block) }
        case .openPiece(let piece): pieces.open(piece)
        case .verifyAndStore(let piece): pieces.verifyAndStore(piece)
        case .discardPiece(let piece):
            links.forgetSlots(of: piece)
            pieces.discard(piece)
        case .forgetSlot(let id): links.forgetSlot(of: id)
        case .wantMemory: pieces.wantMemory()
        case .completed: delegate?.sessionCompleted(self)
        case .showsEverything:
            notice("super_seeding", "another seed is here: everything is shown from now on")
        default: performAmongContacts(effect)
        }
    }

    /// Whether it is super-seeded, where people want that. Whoever fetched a part from others is not the only one who
    /// has it.
    var superSeedingNotice: PeerNotice? {
        // What is complete, and is not super-seeded any more, has said so.
        guard context.options.superSeeds, isSuperSeeding || !brain.swarm.isComplete else { return nil }
        let text =
            isSuperSeeding
            ? "super-seeding: each piece is sent once, until there is another seed"
            : "not super-seeded: that is for what was complete here from the beginning"
        return PeerNotice(code: "super_seeding", text: text, isDetail: isSuperSeeding)
    }
}
