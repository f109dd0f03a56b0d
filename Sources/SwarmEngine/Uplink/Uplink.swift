import TorrentCore

/// To whom: what we give, to which peers, in which order. Slots or turns: one of the two is at work at any time.
struct Uplink: ~Copyable {
    /// Which of the two ways of sharing out an uplink is at work, with the state that it needs.
    enum Machine {
        /// Several peers at once, changed by the clock.
        case slots(Slots)
        /// One whole piece to one peer, then the next.
        case turns(Turns)
    }

    let geometry: TorrentGeometry
    let infoHash: InfoHash
    let rules: SwarmRules
    let limits: SwarmLimits
    var machine: Machine
    /// Over 5 seconds: for people, and for the number of slots.
    var sent = RateMeter(window: .seconds(5))
    /// Blocks that have left, to whomever.
    var blocksSent: Int64 = 0
    /// How many peers have stalled since the last one left.
    var stalledSinceLast = 0
    var fitting = Fitting()

    /// The finding out of which of the two fits: see Uplink+Fitting.
    struct Fitting {
        /// When it is next looked at whether turns fit.
        var nextReview = Moment.zero
        /// How long slots are given before turns are tried again.
        var slotsTime = Uplink.shortestSlotsTime
    }

    init(_ configuration: SwarmConfiguration, using generator: inout SplitMix64) {
        geometry = configuration.geometry
        infoHash = configuration.infoHash
        rules = configuration.rules
        limits = configuration.limits
        guard Self.beginsWithTurns(configuration) else {
            machine = .slots(Slots(choker: ClassicChoker(), habits: TurnHabits()))
            return
        }
        let turns = Turns(choker: ClassicChoker(), habits: TurnHabits(), sentBefore: 0)
        if rules.hidesPieces, configuration.have.isFull, geometry.pieceCount <= SpreadLedger.mostPieces {
            turns.ledger = SpreadLedger(pieceCount: geometry.pieceCount, using: &generator)
        }
        machine = .turns(turns)
    }

    /// Who fetches begins with slots, and looks around among how many it is.
    private static func beginsWithTurns(_ configuration: SwarmConfiguration) -> Bool {
        switch configuration.rules.uploads {
        case .slots: false
        case .serial: true
        case .fitting: configuration.have.isFull
        }
    }

    /// How the others are asked, who are taken to share out their uplinks as we do.
    static func manner(_ configuration: SwarmConfiguration) -> AskingManner {
        let isSerial = beginsWithTurns(configuration)
        return AskingManner(keepsPiecesWhole: isSerial, asksAtOnce: isSerial)
    }

    /// The turns, if it is turns that are given.
    var turns: Turns? {
        if case .turns(let turns) = machine { turns } else { nil }
    }

    /// Pieces are shown only to those for whom they were chosen.
    var hidesPieces: Bool { turns?.ledger != nil }

    // MARK: Who begins and ends

    /// What a peer is told when it begins, of the pieces that we have.
    func greet(
        _ peer: PeerConnection, expecting newcomers: Int, _ availability: borrowing Availability,
        _ agenda: inout Agenda
    ) {
        let have = availability.have
        if hidesPieces, !comesAlone(peer, expecting: newcomers, availability) {
            peer.uplink.spread.shown = Bitfield(count: geometry.pieceCount)
            if peer.isFast { peer.send(.haveNone, &agenda) }
        } else if peer.isFast, have.isFull {
            peer.send(.haveAll, &agenda)
        } else if peer.isFast, have.isEmpty {
            peer.send(.haveNone, &agenda)
        } else if !have.isEmpty {
            agenda.effects.append(.sendBitfield(peer.id))
        }
    }

    /// Tells somebody who was told that we have nothing what we have, unless it is to be hidden.
    func tellAll(to peer: PeerConnection, _ availability: borrowing Availability, _ agenda: inout Agenda) {
        if hidesPieces { return peer.uplink.spread.shown = Bitfield(count: geometry.pieceCount) }
        for piece in 0..<geometry.pieceCount where availability.have[piece] {
            peer.send(.have(UInt32(truncatingIfNeeded: piece)), &agenda)
        }
    }

    /// It is there, and may be served: whether turns fit has been looked at.
    mutating func begin(
        with peer: PeerConnection, expecting newcomers: Int, _ availability: borrowing Availability,
        _ agenda: inout Agenda
    ) {
        if peer.uplink.spread.isHidden { advanceTurns(expecting: newcomers, availability, &agenda) }
    }

