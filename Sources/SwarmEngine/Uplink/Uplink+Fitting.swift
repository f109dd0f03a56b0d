import TorrentCore

// Turns of a whole piece, or slots: which of them fits the lines and the neighbours, found out on the way.
//
// Turns pay among many, where a piece takes long beside the way to the next peer and back, and where some neighbours
// trade piece for piece as well. On quick lines a turn would be over before the next peer has asked, and TCP would
// start anew each time; and who is alone among those that rank by rate is ranked low by all of them.
//
// Who begins with everything begins with turns, for what it has shown cannot be hidden any more; who fetches begins
// with slots.

extension Uplink {
    /// Below this time for a piece, or so many round trips, slots are given.
    private static let shortestPieceTime = Duration.milliseconds(250)
    private static let tripsAPiece = 4.0
    /// Not every client says that it has what it was given: then it goes by what the sockets take, after this time, or
    /// as soon as it is more than they can hold.
    private static let patienceForHave = Duration.seconds(2)
    private static let moreThanSocketsTake: Int64 = 16 << 20
    private static let timeToFindOut = Duration.seconds(3)
    private static let timeBetweenReviews = Duration.milliseconds(100)
    static let shortestSlotsTime = Duration.seconds(30)
    private static let longestSlotsTime = Duration.seconds(960)
    /// Among few there is little to trade, and who waits for his turn misses much: fewer than this get slots, and turns
    /// are begun again only among so many.
    private static let fewestForTurns = 6
    private static let enoughForTurns = 8
    /// Others may be on their way: after the first piece was handed over they have this time to come.
    private static let timeToGather = Duration.milliseconds(500)
    /// The same from the first turn on, when nothing was asked for, though others are known that might come.
    private static let timeToAppear = Duration.milliseconds(1_500)
    /// Who have shown how they share out their uplinks, at least, before it counts.
    private static let fewestShown = 8
    /// One in so many that takes turns is enough.
    private static let turnTakersOneIn = 8

    /// What the other way of sharing out the uplink asks of those who hear of it.
    enum Change {
        case toTurns, toSlots
    }

    /// Looks again at whether turns fit, now and then. Nil: all stays as it is.
    mutating func review(
        expecting newcomers: Int, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) -> Change? {
        let now = agenda.now
        guard rules.uploads == .fitting, agenda.isRunning, now >= fitting.nextReview else { return nil }
        fitting.nextReview = now + Self.timeBetweenReviews
        guard let turns else {
            let mayBegin = crowd(availability) >= Self.enoughForTurns && turnsFitNeighbours(availability)
            return mayBegin ? .toTurns : nil
        }
        let areLinesQuick = linesAreQuick(turns, at: now)
        guard
            areLinesQuick || areFew(turns, expecting: newcomers, availability, at: now)
                || !turnsFitNeighbours(availability)
        else { return nil }
        if areLinesQuick {
            // Turns are tried again, for a line may get slower, but less and less often.
            fitting.slotsTime = min(Self.longestSlotsTime, fitting.slotsTime + fitting.slotsTime)
            fitting.nextReview = now + fitting.slotsTime
        }
        return .toSlots
    }

    /// What the socket takes at once is on no line yet: a piece has come when its receiver says so. True if it should
    /// be looked at again whether turns fit.
    mutating func delivered(_ piece: PieceIndex, to peer: PeerConnection, at now: Moment) -> Bool {
        guard let delivery = peer.uplink.delivery, delivery.piece == piece else { return false }
        peer.uplink.delivery = nil
        guard let turns, let first = turns.trial.firstDeliveryAt, delivery.since >= first else { return false }
        turns.trial.deliveryTime.add(now - delivery.since)
        fitting.nextReview = min(fitting.nextReview, now)
        return true
    }

