import TorrentCore

// The serial uplink: who is served next is prepared while the last bytes of the piece before leave.
//
// `turns` are in the order in which they began. The first few of those that have been asked for something are on the
// wire; the others wait with their requests.

extension Swarm {
    /// Turns at once at most, those being prepared included.
    private static let mostTurns = 16
    /// How long an unchoked peer is thought to need for its first request before it has shown it.
    private static let usualAnswer: Int64 = 250_000_000
    /// More is not believed: nobody is to hold up the others by answering ever later.
    private static let longestAnswer: Int64 = 3_000_000_000
    /// Who asks for nothing is passed over for this time, twice as long each time.
    private static let shortestPass: Int64 = 500_000_000
    private static let mostDoublings = 4
    /// After so many answers in a row that came too late, the turn waits as long as they took. Not at once: with most
    /// it is a queue that has gone by the next time.
    private static let lateTurns = 5

    /// Ends and begins turns as far as what has happened asks for it.
    mutating func advanceTurns(at now: Moment, effects: inout SwarmEffects) {
        guard isRunning, isSerial else { return }
        endTurns(at: now, effects: &effects)
        nextTurnCheck = .distantFuture
        var begun = 0
        while turns.count < Self.mostTurns, begun < Self.mostTurns, needsAnother(at: now) {
            guard let peer = chooseNext(at: now) else { break }
            begin(peer, at: now, effects: &effects)
            begun += 1
        }
        releaseTurns(at: now, effects: &effects)
        let unanswered = unansweredTurns
        // What is still leaving comes back here by itself when it has left.
        for peer in turns
        where peer.turn?.piece == nil ? peer.uploads.releasedBytes == 0 : peer.uploads.isIdle {
            let deadline = deadline(ofTurn: peer, after: now, among: unanswered)
            // Who is alone is waited for without end.
            if deadline > now { nextTurnCheck = min(nextTurnCheck, deadline) }
        }
    }

    // MARK: Whether

    /// Nothing is about to be asked for, and what is being sent will be gone by the time that the next one asks.
    private func needsAnother(at now: Moment) -> Bool {
        guard turns.isEmpty || !isGathering(at: now) else { return false }
        var left = 0
        var onWire = 0
        let unanswered = unansweredTurns
        for peer in turns {
            guard let turn = peer.turn else { continue }
            if turn.piece == nil {
                if now < overdue(peer, turn, among: unanswered) { return false }
            } else if !peer.uploads.isIdle {
                left += remaining(of: peer, turn)
                onWire += 1
            }
        }
        // Until the line has been measured the next one is prepared at once: holding back gained nothing.
        guard onWire >= pace.width + stalledSinceLast, pace.current > 0 else { return true }
        let block = min(TorrentGeometry.blockLength, geometry.pieceLength)
        let answer = Double(answerTime.value ?? Self.usualAnswer) / 1e9
        let lead = answer / max(0.25, 1 - misses) + pace.time(for: block)
        return pace.time(for: left) <= lead
    }

    /// Bytes until its turn ends.
    private func remaining(of peer: PeerConnection, _ turn: UploadTurn) -> Int {
        guard let piece = turn.piece else { return geometry.pieceLength }
        return max(peer.uploads.releasedBytes, geometry.length(of: piece) - Int(turn.from) - turn.sent)
    }

    private var unansweredTurns: Int { turns.count { $0.turn?.piece == nil } }

    /// Each further one that does not answer is given twice the time: it is rather the way there that has become long.
    private func overdue(_ peer: PeerConnection, _ turn: UploadTurn, among unanswered: Int) -> Moment {
        let usual = peer.answerTime.value ?? answerTime.value ?? Self.usualAnswer
        let time = (usual + usual / 4 + 10_000_000) << Int64(min(Self.mostDoublings, unanswered - 1))
        return Moment(nanoseconds: turn.beganAt.nanoseconds + time)
    }

    /// When to look at it again if nothing comes of it.
    private func deadline(ofTurn peer: PeerConnection, after now: Moment, among unanswered: Int) -> Moment {
        guard let turn = peer.turn else { return .distantFuture }
        if turn.piece == nil {
            let overdue = overdue(peer, turn, among: unanswered)
            return overdue > now ? overdue : patience(with: peer, turn)
        }
        return patience(with: peer, turn)
    }

    private func patience(with peer: PeerConnection, _ turn: UploadTurn) -> Moment {
        let usual = peer.answerTime.value ?? answerTime.value ?? Self.usualAnswer
        let known = 3 * usual + 100_000_000
        let time = peer.late.turns < Self.lateTurns ? known : max(known, peer.late.answer * 5 / 4)
        return Moment(nanoseconds: turn.lastProgressAt.nanoseconds + time)
    }

    // MARK: Who

