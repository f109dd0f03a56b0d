import TorrentCore

// Which blocks are asked of whom, and what of that is given up.

extension Download {
    /// Asks `peer` for as much as its pipeline has room for, a few blocks at a time at least, so that the other side
    /// can answer several at once.
    mutating func refill(
        _ peer: PeerConnection, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        guard agenda.isRunning, peer.download.usefulCount > 0, !peer.isGone else { return }
        let isChoked = peer.download.isChokingUs
        if isChoked ? peer.download.allowedFast.isEmpty : peer.download.patience.restsUntil > agenda.now { return }
        let isSnubbed = peer.download.patience.isSnubbed
        let depth = isSnubbed ? 1 : min(peer.download.pipeline.depth, deepest(for: peer))
        guard peer.download.pipeline.count <= depth - max(1, depth / 8) else { return }
        let wasIdle = peer.download.pipeline.count == peer.download.pipeline.givenUpCount
        if wasIdle { peer.download.patience.waitingSince = agenda.now }
        while peer.download.pipeline.count < depth {
            let block =
                isChoked
                ? picker.nextAllowed(for: peer, rejections, availability, &agenda)
                : picker.next(for: peer, rejections, availability, &agenda)
            guard let block else { break }
            peer.download.pipeline.append(block, at: agenda.now)
            if !isChoked { peer.download.watch.asked(for: block.piece) }
            peer.send(.request(block.onWire), &agenda)
        }
        if isSnubbed { giveUpRequests(of: peer) }
        if wasIdle { expect(peer, availability, &agenda) }
        if !hasEnteredEndgame, picker.isEndgame(availability) {
            hasEnteredEndgame = true
            refillAll(availability, &agenda)
        }
    }

    /// Something to ask for may have come free: asks those who have room for it.
    mutating func refillAll(
        besides id: ConnectionID? = nil, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        guard agenda.isRunning, !availability.isComplete else { return }
        for peer in availability.peers where peer.id != id { refill(peer, availability, &agenda) }
    }

    // MARK: Giving up

    /// Others may be asked for what `peer` was asked for, though it may still send it.
    mutating func giveUpRequests(of peer: PeerConnection) {
        for position in peer.download.pipeline.positions where !peer.download.pipeline[position].isGivenUp {
            peer.download.pipeline.giveUp(at: position)
            picker.giveUp(peer.download.pipeline[position].block)
        }
        picker.disown(peer.id)
        peer.download.current = nil
    }

    /// Nothing is expected of `peer` any more.
    mutating func giveUpAll(of peer: PeerConnection) {
        if let block = peer.download.arriving { picker.setArriving(block, false) }
        peer.download.arriving = nil
        giveUpRequests(of: peer)
        peer.download.pipeline.removeAll()
    }

    /// Takes back all that `peer` was asked for of a piece.
    mutating func takeBack(
        _ piece: PieceIndex, from peer: PeerConnection, _ agenda: inout Agenda
    ) {
        if let block = peer.download.arriving, block.piece == piece {
            peer.download.arriving = nil
            picker.setArriving(block, false)
        }
        while let position = peer.download.pipeline.pendingPosition(of: piece) {
            cancel(at: position, of: peer, &agenda)
        }
    }

    mutating func cancel(at position: Int, of peer: PeerConnection, _ agenda: inout Agenda) {
        let block = peer.download.pipeline[position].block
        peer.send(.cancel(block.onWire), &agenda)
        picker.giveUp(block)
        if peer.isFast {
            // A block or a reject will still come.
            peer.download.pipeline.giveUp(at: position)
        } else {
            peer.download.pipeline.remove(at: position)
            peer.download.strays += 1
        }
    }

    // MARK: Refusals

    mutating func rejected(
        _ wire: WireBlock, by peer: PeerConnection, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) -> Violation? {
        guard let block = geometry.block(wire) else { return .blockOutOfRange }
        // One too many is let pass: the request may have timed out here.
        guard let position = peer.download.pipeline.position(of: block) else { return nil }
        peer.download.watch.refused(block.piece)
        let isGivenUp = peer.download.pipeline[position].isGivenUp
        peer.download.pipeline.remove(at: position)
        if peer.download.isChokingUs { peer.download.allowedFast.removeAll { $0 == block.piece } }
        guard !isGivenUp else {
            refill(peer, availability, &agenda)
            return nil
        }
        picker.giveUp(block)
        if let progress = picker.progress(of: block.piece) {
            if progress.isUntouched {
                // Nothing of it has come: it is as rare as before, and nobody has to finish it first.
                picker.discard(progress, availability, &agenda)
            } else if peer.download.isChokingUs {
                settle(progress, of: peer)
            } else if progress.owner === peer {
                progress.owner = nil
            }
        }
        renewInterest(in: block.piece, availability, &agenda)
        // Somebody else is asked first, or the same answer would come back at once.
        if peer.download.current?.piece == block.piece { peer.download.current = nil }
        refillAll(besides: peer.id, availability, &agenda)
        askAgain(peer, availability, &agenda)
        return nil
    }

    /// It has refused something, and others have had their chance at it. As long as it owes us an answer it is asked
    /// again with that. Who has refused all that it was asked for is asked again at once a few times, and then ever
    /// later until a block comes.
    private mutating func askAgain(
        _ peer: PeerConnection, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        if !peer.download.isChokingUs {
            guard peer.download.pipeline.count == 0 else { return }
            peer.download.patience.refusals += 1
            let beyond = peer.download.patience.refusals - Self.refusalsAtOnce
            if beyond > 0 {
                let doublings = min(beyond - 1, Self.mostPauseDoublings)
                peer.download.patience.restsUntil = agenda.now + Self.refusalPause * (1 << doublings)
                return expect(peer, availability, &agenda)
            }
        }
        refill(peer, availability, &agenda)
    }

    private static let refusalsAtOnce = 2
    private static let refusalPause = Duration.milliseconds(250)
    /// So the longest pause is 16 seconds.
    private static let mostPauseDoublings = 6

    /// Whoever chokes us and owes us no more of a piece will not finish it.
    func settle(_ progress: PieceProgress, of peer: PeerConnection) {
        guard peer.download.isChokingUs, progress.owner === peer,
            !peer.download.pipeline.hasRequest(of: progress.piece)
        else { return }
        progress.owner = nil
    }
}
