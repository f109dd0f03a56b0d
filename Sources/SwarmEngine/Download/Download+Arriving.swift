import TorrentCore

// Blocks that are sent to us: whether they are admitted, and what follows when they have arrived.

extension Download {
    /// What to do with the bytes of a block whose header has been read.
    enum Arrival {
        case accept(BlockRequest)
        case discard
        case violation(Violation)
    }

    /// May the bytes of this block go into the buffer of its piece?
    mutating func admit(
        _ wire: WireBlock, from peer: PeerConnection, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) -> Arrival {
        guard let block = geometry.block(wire) else { return .violation(.blockOutOfRange) }
        if !peer.download.pipeline.contains(block) {
            guard peer.download.strays > 0 else {
                peer.download.unasked += 1
                return peer.download.unasked <= Self.mostUnasked ? .discard : .violation(.unaskedBlocks)
            }
            peer.download.strays -= 1
        }
        guard let number = geometry.number(of: block), let progress = picker.progress(of: block.piece),
            !progress.isVerifying, progress.isMissing(number), peer.download.arriving == nil
        else { return .discard }
        takeOver(block, availability, &agenda)
        begin(block, of: progress, from: peer, &agenda)
        return .accept(block)
    }

    /// Blocks that a peer may send unasked before that is a violation. What may have been on its way, after a cancel or
    /// a timeout here or after a quick choke and unchoke, is none of them; BEP 6 would close at the first.
    private static let mostUnasked = 64

    /// All bytes of an admitted block are in its buffer.
    mutating func arrived(
        _ block: BlockRequest, from peer: PeerConnection, _ availability: borrowing Availability,
        _ agenda: inout Agenda
    ) {
        count(block.onWire, from: peer, at: agenda.now)
        answered(block, by: peer, at: agenda.now)
        endArriving(from: peer, &agenda)
        guard let number = geometry.number(of: block), let progress = picker.progress(of: block.piece),
            !progress.isReceived(number)
        else {
            wasted += Int64(block.length)
            return
        }
        picker.receive(number, of: progress, from: peer.contributor, at: agenda.now)
        if progress.requests(of: number) > 0 { cancelElsewhere(block, availability, &agenda) }
        if progress.isFull {
            progress.isVerifying = true
            agenda.effects.append(.verifyAndStore(block.piece))
        } else {
            disownIfChoked(progress, by: peer)
        }
        refill(peer, availability, &agenda)
    }

    /// All bytes of a discarded block have been read: they count for the rate, and its request has been answered.
    mutating func discarded(
        _ wire: WireBlock, from peer: PeerConnection, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        count(wire, from: peer, at: agenda.now)
        wasted += Int64(wire.length)
        if let block = geometry.block(wire) {
            // It was admitted here, but the shell had no buffer for it.
            if peer.download.arriving?.block == block { endArriving(from: peer, &agenda) }
            answered(block, by: peer, at: agenda.now)
        }
        refill(peer, availability, &agenda)
    }

    private mutating func count(_ block: WireBlock, from peer: PeerConnection, at now: Moment) {
        let length = Int(block.length)
        received.add(length, at: now)
        peer.download.received.add(length, at: now)
        peer.download.patience.waitingSince = now
        peer.download.patience.isSnubbed = false
        peer.download.patience.refusals = 0
    }

    /// The request for `block` has been answered with the block.
    private mutating func answered(_ block: BlockRequest, by peer: PeerConnection, at now: Moment) {
        guard let position = peer.download.pipeline.position(of: block) else { return }
        let entry = peer.download.pipeline[position]
        peer.download.watch.came(block.piece, askedAt: entry.sentAt)
        peer.download.pipeline.remove(at: position)
        let limit = deepest(for: peer)
        peer.download.pipeline.answered(sent: entry.sentAt, at: now, limit: limit)
        if !entry.isGivenUp { picker.giveUp(block) }
    }

    /// Cancels the block with the other peers that were asked for it (endgame of BEP 3).
    private mutating func cancelElsewhere(
        _ block: BlockRequest, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        for other in availability.peers {
            guard let position = other.download.pipeline.pendingPosition(of: block) else { continue }
            cancel(at: position, of: other, &agenda)
            if !other.isFast { refill(other, availability, &agenda) }
        }
    }
}