    private mutating func chooseNext(at now: Moment) -> PeerConnection? {
        var candidates: [SerialChoker.Candidate] = []
        var soonest = Moment.distantFuture
        for peer in connections.open where peer.turn == nil && wantsTurn(peer) {
            guard peer.passedOverUntil <= now else {
                soonest = min(soonest, peer.passedOverUntil)
                continue
            }
            candidates.append(
                SerialChoker.Candidate(
                    id: peer.id, given: peer.verifiedBytes, got: peer.sent.total, lastTurnAt: peer.lastTurnAt,
                    unspread: peer.unspread, hasSpread: peer.hasSpread,
                    lacks: ledger == nil ? lackCount(of: peer) : 0))
        }
        let chosen = serial.next(
            candidates, isSpreading: ledger != nil, pieceLength: geometry.pieceLength, using: &generator)
        guard let chosen else {
            nextTurnCheck = min(nextTurnCheck, soonest)
            return nil
        }
        return connections.peer(chosen)
    }

    /// Pieces that we have and it has not.
    private func lackCount(of peer: PeerConnection) -> Int {
        var count = 0
        for index in 0..<min(have.wordCount, 64) {
            count += (have.word(index) & ~peer.have.word(index)).nonzeroBitCount
        }
        return count
    }

    private func wantsTurn(_ peer: PeerConnection) -> Bool {
        !peer.isStalled && (peer.isHiddenFrom ? !peer.have.isFull : peer.isInterestedInUs)
    }

    // MARK: Beginning and ending

    private mutating func begin(_ peer: PeerConnection, at now: Moment, effects: inout SwarmEffects) {
        var offered: Int?
        if ledger == nil { show(to: peer, at: now, effects: &effects) }
        if let ledger, peer.isHiddenFrom {
            offered = ledger.choose(
                for: peer.have, availability: { picker.rarity.count(of: $0) }, using: &generator)
        }
        peer.turn = UploadTurn(at: now, offered: offered)
        peer.lastTurnAt = now
        firstTurnAt = firstTurnAt ?? now
        turns.append(peer)
        watchUploads(at: now)
        if peer.isChokedByUs {
            peer.isChokedByUs = false
            peer.unchokedAt = now
            peer.sentWhenUnchoked = peer.sent.total
            peer.refusedRequests = 0
            send(.unchoke, to: peer, at: now, effects: &effects)
        }
        if let offered {
            ledger?.began(offered, to: peer)
            if peer.shown?[offered] == false {
                peer.shown?[offered] = true
                send(.have(UInt32(truncatingIfNeeded: offered)), to: peer, at: now, effects: &effects)
            }
        }
    }

    private mutating func endTurns(at now: Moment, effects: inout SwarmEffects) {
        var position = 0
        while position < turns.count {
            let peer = turns[position]
            if let piece = peer.turn?.piece, !peer.uploads.isWaiting(for: piece) { goOn(peer, at: now) }
            guard let turn = peer.turn, isOver(turn, of: peer, at: now) else {
                position += 1
                continue
            }
            turns.remove(at: position)
            end(turn, of: peer, at: now, effects: &effects)
        }
    }

    /// After the rest of a piece the turn is for the next one.
    private func goOn(_ peer: PeerConnection, at now: Moment) {
        guard var turn = peer.turn, let piece = turn.piece, let next = peer.uploads.next, next.piece != piece,
            !isWorthATurn(piece, from: turn.from) || (!turn.isClosing && !hasRival(peer, at: now))
        else { return }
        turn.piece = next.piece
        turn.from = next.begin
        turn.released = 0
        turn.sent = 0
        peer.turn = turn
    }

    private func isOver(_ turn: UploadTurn, of peer: PeerConnection, at now: Moment) -> Bool {
        guard peer.uploads.releasedBytes == 0 else { return false }
        guard let piece = turn.piece else {
            return (now >= patience(with: peer, turn) && !isAlone(peer, at: now))
                || (!peer.isHiddenFrom && !peer.isInterestedInUs)
        }
        guard !peer.uploads.isWaiting(for: piece) else { return false }
        // Who has gone on to another piece has asked for all that it wants of this one.
        if Int(turn.from) + turn.released >= geometry.length(of: piece) || peer.uploads.waitingCount > 0 { return true }
        return now >= patience(with: peer, turn)
    }

    mutating func end(
        _ turn: UploadTurn, of peer: PeerConnection, at now: Moment, effects: inout SwarmEffects
    ) {
        peer.turn = nil
        misses += ((turn.piece == nil ? 1 : 0) - misses) / 16
        if turn.piece == nil {
            peer.missedTurn = turn.beganAt
            peer.unanswered = min(Self.mostDoublings, peer.unanswered + 1)
            peer.passedOverUntil = Moment(
                nanoseconds: now.nanoseconds + Self.shortestPass << Int64(peer.unanswered - 1))
        }
        if turn.piece == nil || peer.isStalled, let offered = turn.offered, !peer.have[offered] {
            ledger?.failed(offered, to: peer)
        }
        if !peer.isChokedByUs {
            choke(peer, at: now, effects: &effects)
        } else {
            dropRequests(of: peer, at: now, effects: &effects)
        }
    }

    /// The connection is gone.
    mutating func dropTurn(of peer: PeerConnection, at now: Moment, effects: inout SwarmEffects) {
        if let turn = peer.turn, let offered = turn.offered, !peer.have[offered] {
            ledger?.failed(offered, to: peer)
        }
        peer.turn = nil
        turns.removeAll { $0 === peer }
        advanceTurns(at: now, effects: &effects)
    }

