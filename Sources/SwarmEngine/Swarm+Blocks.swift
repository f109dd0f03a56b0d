package import TorrentCore

// Blocks on their way to us: asking, admitting, receiving, giving up.

extension Swarm {
    // MARK: Arriving

    /// Calls `body` with the blocks that this peer was asked for and most likely sends next, in the order in which it
    /// was asked, until `body` says false. A block that one read may be aimed at is among them once.
    package func forEachExpected(from id: ConnectionID, _ body: (BlockRequest) -> Bool) {
        connections.peer(id)?.pipeline.forEachUnreleased(body)
    }

    /// May the bytes of this block go into the buffer of its piece? Asked when a piece header has been read.
    package mutating func admit(
        _ wire: WireBlock, from id: ConnectionID, at now: Moment, effects: inout SwarmEffects
    ) -> BlockAdmission {
        guard let peer = connections.peer(id) else { return .refuse }
        peer.lastReceivedAt = now
        guard let block = geometry.block(wire) else {
            violate(.blockOutOfRange, by: peer, at: now, effects: &effects)
            return .refuse
        }
        if !peer.pipeline.contains(block) {
            if peer.strays > 0 {
                peer.strays -= 1
            } else {
                peer.unasked += 1
                guard peer.unasked <= Self.mostUnasked else {
                    violate(.unaskedBlocks, by: peer, at: now, effects: &effects)
                    return .refuse
                }
            }
        }
        guard let number = geometry.number(of: block), let progress = picker.progress(of: block.piece),
            !progress.isVerifying, !progress.isReceived(number), !progress.isArriving(number), peer.arriving == nil
        else { return .discard(.unwanted) }
        peer.arriving = block
        picker.setArriving(block, true)
        return .accept(block)
    }

    /// Blocks that a peer may send unasked: a cancel or a timeout may have crossed them on the way.
    private static let mostUnasked = 64

    /// An admitted block is whole in its buffer.
    package mutating func blockArrived(
        _ block: BlockRequest, from id: ConnectionID, at now: Moment, effects: inout SwarmEffects
    ) {
        guard let peer = connections.peer(id) else { return }
        count(block.onWire, from: peer, at: now)
        answer(block, by: peer, at: now)
        peer.arriving = nil
        guard let number = geometry.number(of: block), let progress = picker.progress(of: block.piece),
            !progress.isReceived(number)
        else {
            wasted += Int64(block.length)
            return
        }
        let contributor = Contributor(
            connection: peer.id, endpoint: peer.endpoint, peerID: peer.peerID, listensAt: peer.listensAt)
        picker.receive(number, of: progress, from: contributor)
        if progress.requests(of: number) > 0 { cancelElsewhere(block, at: now, effects: &effects) }
        if progress.isFull {
            progress.isVerifying = true
            effects.append(.verifyAndStore(block.piece))
        } else {
            settle(progress, of: peer)
        }
        refill(peer, at: now, effects: &effects)
    }

    /// A discarded block has gone by: its bytes still count for the rate and free a place in the pipeline.
    package mutating func blockDiscarded(
        _ wire: WireBlock, from id: ConnectionID, at now: Moment, effects: inout SwarmEffects
    ) {
        guard let peer = connections.peer(id) else { return }
        count(wire, from: peer, at: now)
        wasted += Int64(wire.length)
        if let block = geometry.block(wire) {
            // Let in here, and the shell had no place for it.
            if peer.arriving == block {
                peer.arriving = nil
                picker.setArriving(block, false)
            }
            answer(block, by: peer, at: now)
        }
        refill(peer, at: now, effects: &effects)
    }

    private mutating func count(_ block: WireBlock, from peer: PeerConnection, at now: Moment) {
        let length = Int(block.length)
        received.add(length, at: now)
        peer.received.add(length, at: now)
        peer.lastReceivedAt = now
        peer.usefulAt = now
        peer.waitingSince = now
        peer.isSnubbed = false
        peer.refusals = 0
    }

    /// The request for `block` has had its answer.
    private mutating func answer(_ block: BlockRequest, by peer: PeerConnection, at now: Moment) {
        guard let position = peer.pipeline.position(of: block) else { return }
        let entry = peer.pipeline[position]
        peer.watch.came(block.piece, askedAt: entry.sentAt)
        peer.pipeline.remove(at: position)
        peer.pipeline.answered(sent: entry.sentAt, at: now, limit: deepest(for: peer))
        if !entry.isReleased { picker.giveUp(block) }
    }

    /// Others were asked for it too: they need not send it any more.
    private mutating func cancelElsewhere(_ block: BlockRequest, at now: Moment, effects: inout SwarmEffects) {
        for other in connections.open {
            guard let position = other.pipeline.unreleasedPosition(of: block) else { continue }
            cancel(at: position, of: other, at: now, effects: &effects)
            if !other.isFast { refill(other, at: now, effects: &effects) }
        }
    }

    /// Takes back all that `peer` was asked for of a piece.
    mutating func takeBack(
        _ piece: PieceIndex, from peer: PeerConnection, at now: Moment, effects: inout SwarmEffects
    ) {
        if let block = peer.arriving, block.piece == piece {
            peer.arriving = nil
            picker.setArriving(block, false)
        }
        while let position = peer.pipeline.unreleasedPosition(of: piece) {
            cancel(at: position, of: peer, at: now, effects: &effects)
        }
    }

    private mutating func cancel(
        at position: Int, of peer: PeerConnection, at now: Moment, effects: inout SwarmEffects
    ) {
        let block = peer.pipeline[position].block
        send(.cancel(block.onWire), to: peer, at: now, effects: &effects)
        picker.giveUp(block)
        if peer.isFast {
            // A block or a reject will still come.
            peer.pipeline.release(at: position)
        } else {
            peer.pipeline.remove(at: position)
            peer.strays += 1
        }
    }

