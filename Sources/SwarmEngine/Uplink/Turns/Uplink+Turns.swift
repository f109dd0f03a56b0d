import TorrentCore

// The serial uplink: the next peer is unchoked while the last bytes of the piece before it leave.
//
// `Turns.order` has the turns in the order in which they began. Of those with requests the first few are being sent;
// the others wait.

extension Uplink {
    /// The most turns at once, those without a request yet included.
    private static let mostTurns = 16
    /// The time from an unchoke to the first request, until it has been measured.
    private static let usualAnswer = Duration.milliseconds(250)
    /// A peer that asks for nothing in its turn gets none for this time, twice as long each further time.
    private static let shortestPass = Duration.milliseconds(500)
    private static let mostDoublings = 4
    /// After so many first requests in a row that came too late, the next turn waits as long as they took. Not sooner:
    /// in most cases a queue on the path was to blame, and it is gone the next time.
    private static let lateTurns = 5

    /// Ends the turns that are over, begins new ones as needed, and hands over blocks.
    mutating func advanceTurns(
        expecting newcomers: Int, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        guard agenda.isRunning, let turns else { return }
        endTurns(turns, expecting: newcomers, availability, &agenda)
        agenda.deadlines.clear(.turn)
        var begun = 0
        while turns.order.count < Self.mostTurns, begun < Self.mostTurns,
            needsAnother(turns, expecting: newcomers, availability, at: agenda.now)
        {
            guard let (peer, reason) = chooseNext(turns, availability, &agenda) else { break }
            begin(peer, reason, turns, availability, &agenda)
            begun += 1
        }
        releaseTurns(turns, &agenda)
        let unanswered = turns.unansweredCount
        for peer in turns.order where isIdle(peer) {
            let deadline = deadline(ofTurn: peer, turns, after: agenda.now, among: unanswered)
            // A passed deadline means that the peer is alone: its turn has no end.
            if deadline > agenda.now { agenda.deadlines.set(.turn, noLaterThan: deadline) }
        }
    }

    /// No block of it is leaving, so no `blockSent` will come back here: it needs a deadline.
    private func isIdle(_ peer: PeerConnection) -> Bool {
        peer.uplink.turns.current?.piece == nil
            ? peer.uplink.uploads.releasedBytes == 0 : peer.uplink.uploads.isIdle
    }

    // MARK: Whether to begin another turn

    /// No turn waits for its first request, and what is being sent will have left by the time that the next peer asks.
    private func needsAnother(
        _ turns: Turns, expecting newcomers: Int, _ availability: borrowing Availability, at now: Moment
    ) -> Bool {
        guard turns.order.isEmpty || !isGathering(expecting: newcomers, availability, at: now) else { return false }
        var left = 0
        var onWire = 0
        let unanswered = turns.unansweredCount
        for peer in turns.order {
            guard let turn = peer.uplink.turns.current else { continue }
            if turn.piece == nil {
                guard now < overdue(peer, turn, turns, among: unanswered) else { continue }
                // A quick line would run dry if one was waited for after the other.
                guard turns.isSuperSeeding, turns.pace.current > 0 else { return false }
                left += geometry.pieceLength
                onWire += 1
            } else if !peer.uplink.uploads.isIdle {
                left += remaining(of: peer, turn)
                onWire += 1
            }
        }
        // Until the rate of the line is known the next turn begins at once: waiting gained nothing.
        let pace = turns.pace
        guard onWire >= pace.width + stalledSinceLast, let timeLeft = pace.time(for: left),
            let blockTime = pace.time(for: min(TorrentGeometry.blockLength, geometry.pieceLength))
        else { return true }
        let answer = turns.history.answerTime.value ?? Self.usualAnswer
        return timeLeft <= answer / max(0.25, 1 - turns.history.misses) + blockTime
    }

    /// Bytes that still have to leave in its turn.
    private func remaining(of peer: PeerConnection, _ turn: UploadTurn) -> Int {
        guard let piece = turn.piece else { return geometry.pieceLength }
        return max(
            peer.uplink.uploads.releasedBytes, geometry.length(of: piece) - Int(turn.from) - turn.sent)
    }

    /// How long a peer usually takes from an unchoke to its first request.
    private func usualAnswer(of peer: PeerConnection, _ turns: Turns) -> Duration {
        peer.uplink.turns.answerTime.value ?? turns.history.answerTime.value ?? Self.usualAnswer
    }

    /// When another turn may begin because this peer has asked for nothing. Each further turn without a request doubles
    /// that time: if several do not ask, the path has most likely become slow.
    private func overdue(_ peer: PeerConnection, _ turn: UploadTurn, _ turns: Turns, among unanswered: Int) -> Moment {
        let usual = usualAnswer(of: peer, turns)
        let time = usual + usual / 4 + .milliseconds(10)
        return turn.beganAt + time * (1 << min(Self.mostDoublings, unanswered - 1))
    }

