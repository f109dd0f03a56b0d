import TorrentCore

// Turns of a whole piece, or slots: the brain measures which of them fits its line and its neighbours.
//
// Turns pay among many peers, where a piece takes longer than several round trips, and where some neighbours give turns
// as well. On fast lines a turn would be over before the next peer has asked, and TCP would go through slow start each
// time. And where all neighbours rank by rate, a peer that spreads its pieces over all of them is ranked low by each.
//
// A seed begins with turns, since a piece that was shown cannot be hidden again. A leecher begins with slots, and goes
// over to turns as soon as its neighbours say that they give some: what they say is believed until they are seen to do
// otherwise.

extension Uplink {
    /// If a piece takes less than this time, less than an answer, or less than so many round trips, slots are given.
    private static let shortestPieceTime = Duration.milliseconds(20)
    private static let tripsAPiece = 4
    /// Round trips are known once so many neighbours have answered an unchoke.
    private static let fewestDistances = 8
    /// Not every client announces a piece that it got from a seed. Without announcements the line is judged by what the
    /// sockets take: after this time, or as soon as that is more than they can buffer.
    private static let patienceForHave = Duration.seconds(2)
    private static let moreThanSocketsTake: Int64 = 16 << 20
    /// Uploads are looked at by the clock for this long after turns have begun, though nothing may be leaving.
    private static let timeToFindOut = Duration.seconds(3)
    private static let timeBetweenReviews = Duration.milliseconds(100)
    static let shortestSlotsTime = Duration.seconds(30)
    private static let longestSlotsTime = Duration.seconds(960)
    /// Few peers have little to trade, and each would wait long for its turn. So fewer than this get slots, and turns
    /// begin only among `enoughForTurns`.
    private static let fewestForTurns = 6
    private static let enoughForTurns = 8
    /// Before few peers get slots, more have this time to connect, from the first piece that is handed over on.
    private static let timeToGather = Duration.milliseconds(500)
    /// The same from the first turn on, while nothing is asked for and enough peers are known.
    private static let timeToAppear = Duration.milliseconds(1_500)
    /// How the neighbours share out their uplinks counts once so many of them have shown it.
    private static let fewestShown = 8
    /// Turns fit if at least one in so many of them gives turns.
    private static let turnTakersOneIn = 8

    /// What a review asks the caller to do.
    enum Change {
        case toTurns, toSlots
    }

    /// Judges again whether turns or slots fit, every `timeBetweenReviews` at most. Nil: nothing changes.
    mutating func review(
        expecting newcomers: Int, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) -> Change? {
        let now = agenda.now
        // Whose rules are slots gives turns as long as it is a super-seeder.
        if agenda.isRunning, rules.uploads == .slots, let turns, turns.ledger == nil { return .toSlots }
        guard rules.uploads == .fitting, agenda.isRunning, now >= fitting.nextReview, !isSuperSeeding else {
            return nil
        }
        fitting.nextReview = now + Self.timeBetweenReviews
        guard let turns else {
            let areEnough =
                crowd(availability) >= Self.enoughForTurns || beginsAsTold(expecting: newcomers, availability)
            return areEnough && turnsFitNeighbours(availability) ? .toTurns : nil
        }
        let areLinesQuick = linesAreQuick(turns, availability, at: now)
        guard
            areLinesQuick || areFew(turns, expecting: newcomers, availability, at: now)
                || !turnsFitNeighbours(availability)
        else { return nil }
        if areLinesQuick {
            // Turns are tried again, since a line may get slower, but less and less often.
            fitting.slotsTime = min(Self.longestSlotsTime, fitting.slotsTime + fitting.slotsTime)
            fitting.nextReview = now + fitting.slotsTime
        }
        return .toSlots
    }

    mutating func beginTurns(
        expecting newcomers: Int, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        guard case .slots(let slots) = machine else { return }
        machine = .turns(Turns(choker: slots.choker, history: slots.history, sentBefore: sent.total))
        fitting.hasGivenTurns = true
        agenda.deadlines.clear(.round)
        for peer in availability.peers {
            if peer.uplink.isChokedByUs {
                dropRequests(of: peer, &agenda)
            } else {
                choke(peer, .rearranged, &agenda)
            }
        }
        advanceTurns(expecting: newcomers, availability, &agenda)
    }

    /// Peers that have a turn stay unchoked until the first choke round decides.
    mutating func beginSlots(
        expecting newcomers: Int, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        guard case .turns(let turns) = machine else { return }
        for peer in turns.order { peer.uplink.turns.current = nil }
        machine = .slots(Slots(choker: turns.choker, history: turns.history))
        agenda.deadlines.clear(.turn)
        for peer in availability.peers {
            show(to: peer, &agenda)
            release(to: peer, &agenda)
        }
        holdRound(.timer, expecting: newcomers, availability, &agenda)
    }

    /// How we ask other peers for blocks: they are taken to share out their uplinks as we do.
    var manner: AskingManner { AskingManner(keepsPiecesWhole: turns != nil, asksAtOnce: turns != nil) }