    /// What was hidden from it is not any more.
    func show(to peer: PeerConnection, _ agenda: inout Agenda) {
        guard let shown = peer.uplink.spread.shown else { return }
        peer.uplink.spread.shown = nil
        // Some programs end a connection at a piece that they are told of twice.
        for piece in 0..<geometry.pieceCount where !peer.pieces.have[piece] && !shown[piece] {
            peer.send(.have(UInt32(truncatingIfNeeded: piece)), &agenda)
        }
    }

    /// The connection is gone, and with it what it was promised.
    mutating func left(
        _ peer: PeerConnection, expecting newcomers: Int, _ availability: borrowing Availability,
        _ agenda: inout Agenda
    ) {
        if peer.uplink.turns.current != nil { dropTurn(of: peer, expecting: newcomers, availability, &agenda) }
        if !peer.uplink.isChokedByUs {
            holdRound(.vacancy, expecting: newcomers, availability, &agenda)
        }
    }

    /// The swarm stops.
    mutating func stop(_ availability: borrowing Availability, _ agenda: inout Agenda) {
        for peer in availability.peers { peer.uplink.turns.current = nil }
        turns?.order = []
        agenda.deadlines.clear(.round)
    }

    // MARK: What a peer has

    /// A seeder that hides its pieces learns whose pieces are passed on.
    mutating func told(
        _ piece: PieceIndex, by peer: PeerConnection, expecting newcomers: Int,
        _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        guard let turns, turns.ledger != nil else { return }
        if let giver = turns.ledger?.announced(piece.position, by: peer),
            let place = availability.peers.firstIndex(where: { $0.id == giver })
        {
            availability.peers[place].uplink.spread.unspread -= 1
            availability.peers[place].uplink.spread.hasSpread = true
        }
        if turns.order.isEmpty { advanceTurns(expecting: newcomers, availability, &agenda) }
    }

    /// The same of all that it has. Where somebody else has everything nothing need be hidden.
    mutating func told(
        _ pieces: Bitfield, by peer: PeerConnection, expecting newcomers: Int,
        _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        guard hidesPieces else { return }
        if pieces.isFull { return somebodyElseHasEverything() }
        for index in 0..<pieces.wordCount {
            forEachBit(pieces.word(index), index) {
                told(geometry.piece($0), by: peer, expecting: newcomers, availability, &agenda)
            }
        }
    }

    func somebodyElseHasEverything() { turns?.ledger = nil }

    // MARK: What we have

    /// We have a piece that this peer has not: it is worth a turn again.
    func hasMore(for peer: PeerConnection) {
        peer.uplink.turns.passedOverUntil = .zero
        peer.uplink.turns.unanswered = 0
    }

    // MARK: Interest

    mutating func becameInterested(
        _ peer: PeerConnection, expecting newcomers: Int, _ availability: borrowing Availability,
        _ agenda: inout Agenda
    ) {
        guard !peer.uplink.isInterestedInUs else { return }
        peer.uplink.isInterestedInUs = true
        peer.wasUseful(at: agenda.now)
        holdRound(.vacancy, expecting: newcomers, availability, &agenda)
    }

    mutating func lostInterest(
        _ peer: PeerConnection, expecting newcomers: Int, _ availability: borrowing Availability,
        _ agenda: inout Agenda
    ) {
        guard peer.uplink.isInterestedInUs else { return }
        peer.uplink.isInterestedInUs = false
        peer.wasUseful(at: agenda.now)
        // In a young swarm interest comes and goes with each piece: a place is not given away for that while others
        // are being served.
        let isServing = availability.peers.contains { $0.uplink.isInterestedInUs && !$0.uplink.isChokedByUs }
        if !availability.isFetching || !isServing {
            holdRound(.vacancy, expecting: newcomers, availability, &agenda)
        }
    }

    // MARK: For people

    func describe(_ peer: PeerConnection, at now: Moment, in figures: inout ConnectionFigures) {
        figures.isInterestedInUs = peer.uplink.isInterestedInUs
        figures.isChokedByUs = peer.uplink.isChokedByUs
        figures.uploadRate = peer.uplink.sent.rate(at: now)
        figures.uploaded = peer.uplink.sent.total
    }
}