    /// When to look at its turn again if nothing happens.
    private func deadline(
        ofTurn peer: PeerConnection, _ turns: Turns, after now: Moment, among unanswered: Int
    ) -> Moment {
        guard let turn = peer.uplink.turns.current else { return .distantFuture }
        if turn.piece == nil {
            let overdue = overdue(peer, turn, turns, among: unanswered)
            return overdue > now ? overdue : patience(with: peer, turn, turns)
        }
        return patience(with: peer, turn, turns)
    }

    /// When its turn ends if nothing happens.
    private func patience(with peer: PeerConnection, _ turn: UploadTurn, _ turns: Turns) -> Moment {
        let known = usualAnswer(of: peer, turns) * 3 + .milliseconds(100)
        let late = peer.uplink.turns.late
        return turn.lastProgressAt + (late.count < Self.lateTurns ? known : max(known, late.answer * 5 / 4))
    }

    // MARK: Who has the next turn

    private func chooseNext(
        _ turns: Turns, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) -> (peer: PeerConnection, reason: UnchokeReason)? {
        var candidates: [SerialChoker.Candidate] = []
        var soonest = Moment.distantFuture
        let isSpreading = turns.ledger != nil
        for peer in availability.peers where peer.uplink.turns.current == nil && wantsTurn(peer) {
            guard peer.uplink.turns.passedOverUntil <= agenda.now else {
                soonest = min(soonest, peer.uplink.turns.passedOverUntil)
                continue
            }
            guard !turns.isSuperSeeding || mayBeGiven(peer, turns, availability, at: agenda.now) else {
                soonest = min(soonest, peer.uplink.spread.sparing.waitsUntil)
                continue
            }
            candidates.append(
                SerialChoker.Candidate(
                    id: peer.id, given: peer.giving(at: agenda.now).verifiedBytes, got: peer.uplink.sent.total,
                    lastTurnAt: peer.uplink.turns.lastBeganAt, unspread: peer.uplink.spread.unspread,
                    hasSpread: peer.uplink.spread.hasSpread,
                    lacks: isSpreading ? 0 : availability.lackCount(of: peer)))
        }
        let chosen = turns.history.choker.next(
            candidates, isSpreading: isSpreading, pieceLength: geometry.pieceLength, using: &agenda.generator)
        guard let chosen else {
            agenda.deadlines.set(.turn, noLaterThan: soonest)
            return nil
        }
        return availability.peers.first { $0.id == chosen.id }
            .map { ($0, chosen.reason(isFetching: availability.isFetching)) }
    }

    /// It is interested or, if our pieces are hidden from it, no seed; and it has not stalled.
    func wantsTurn(_ peer: PeerConnection) -> Bool {
        !peer.uplink.flow.isStalled
            && (peer.uplink.spread.isHidden ? !peer.pieces.isSeed : peer.uplink.isInterestedInUs)
    }

    // MARK: Beginning and ending

    private func begin(
        _ peer: PeerConnection, _ reason: UnchokeReason, _ turns: Turns, _ availability: borrowing Availability,
        _ agenda: inout Agenda
    ) {
        let offered = offer(to: peer, turns, availability, &agenda)
        peer.uplink.turns.current = UploadTurn(at: agenda.now, offered: offered)
        peer.uplink.turns.lastBeganAt = agenda.now
        turns.trial.firstTurnAt = turns.trial.firstTurnAt ?? agenda.now
        turns.order.append(peer)
        watch(&agenda)
        if peer.uplink.isChokedByUs { unchoke(peer, reason, &agenda) } else { peer.uplink.standing = .unchoked(reason) }
        guard let offered else { return }
        turns.ledger?.began(offered, to: peer, availability)
        show(offered, to: peer, &agenda)
        if turns.isSuperSeeding { showMore(to: peer, turns, availability, &agenda) }
    }

    func show(_ piece: Int, to peer: PeerConnection, _ agenda: inout Agenda) {
        guard peer.uplink.spread.shown?[piece] == false else { return }
        peer.uplink.spread.shown?[piece] = true
        peer.send(.have(UInt32(truncatingIfNeeded: piece)), &agenda)
    }

    /// The piece chosen for a peer from which our pieces are hidden (BEP 16); nil if it sees all of them.
    private func offer(
        to peer: PeerConnection, _ turns: Turns, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) -> Int? {
        if turns.isSuperSeeding {
            return peer.uplink.spread.isHidden ? spare(to: peer, turns, availability, &agenda) : nil
        }
        guard let ledger = turns.ledger else {
            show(to: peer, &agenda)
            return nil
        }
        guard peer.uplink.spread.isHidden else { return nil }
        return ledger.choose(for: peer.pieces.have, availability, using: &agenda.generator)
    }