    /// The peer has announced a piece. If we just sent it, that tells how long the piece took; what the socket took
    /// tells less, since it buffers. True if a review is due.
    mutating func delivered(_ piece: PieceIndex, to peer: PeerConnection, at now: Moment) -> Bool {
        guard let delivery = peer.uplink.delivery, delivery.piece == piece else { return false }
        peer.uplink.delivery = nil
        guard let turns, let first = turns.trial.firstDeliveryAt, delivery.since >= first else { return false }
        turns.trial.deliveryTime.add(now - delivery.since)
        fitting.nextReview = min(fitting.nextReview, now)
        return true
    }

    // MARK: What is known so far

    /// Turns began a short time ago: it is soon known whether they fit.
    func isFindingOut(at now: Moment) -> Bool {
        guard rules.uploads == .fitting, let trial = turns?.trial, let turn = trial.firstTurnAt else { return false }
        return now < max(turn, trial.firstDeliveryAt ?? turn) + Self.timeToFindOut
    }

    /// A seed that knows too few other peers serves the first one that comes, which it has shown everything, until it
    /// is clear whether more come.
    func isGathering(expecting newcomers: Int, _ availability: borrowing Availability, at now: Moment) -> Bool {
        guard availability.isComplete, rules.uploads == .fitting, !isSuperSeeding, let first = turns?.trial.firstTurnAt,
            now < first + Self.timeToGather
        else { return false }
        return !expectsCrowd(expecting: newcomers, availability)
    }

    /// No other peer is connected, and too few are known, so hiding our pieces from this one would gain nothing.
    func comesAlone(
        _ peer: PeerConnection, expecting newcomers: Int, _ availability: borrowing Availability
    ) -> Bool {
        rules.uploads == .fitting && !isSuperSeeding && !expectsCrowd(expecting: newcomers, availability)
            && !availability.peers.contains { $0 !== peer && !$0.pieces.wantsNothing }
    }

    /// A peer has said that it gives turns: whether they fit is looked at now, unless slots were found better before.
    mutating func toldOfTurns(at now: Moment) {
        if fitting.nextReview <= now + Self.timeBetweenReviews { fitting.nextReview = min(fitting.nextReview, now) }
    }

    // MARK: What decides

    /// Turns begin before there is a crowd: one is expected, enough of those who are here say that they give turns, and
    /// none have been given yet.
    private func beginsAsTold(expecting newcomers: Int, _ availability: borrowing Availability) -> Bool {
        guard !fitting.hasGivenTurns, expectsCrowd(expecting: newcomers, availability) else { return false }
        let turns = availability.peers.count(where: \.mayTakeTurns)
        return turns > 0 && turns * Self.turnTakersOneIn >= availability.peers.count
    }

    private func linesAreQuick(_ turns: Turns, _ availability: borrowing Availability, at now: Moment) -> Bool {
        let answer = turns.history.answerTime.value ?? .zero
        let shortest = max(Self.shortestPieceTime, answer, usualTrip(availability) * Self.tripsAPiece)
        if let time = turns.trial.deliveryTime.value { return time - answer < shortest }
        guard let first = turns.trial.firstDeliveryAt else { return false }
        let gone = sent.total - turns.trial.sentBefore
        if gone >= Self.moreThanSocketsTake {
            return (now - first) * (Double(geometry.pieceLength) / Double(gone)) < shortest
        }
        guard now >= first + Self.patienceForHave, let time = turns.pace.time(for: geometry.pieceLength) else {
            return false
        }
        return time < shortest
    }

    /// How far the neighbours are; zero before it is known. An answer also waits in the queue of the line on which a
    /// peer sends pieces, 100 ms and more, so the quickest answer of each counts, and of those one from the near third.
    private func usualTrip(_ availability: borrowing Availability) -> Duration {
        let quickest = availability.peers.compactMap(\.uplink.turns.answerTime.least).sorted()
        return quickest.count < Self.fewestDistances ? .zero : quickest[quickest.count / 3]
    }

    private func areFew(
        _ turns: Turns, expecting newcomers: Int, _ availability: borrowing Availability, at now: Moment
    ) -> Bool {
        guard crowd(availability) < Self.fewestForTurns, let first = turns.trial.firstTurnAt else { return false }
        if let delivery = turns.trial.firstDeliveryAt, now >= delivery + Self.timeToGather { return true }
        let isCrowdExpected = expectsCrowd(expecting: newcomers, availability)
        return now >= first + (isCrowdExpected ? Self.timeToAppear : Self.timeToGather)
    }

    /// How many peers share our turns: those that want something if we are a seed, otherwise all.
    private func crowd(_ availability: borrowing Availability) -> Int {
        availability.isComplete ? availability.peers.count { !$0.pieces.wantsNothing } : availability.peers.count
    }

    /// There would be enough peers for turns if all known ones connected.
    private func expectsCrowd(expecting newcomers: Int, _ availability: borrowing Availability) -> Bool {
        crowd(availability) + newcomers >= Self.fewestForTurns
    }

    /// Of the neighbours that have shown how they share out their uplinks, enough give turns.
    private func turnsFitNeighbours(_ availability: borrowing Availability) -> Bool {
        guard !availability.isComplete else { return true }
        var (turns, all) = (0, 0)
        for peer in availability.peers {
            guard let takesTurns = peer.takesTurns else { continue }
            all += 1
            turns += takesTurns ? 1 : 0
        }
        return all < Self.fewestShown || turns * Self.turnTakersOneIn >= all
    }
}