    // MARK: Blocks

    /// A request has been queued: the first one of a turn says which piece it is about.
    mutating func queued(_ block: BlockRequest, by peer: PeerConnection, at now: Moment, effects: inout SwarmEffects) {
        guard var turn = peer.turn else { return }
        if turn.piece == nil {
            turn.piece = block.piece
            turn.from = block.begin
            turn.lastProgressAt = now
            if turn.offered == nil { ledger?.began(block.piece.position, to: peer) }
            peer.unanswered = 0
            let answer = min(now.nanoseconds - turn.beganAt.nanoseconds, Self.longestAnswer)
            peer.missedTurn = nil
            peer.late = (0, 0)
            peer.answerTime.add(answer)
            answerTime.add(answer)
        }
        peer.turn = turn
        let isLast = Int(block.begin) + Int(block.length) == geometry.length(of: block.piece)
        if let piece = turn.piece, !turn.isClosing, isLast || piece != block.piece,
            isWorthATurn(piece, from: turn.from)
        {
            allIsAskedFor(of: piece, by: peer, at: now, effects: &effects)
        }
        advanceTurns(at: now, effects: &effects)
    }

    /// A request that was refused, since its turn was over: the way to this peer is longer than was thought.
    func answeredTooLate(_ peer: PeerConnection, at now: Moment) {
        guard let missed = peer.missedTurn else { return }
        peer.missedTurn = nil
        peer.late = (peer.late.turns + 1, min(now.nanoseconds - missed.nanoseconds, 2 * Self.longestAnswer))
    }

    /// What it would ask of us now, somebody else can give it sooner, if there is anybody else.
    private mutating func allIsAskedFor(
        of piece: PieceIndex, by peer: PeerConnection, at now: Moment, effects: inout SwarmEffects
    ) {
        if !hasRival(peer, at: now) {
            show(to: peer, at: now, effects: &effects)
        } else if peer.isFast {
            peer.turn?.isClosing = true
            choke(peer, keeping: piece, at: now, effects: &effects)
        }
    }

    /// Nobody else wants anything: to be choked and unchoked again would only cost it time. Some clients ask for
    /// nothing for ten seconds after each choke.
    private func isAlone(_ peer: PeerConnection, at now: Moment) -> Bool {
        isGathering(at: now) || !connections.open.contains { $0 !== peer && wantsTurn($0) }
    }

    /// Somebody else wants a turn, or has one and waits for the line. Who asked for nothing in its last turn is not
    /// waited for: a seeder that hides its pieces as well looks as if it wanted everything.
    private func hasRival(_ peer: PeerConnection, at now: Moment) -> Bool {
        guard !isGathering(at: now) else { return false }
        return connections.open.contains { other in
            guard other !== peer, other.unanswered == 0 else { return false }
            return other.turn == nil ? wantsTurn(other) : other.uploads.releasedBytes == 0
        }
    }

    /// Half a piece at least: after less than that the turn goes on with another piece.
    private func isWorthATurn(_ piece: PieceIndex, from: UInt32) -> Bool {
        let length = geometry.length(of: piece)
        return (length - Int(from)) * 2 >= length
    }

    /// Hands over blocks of the first turns that have any, as many turns as the uplink takes at once.
    private mutating func releaseTurns(at now: Moment, effects: inout SwarmEffects) {
        // Several may have gone together: whoever is still there is found sooner if more are tried at once.
        var room = pace.width + stalledSinceLast
        for peer in turns where room > 0 {
            guard var turn = peer.turn, let piece = turn.piece else { continue }
            if turn.released == 0, turn.from == 0, peer.delivery == nil, !peer.uploads.isIdle {
                peer.delivery = (piece, now)
                firstDeliveryAt = firstDeliveryAt ?? now
            }
            if peer.uploads.releasedBytes == 0 { uploadsMoved(of: peer, at: now) }
            while let block = peer.uploads.release(upTo: releaseWindow, of: piece) {
                turn.released = max(turn.released, Int(block.begin) + Int(block.length) - Int(turn.from))
                effects.append(.serve(peer.id, block))
            }
            peer.turn = turn
            if peer.uploads.releasedBytes > 0 { room -= 1 }
        }
    }

    /// Half a second's sending.
    private var releaseWindow: Int {
        max(min(Self.smallestWindow, limits.releasedBytes), Int(min(Double(limits.releasedBytes), pace.current / 2)))
    }

    mutating func blockLeft(
        _ block: BlockRequest, of peer: PeerConnection, at now: Moment, effects: inout SwarmEffects
    ) {
        if var turn = peer.turn {
            turn.sent += Int(block.length)
            turn.lastProgressAt = now
            peer.turn = turn
        }
        advanceTurns(at: now, effects: &effects)
        uplinkIsBusy = turns.contains { $0.uploads.releasedBytes > 0 }
    }
}

/// A mean that follows, of times in nanoseconds; nil before the first.
struct TimeMean {
    private(set) var value: Int64?

    mutating func add(_ time: Int64) { value = value.map { $0 + (time - $0) / 8 } ?? time }
}