    private func linesAreQuick(_ turns: Turns, at now: Moment) -> Bool {
        let answer = (turns.habits.answerTime.value ?? .zero).inSeconds
        let shortest = max(Self.shortestPieceTime.inSeconds, Self.tripsAPiece * answer)
        if let time = turns.trial.deliveryTime.value { return time.inSeconds - answer < shortest }
        guard let first = turns.trial.firstDeliveryAt else { return false }
        let gone = sent.total - turns.trial.sentBefore
        if gone >= Self.moreThanSocketsTake {
            return Double(geometry.pieceLength) / Double(gone) * ((now - first) / .seconds(1)) < shortest
        }
        return now >= first + Self.patienceForHave && turns.pace.time(for: geometry.pieceLength) < shortest
    }

    /// Whom turns are shared out among: for who has everything those who have not, otherwise all.
    private func crowd(_ availability: borrowing Availability) -> Int {
        availability.isComplete ? availability.peers.count { !$0.pieces.wantsNothing } : availability.peers.count
    }

    private func areFew(
        _ turns: Turns, expecting newcomers: Int, _ availability: borrowing Availability, at now: Moment
    ) -> Bool {
        guard crowd(availability) < Self.fewestForTurns, let first = turns.trial.firstTurnAt else { return false }
        if let delivery = turns.trial.firstDeliveryAt, now >= delivery + Self.timeToGather { return true }
        let isCrowdExpected = expectsCrowd(expecting: newcomers, availability)
        return now >= first + (isCrowdExpected ? Self.timeToAppear : Self.timeToGather)
    }

    /// It may soon have become clear whether turns fit.
    func isFindingOut(at now: Moment) -> Bool {
        guard rules.uploads == .fitting, let trial = turns?.trial, let turn = trial.firstTurnAt else { return false }
        return now < max(turn, trial.firstDeliveryAt ?? turn) + Self.timeToFindOut
    }

    /// There are enough for turns, if all come that are known.
    private func expectsCrowd(expecting newcomers: Int, _ availability: borrowing Availability) -> Bool {
        crowd(availability) + newcomers >= Self.fewestForTurns
    }

    /// A seeder that knows of nobody else serves the first who comes, and has shown it everything, until it has become
    /// clear whether it is one of many.
    func isGathering(expecting newcomers: Int, _ availability: borrowing Availability, at now: Moment) -> Bool {
        guard availability.isComplete, rules.uploads == .fitting, let first = turns?.trial.firstTurnAt,
            now < first + Self.timeToGather
        else { return false }
        return !expectsCrowd(expecting: newcomers, availability)
    }

    /// Nobody else is there, or known, from whom our pieces would have to be hidden.
    func comesAlone(
        _ peer: PeerConnection, expecting newcomers: Int, _ availability: borrowing Availability
    ) -> Bool {
        rules.uploads == .fitting && !expectsCrowd(expecting: newcomers, availability)
            && !availability.peers.contains { $0 !== peer && !$0.pieces.wantsNothing }
    }

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

    /// How the others are to be asked from now on.
    var manner: AskingManner { AskingManner(keepsPiecesWhole: turns != nil, asksAtOnce: turns != nil) }

    mutating func beginTurns(
        expecting newcomers: Int, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        guard case .slots(let slots) = machine else { return }
        machine = .turns(Turns(choker: slots.choker, habits: slots.habits, sentBefore: sent.total))
        agenda.deadlines.clear(.round)
        for peer in availability.peers {
            if peer.uplink.isChokedByUs {
                dropRequests(of: peer, &agenda)
            } else {
                choke(peer, &agenda)
            }
        }
        advanceTurns(expecting: newcomers, availability, &agenda)
    }

    /// Who has a turn keeps its place until the first round says otherwise.
    mutating func beginSlots(
        expecting newcomers: Int, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        guard case .turns(let turns) = machine else { return }
        for peer in turns.order { peer.uplink.turns.current = nil }
        machine = .slots(Slots(choker: turns.choker, habits: turns.habits))
        agenda.deadlines.clear(.turn)
        for peer in availability.peers {
            show(to: peer, &agenda)
            release(to: peer, &agenda)
        }
        holdRound(.timer, expecting: newcomers, availability, &agenda)
    }
}