    mutating func rejected(
        _ wire: WireBlock, by peer: PeerConnection, at now: Moment, effects: inout SwarmEffects
    ) {
        guard let block = geometry.block(wire) else {
            return violate(.blockOutOfRange, by: peer, at: now, effects: &effects)
        }
        // One too many is let pass: the request may have timed out here.
        guard let position = peer.pipeline.position(of: block) else { return }
        peer.watch.refused(block.piece)
        let isReleased = peer.pipeline[position].isReleased
        peer.pipeline.remove(at: position)
        peer.allowedFast.removeAll { $0 == block.piece && peer.isChokingUs }
        guard !isReleased else { return refill(peer, at: now, effects: &effects) }
        picker.giveUp(block)
        if let progress = picker.progress(of: block.piece) {
            if progress.isUntouched {
                // Nothing of it has come: it is as rare as before, and nobody has to finish it first.
                picker.discard(progress, effects: &effects)
            } else if peer.isChokingUs {
                settle(progress, of: peer)
            } else if progress.owner === peer {
                progress.owner = nil
            }
        }
        renewInterest(in: block.piece, at: now, effects: &effects)
        // Somebody else is asked first, or the same answer would come back at once.
        if peer.current?.piece == block.piece { peer.current = nil }
        refillAll(besides: peer.id, at: now, effects: &effects)
        askAgain(peer, at: now, effects: &effects)
    }

    /// It has refused something, and others have had their chance at it. As long as it owes us an answer it is asked
    /// again with that. Who has refused all that it was asked for is asked again at once a few times, and then ever
    /// later until a block comes.
    private mutating func askAgain(_ peer: PeerConnection, at now: Moment, effects: inout SwarmEffects) {
        if !peer.isChokingUs {
            guard peer.pipeline.count == 0 else { return }
            peer.refusals += 1
            if peer.refusals > Self.refusalsAtOnce {
                let doublings = min(peer.refusals - Self.refusalsAtOnce - 1, Self.mostPauseDoublings)
                peer.restsUntil = now + Self.refusalPause * (1 << doublings)
                return expect(peer)
            }
        }
        refill(peer, at: now, effects: &effects)
    }

    private static let refusalsAtOnce = 2
    private static let refusalPause = Duration.milliseconds(250)
    /// So the longest pause is 16 seconds.
    private static let mostPauseDoublings = 6

    /// Whoever chokes us and owes us no more of a piece will not finish it.
    private func settle(_ progress: PieceProgress, of peer: PeerConnection) {
        guard peer.isChokingUs, progress.owner === peer, !peer.pipeline.hasRequest(of: progress.piece) else { return }
        progress.owner = nil
    }

    // MARK: Asking

    /// Requests that a peer is to be asked at once at most.
    private func deepest(for peer: PeerConnection) -> Int {
        max(1, min(limits.pipelineBlocks, peer.requestQueue ?? limits.pipelineBlocks))
    }

    /// Asks `peer` for as much as its pipeline has room for, a few blocks at a time at least, so that the other side
    /// can answer several at once.
    mutating func refill(_ peer: PeerConnection, at now: Moment, effects: inout SwarmEffects) {
        guard isRunning, peer.usefulCount > 0, connections.peer(peer.id) != nil else { return }
        if peer.isChokingUs ? peer.allowedFast.isEmpty : peer.restsUntil > now { return }
        let depth = peer.isSnubbed ? 1 : min(peer.pipeline.depth, deepest(for: peer))
        guard peer.pipeline.count <= depth - max(1, depth / 8) else { return }
        let wasIdle = peer.pipeline.count == peer.pipeline.releasedCount
        if wasIdle { peer.waitingSince = now }
        let circumstances = PiecePicker.Circumstances(now: now, isFirst: have.isEmpty, rejections: rejections)
        while peer.pipeline.count < depth {
            let block =
                peer.isChokingUs
                ? picker.nextAllowed(for: peer, in: circumstances, effects: &effects)
                : picker.next(for: peer, in: circumstances, using: &generator, effects: &effects)
            guard let block else { break }
            peer.pipeline.append(block, at: now)
            if !peer.isChokingUs { peer.watch.asked(for: block.piece) }
            send(.request(block.onWire), to: peer, at: now, effects: &effects)
        }
        if peer.isSnubbed { releaseRequests(of: peer) }
        if wasIdle { expect(peer) }
        if !hasRungEndgame, picker.isEndgame {
            hasRungEndgame = true
            refillAll(at: now, effects: &effects)
        }
    }

    /// Something to ask for may have come free: asks those who have room for it.
    mutating func refillAll(besides id: ConnectionID? = nil, at now: Moment, effects: inout SwarmEffects) {
        guard isRunning, !isComplete else { return }
        for peer in connections.open where peer.id != id {
            refill(peer, at: now, effects: &effects)
        }
    }

    // MARK: Giving up

    /// Others may be asked for what `peer` was asked for, though it may still send it.
    mutating func releaseRequests(of peer: PeerConnection) {
        for position in peer.pipeline.positions where !peer.pipeline[position].isReleased {
            peer.pipeline.release(at: position)
            picker.giveUp(peer.pipeline[position].block)
        }
        picker.disown(peer.id)
        peer.current = nil
    }

    /// Nothing is expected of `peer` any more.
    mutating func giveUpAll(of peer: PeerConnection) {
        if let block = peer.arriving { picker.setArriving(block, false) }
        peer.arriving = nil
        releaseRequests(of: peer)
        peer.pipeline.removeAll()
    }
}