    private func endTurns(
        _ turns: Turns, expecting newcomers: Int, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        var position = 0
        while position < turns.order.count {
            let peer = turns.order[position]
            if let piece = peer.uplink.turns.current?.piece, !peer.uplink.uploads.isWaiting(for: piece) {
                moveToNextPiece(peer, expecting: newcomers, availability, &agenda)
            }
            guard let turn = peer.uplink.turns.current,
                isOver(turn, of: peer, turns, expecting: newcomers, availability, at: agenda.now)
            else {
                position += 1
                continue
            }
            turns.order.remove(at: position)
            end(turn, of: peer, turns, &agenda)
        }
    }

    /// After the rest of a piece, or without a rival, the turn goes on with the next piece.
    private func moveToNextPiece(
        _ peer: PeerConnection, expecting newcomers: Int, _ availability: borrowing Availability,
        _ agenda: inout Agenda
    ) {
        guard var turn = peer.uplink.turns.current, let piece = turn.piece, let next = peer.uplink.uploads.next,
            next.piece != piece
        else { return }
        if isWorthATurn(piece, from: turn.from) {
            guard !turn.isClosing, !hasRival(peer, expecting: newcomers, availability, at: agenda.now) else { return }
        }
        if let turns, turns.isSuperSeeding { leave(turn, with: turn.released, of: peer, turns) }
        turn.piece = next.piece
        turn.from = next.begin
        turn.released = 0
        turn.sent = 0
        peer.uplink.turns.current = turn
        guard let turns, turns.isSuperSeeding else { return }
        wentOn(peer, turns, availability)
        // Nobody else waits for a turn: it is shown the next pieces while this one is sent.
        if !hasRival(peer, expecting: newcomers, availability, at: agenda.now) {
            showNext(to: peer, availability, &agenda)
        }
    }

    private func isOver(
        _ turn: UploadTurn, of peer: PeerConnection, _ turns: Turns, expecting newcomers: Int,
        _ availability: borrowing Availability, at now: Moment
    ) -> Bool {
        guard peer.uplink.uploads.releasedBytes == 0 else { return false }
        guard let piece = turn.piece else {
            if !peer.uplink.spread.isHidden, !peer.uplink.isInterestedInUs { return true }
            guard now >= patience(with: peer, turn, turns) else { return false }
            return turns.isSuperSeeding || !isAlone(peer, expecting: newcomers, availability, at: now)
        }
        guard !peer.uplink.uploads.isWaiting(for: piece) else { return false }
        // A peer that asks for another piece has asked for all that it wants of this one.
        if Int(turn.from) + turn.released >= geometry.length(of: piece) || peer.uplink.uploads.waitingCount > 0 {
            return true
        }
        return now >= patience(with: peer, turn, turns)
    }

    func end(_ turn: UploadTurn, of peer: PeerConnection, _ turns: Turns, _ agenda: inout Agenda) {
        peer.uplink.turns.current = nil
        turns.history.misses += ((turn.piece == nil ? 1 : 0) - turns.history.misses) / 16
        if turn.piece == nil { passOver(peer, turn, at: agenda.now) }
        if turn.piece == nil || peer.uplink.flow.isStalled || turns.isSuperSeeding { failed(turn, of: peer, turns) }
        if turns.isSuperSeeding { waits(peer, at: agenda.now) }
        if !peer.uplink.isChokedByUs {
            choke(peer, whyOver(turn, of: peer), &agenda)
        } else {
            dropRequests(of: peer, &agenda)
        }
    }

    private func whyOver(_ turn: UploadTurn, of peer: PeerConnection) -> ChokeReason {
        if peer.uplink.flow.isStalled { return .stalled }
        guard turn.piece == nil else { return .turnOver }
        return peer.uplink.spread.isHidden || peer.uplink.isInterestedInUs ? .askedNothing : .wantsNothing
    }

    /// It asked for nothing in its turn: others come first for a while.
    private func passOver(_ peer: PeerConnection, _ turn: UploadTurn, at now: Moment) {
        peer.uplink.turns.missedAt = turn.beganAt
        peer.uplink.turns.unanswered = min(Self.mostDoublings, peer.uplink.turns.unanswered + 1)
        peer.uplink.turns.passedOverUntil = now + Self.shortestPass * (1 << (peer.uplink.turns.unanswered - 1))
    }

    /// It did not get the piece that was chosen for it.
    private func failed(_ turn: UploadTurn, of peer: PeerConnection, _ turns: Turns) {
        if turns.isSuperSeeding { return cameToNothing(turn, of: peer, turns) }
        if let offered = turn.offered, !peer.pieces.have[offered] { turns.ledger?.failed(offered, to: peer) }
    }

    /// The connection has ended, and the turn with it.
    mutating func dropTurn(
        of peer: PeerConnection, expecting newcomers: Int, _ availability: borrowing Availability,
        _ agenda: inout Agenda
    ) {
        guard let turns, let turn = peer.uplink.turns.current else { return }
        failed(turn, of: peer, turns)
        peer.uplink.turns.current = nil
        turns.order.removeAll { $0 === peer }
        advanceTurns(expecting: newcomers, availability, &agenda)
    }
}
