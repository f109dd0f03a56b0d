import TorrentCore

// Which blocks are requested from which peer, and which requests are given up.

extension Download {
    /// Fills the request pipeline of `peer`, once an eighth of it is free: so requests go out, and blocks come back,
    /// several at once.
    mutating func refill(
        _ peer: PeerConnection, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        guard agenda.isRunning, peer.download.usefulCount > 0, !peer.isGone, !peer.isLate else { return }
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

    /// Blocks may have become free: fills the pipelines of all peers that have room.
    mutating func refillAll(
        besides id: ConnectionID? = nil, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        guard agenda.isRunning, !availability.isComplete else { return }
        for peer in availability.peers where peer.id != id { refill(peer, availability, &agenda) }
    }

    // MARK: Giving up

    /// Lets other peers be asked for all that `peer` was asked for, though it may still send it.
    mutating func giveUpRequests(of peer: PeerConnection) {
        for position in peer.download.pipeline.positions where !peer.download.pipeline[position].isGivenUp {
            peer.download.pipeline.giveUp(at: position)
            picker.giveUp(peer.download.pipeline[position].block)
        }
        picker.disown(peer.id)
        peer.download.current = nil
    }

    /// Forgets all requests to `peer`.
    mutating func giveUpAll(of peer: PeerConnection) {
        endArriving(from: peer)
        giveUpRequests(of: peer)
        peer.download.pipeline.removeAll()
    }

    /// Cancels all that `peer` was asked for of one piece.
    mutating func takeBack(
        _ piece: PieceIndex, from peer: PeerConnection, _ agenda: inout Agenda
    ) {
        if peer.download.arriving?.block.piece == piece { endArriving(from: peer) }
        while let position = peer.download.pipeline.pendingPosition(of: piece) {
            cancel(at: position, of: peer, &agenda)
        }
    }

    mutating func cancel(at position: Int, of peer: PeerConnection, _ agenda: inout Agenda) {
        let block = peer.download.pipeline[position].block
        peer.send(.cancel(block.onWire), &agenda)
        picker.giveUp(block)
        if peer.isFast {
            // With BEP 6 a block or a reject still has to come.
            peer.download.pipeline.giveUp(at: position)
        } else {
            peer.download.pipeline.remove(at: position)
            peer.download.strays += 1
        }
    }

    // MARK: Refusals

    /// `peer` rejects a request (BEP 6).
    mutating func rejected(
        _ wire: WireBlock, by peer: PeerConnection, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) -> Violation? {
        guard let block = geometry.block(wire) else { return .blockOutOfRange }
        // A reject without a request is ignored: the request may have timed out here.
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
                // No block of it has come: it goes back among the waiting pieces and is picked by rarity again.
                picker.discard(progress, availability, &agenda)
            } else if peer.download.isChokingUs {
                disownIfChoked(progress, by: peer)
            } else if progress.owner === peer {
                progress.owner = nil
            }
        }
        renewInterest(in: block.piece, availability, &agenda)
        // Other peers are asked first, or this one would reject the same request again at once.
        if peer.download.current?.piece == block.piece { peer.download.current = nil }
        refillAll(besides: peer.id, availability, &agenda)
        askAgain(peer, availability, &agenda)
        return nil
    }

    /// `peer` has rejected a request, and the others have had their chance at the block. As long as other requests to
    /// it are unanswered, it is asked again with their answers. A peer that has rejected all its requests is asked
    /// again at once a few times, and then after ever longer pauses, until it sends a block.
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

    /// A peer that chokes us, and has no request left for a piece, will not finish it: the piece has no owner any more.
    func disownIfChoked(_ progress: PieceProgress, by peer: PeerConnection) {
        guard peer.download.isChokingUs, progress.owner === peer,
            !peer.download.pipeline.hasRequest(of: progress.piece)
        else { return }
        progress.owner = nil
    }
}
