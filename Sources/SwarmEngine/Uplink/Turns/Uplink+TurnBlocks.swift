import TorrentCore

// Within an upload turn: the first request, the last one, and the blocks that leave.

extension Uplink {
    /// A longer answer counts as this, so that no peer can hold up the others by answering ever later.
    private static let longestAnswer = Duration.seconds(3)

    /// A request has been queued. The first one of a turn decides which piece the turn is for.
    mutating func queued(
        _ block: BlockRequest, by peer: PeerConnection, expecting newcomers: Int,
        _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        guard let turns, var turn = peer.uplink.turns.current else { return }
        if turn.piece == nil {
            turn.piece = block.piece
            turn.from = block.begin
            turn.lastProgressAt = agenda.now
            if turn.offered == nil { turns.ledger?.began(block.piece.position, to: peer, availability) }
            if turns.isSuperSeeding { turn.offered = decided(block.piece, turn, of: peer, turns, availability) }
            answered(turn, by: peer, turns, at: agenda.now)
        }
        peer.uplink.turns.current = turn
        let isLast = Int(block.begin) + Int(block.length) == geometry.length(of: block.piece)
        if let piece = turn.piece, !turn.isClosing, isLast || piece != block.piece,
            isWorthATurn(piece, from: turn.from)
        {
            allIsAskedFor(of: piece, by: peer, expecting: newcomers, availability, &agenda)
        }
        advanceTurns(expecting: newcomers, availability, &agenda)
    }

    /// The first request of a turn has come.
    private func answered(_ turn: UploadTurn, by peer: PeerConnection, _ turns: Turns, at now: Moment) {
        let answer = min(now - turn.beganAt, Self.longestAnswer)
        peer.uplink.turns.unanswered = 0
        peer.uplink.turns.missedAt = nil
        peer.uplink.turns.late = (0, .zero)
        peer.uplink.turns.answerTime.add(answer)
        turns.history.answerTime.add(answer)
    }

    /// A request came after its turn was over: this peer takes longer to ask than was thought.
    func answeredTooLate(_ peer: PeerConnection, at now: Moment) {
        guard let missed = peer.uplink.turns.missedAt else { return }
        peer.uplink.turns.missedAt = nil
        peer.uplink.turns.late = (peer.uplink.turns.late.count + 1, min(now - missed, Self.longestAnswer * 2))
    }

    /// The peer has asked for all of its piece. If others want turns, it is choked: we could serve it again only after
    /// them, so it should ask elsewhere.
    private func allIsAskedFor(
        of piece: PieceIndex, by peer: PeerConnection, expecting newcomers: Int,
        _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        if !hasRival(peer, expecting: newcomers, availability, at: agenda.now) {
            if isSuperSeeding { return showNext(to: peer, availability, &agenda) }
            show(to: peer, &agenda)
        } else if peer.isFast {
            peer.uplink.turns.current?.isClosing = true
            choke(peer, .turnOver, keeping: piece, &agenda)
        }
    }

    /// No other peer wants a turn, so choking and unchoking this one would only cost time: some clients ask for nothing
    /// for ten seconds after each choke.
    func isAlone(
        _ peer: PeerConnection, expecting newcomers: Int, _ availability: borrowing Availability, at now: Moment
    ) -> Bool {
        if isGathering(expecting: newcomers, availability, at: now) { return true }
        return !availability.peers.contains { $0 !== peer && wantsTurn($0) }
    }

    /// Another peer wants a turn, or has one and waits for the line. One that asked for nothing in its last turn does
    /// not count: another seed that hides its pieces looks as if it wanted everything.
    func hasRival(
        _ peer: PeerConnection, expecting newcomers: Int, _ availability: borrowing Availability, at now: Moment
    ) -> Bool {
        guard !isGathering(expecting: newcomers, availability, at: now) else { return false }
        return availability.peers.contains { other in
            guard other !== peer, other.uplink.turns.unanswered == 0 else { return false }
            return other.uplink.turns.current == nil
                ? wantsTurn(other) : other.uplink.uploads.releasedBytes == 0
        }
    }

    /// At least half of the piece was asked for; after less, the turn goes on with another piece.
    func isWorthATurn(_ piece: PieceIndex, from: UInt32) -> Bool {
        let length = geometry.length(of: piece)
        return (length - Int(from)) * 2 >= length
    }

    /// Hands over blocks of the oldest turns that have any, of as many turns as it takes to fill the uplink.
    func releaseTurns(_ turns: Turns, _ agenda: inout Agenda) {
        // If several peers have stalled together, trying more at once finds one that is still there sooner.
        var room = turns.pace.width + stalledSinceLast
        let window = releaseWindow(turns)
        for peer in turns.order where room > 0 {
            guard var turn = peer.uplink.turns.current, let piece = turn.piece else { continue }
            if turn.released == 0, turn.from == 0, peer.uplink.delivery == nil, !peer.uplink.uploads.isIdle {
                peer.uplink.delivery = (piece, agenda.now)
                turns.trial.firstDeliveryAt = turns.trial.firstDeliveryAt ?? agenda.now
            }
            if peer.uplink.uploads.releasedBytes == 0 { moved(peer, &agenda) }
            while let block = peer.uplink.uploads.release(upTo: window, of: piece) {
                turn.released = max(turn.released, Int(block.begin) + Int(block.length) - Int(turn.from))
                agenda.effects.append(.serve(peer.id, block))
            }
            peer.uplink.turns.current = turn
            if peer.uplink.uploads.releasedBytes > 0 { room -= 1 }
        }
    }

    /// Half a second's sending, bytes.
    private func releaseWindow(_ turns: Turns) -> Int {
        let ahead = Int(min(Double(limits.releasedBytes), turns.pace.current / 2))
        return max(min(Self.smallestWindow, limits.releasedBytes), ahead)
    }

    /// A block of a peer has left while turns are given.
    mutating func turnBlockSent(
        _ block: BlockRequest, of peer: PeerConnection, expecting newcomers: Int,
        _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        guard let turns else { return }
        if var turn = peer.uplink.turns.current {
            turn.sent += Int(block.length)
            turn.lastProgressAt = agenda.now
            peer.uplink.turns.current = turn
        }
        advanceTurns(expecting: newcomers, availability, &agenda)
        turns.history.isBusy = turns.order.contains { $0.uplink.uploads.releasedBytes > 0 }
    }
}
