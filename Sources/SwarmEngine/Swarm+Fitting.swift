import TorrentCore

// Turns of a whole piece, or slots: which of them fits the lines and the neighbours, found out on the way.
//
// Turns pay among many, where a piece takes long beside the way to the next peer and back, and where some neighbours
// trade piece for piece as well. On quick lines a turn would be over before the next peer has asked, and TCP would
// start anew each time; and who is alone among those that rank by rate is ranked low by all of them.
//
// Who begins with everything begins with turns, for what it has shown cannot be hidden any more; who fetches begins
// with slots.

extension Swarm {
    /// Below this time for a piece, or so many round trips, slots are given.
    private static let shortestPieceTime = 0.25
    private static let tripsAPiece = 4.0
    /// Not every client says that it has what it was given: then it goes by what the sockets take, after this time, or
    /// as soon as it is more than they can hold.
    private static let patienceForWord = Duration.seconds(2)
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

    /// Looks again at whether turns fit, now and then.
    mutating func reviewUploads(at now: Moment, effects: inout SwarmEffects) {
        guard configuration.rules.uploads == .fitting, isRunning, now >= nextReview else { return }
        nextReview = now + Self.timeBetweenReviews
        if isSerial {
            let areLinesQuick = linesAreQuick(at: now)
            guard areLinesQuick || areFew(at: now) || !turnsFitNeighbours else { return }
            if areLinesQuick {
                // Turns are tried again, for a line may get slower, but less and less often.
                slotsTime = min(Self.longestSlotsTime, slotsTime + slotsTime)
                nextReview = now + slotsTime
            }
            beginSlots(at: now, effects: &effects)
        } else if crowd >= Self.enoughForTurns, turnsFitNeighbours {
            beginTurns(at: now, effects: &effects)
        }
    }

    /// What the socket takes at once is on no line yet: a piece has come when its receiver says so.
    mutating func noteDelivery(
        of piece: PieceIndex, to peer: PeerConnection, at now: Moment, effects: inout SwarmEffects
    ) {
        guard let delivery = peer.delivery, delivery.piece == piece else { return }
        peer.delivery = nil
        guard isSerial, let first = firstDeliveryAt, delivery.since >= first else { return }
        deliveryTime.add(now.nanoseconds - delivery.since.nanoseconds)
        nextReview = min(nextReview, now)
        reviewUploads(at: now, effects: &effects)
    }

    private func linesAreQuick(at now: Moment) -> Bool {
        let answer = Double(answerTime.value ?? 0) / 1e9
        let shortest = max(Self.shortestPieceTime, Self.tripsAPiece * answer)
        if let time = deliveryTime.value { return Double(time) / 1e9 - answer < shortest }
        guard let first = firstDeliveryAt else { return false }
        let gone = sent.total - sentBefore
        if gone >= Self.moreThanSocketsTake {
            return Double(geometry.pieceLength) / Double(gone) * ((now - first) / .seconds(1)) < shortest
        }
        return now >= first + Self.patienceForWord && pace.time(for: geometry.pieceLength) < shortest
    }

    /// Whom turns are shared out among: for who has everything those who have not, otherwise all.
    private var crowd: Int {
        isComplete ? connections.open.count { !$0.wantsNothing } : connections.open.count
    }

    private func areFew(at now: Moment) -> Bool {
        guard crowd < Self.fewestForTurns, let first = firstTurnAt else { return false }
        if let delivery = firstDeliveryAt, now >= delivery + Self.timeToGather { return true }
        return now >= first + (expectsCrowd ? Self.timeToAppear : Self.timeToGather)
    }

    /// It may soon have become clear whether turns fit.
    func isFindingOut(at now: Moment) -> Bool {
        guard configuration.rules.uploads == .fitting, isSerial, let turn = firstTurnAt else { return false }
        return now < max(turn, firstDeliveryAt ?? turn) + Self.timeToFindOut
    }

    /// There are enough for turns, if all come that are known.
    private var expectsCrowd: Bool { crowd + connections.connectingCount + book.idleCount >= Self.fewestForTurns }

    /// A seeder that knows of nobody else serves the first who comes, and has shown it everything, until it has become
    /// clear whether it is one of many.
    func isGathering(at now: Moment) -> Bool {
        guard isSerial, isComplete, configuration.rules.uploads == .fitting, let first = firstTurnAt,
            now < first + Self.timeToGather
        else { return false }
        return !expectsCrowd
    }

    /// Nobody else is there, or known, from whom our pieces would have to be hidden.
    func comesAlone(_ peer: PeerConnection) -> Bool {
        configuration.rules.uploads == .fitting && !expectsCrowd
            && !connections.open.contains { $0 !== peer && !$0.wantsNothing }
    }

    private var turnsFitNeighbours: Bool {
        guard !isComplete else { return true }
        var (turns, all) = (0, 0)
        for peer in connections.open {
            guard let takesTurns = peer.watch.takesTurns else { continue }
            all += 1
            turns += takesTurns ? 1 : 0
        }
        return all < Self.fewestShown || turns * Self.turnTakersOneIn >= all
    }

    private mutating func beginTurns(at now: Moment, effects: inout SwarmEffects) {
        isSerial = true
        pace = UplinkPace()
        (firstTurnAt, firstDeliveryAt, deliveryTime) = (nil, nil, TimeMean())
        sentBefore = sent.total
        picker.keepsPiecesWhole = true
        nextRound = nil
        for peer in connections.open {
            if peer.isChokedByUs {
                dropRequests(of: peer, at: now, effects: &effects)
            } else {
                choke(peer, at: now, effects: &effects)
            }
        }
        advanceTurns(at: now, effects: &effects)
    }

    /// Who has a turn keeps its place until the first round says otherwise.
    private mutating func beginSlots(at now: Moment, effects: inout SwarmEffects) {
        renewInterest(in: nil, at: now, effects: &effects)
        isSerial = false
        picker.keepsPiecesWhole = false
        ledger = nil
        for peer in turns { peer.turn = nil }
        turns = []
        nextTurnCheck = .distantFuture
        for peer in connections.open {
            show(to: peer, at: now, effects: &effects)
            release(to: peer, at: now, effects: &effects)
        }
        holdRound(.timer, at: now, effects: &effects)
        refillAll(at: now, effects: &effects)
    }
}
