import TorrentCore

/// Whom we serve: which blocks go to which peers, in which order. At any time either slots or turns are given.
///
/// Many functions here take `expecting newcomers`: how many known peers are not connected and may still come.
struct Uplink: ~Copyable {
    /// The way in which the uplink is shared out now, with its state.
    enum Machine {
        /// Several peers at once, chosen anew every 10 s.
        case slots(Slots)
        /// One whole piece to one peer, then the next.
        case turns(Turns)
    }

    let geometry: TorrentGeometry
    let infoHash: InfoHash
    let rules: SwarmRules
    let limits: SwarmLimits
    var machine: Machine
    /// Over 5 seconds: shown to people, and used for the number of slots.
    var sent = RateMeter(window: .seconds(5))
    /// Blocks that have left, to all peers together.
    var blocksSent: Int64 = 0
    /// Peers that have stalled since the last block left.
    var stalledSinceLast = 0
    var fitting = Fitting()

    /// When to judge which of the two fits: see Uplink+Fitting.
    struct Fitting {
        /// Not before this time.
        var nextReview = Moment.zero
        /// How long slots are given before turns are tried again.
        var slotsTime = Uplink.shortestSlotsTime
        /// From now on they begin only among as many as there have to be.
        var hasGivenTurns = false
    }

    init(_ configuration: SwarmConfiguration, using generator: inout SplitMix64) {
        geometry = configuration.geometry
        infoHash = configuration.infoHash
        rules = configuration.rules
        limits = configuration.limits
        guard Self.beginsWithTurns(configuration) else {
            machine = .slots(Slots(choker: ClassicChoker(), history: TurnHistory()))
            return
        }
        let turns = Turns(choker: ClassicChoker(), history: TurnHistory(), sentBefore: 0)
        let superSeeds = Self.superSeeds(configuration)
        let mayHide = rules.hidesPieces && geometry.pieceCount <= SpreadLedger.mostPieces
        if superSeeds || mayHide && configuration.have.isFull {
            turns.ledger = SpreadLedger(
                pieceCount: geometry.pieceCount, isSparing: superSeeds, using: &generator)
        }
        machine = .turns(turns)
    }

    /// A leecher begins with slots, until it knows its neighbours.
    private static func beginsWithTurns(_ configuration: SwarmConfiguration) -> Bool {
        switch configuration.rules.uploads {
        case .slots: superSeeds(configuration)
        case .serial: true
        case .fitting: configuration.have.isFull
        }
    }

    /// Only who begins with everything: of others it is known what they have, and from whom.
    private static func superSeeds(_ configuration: SwarmConfiguration) -> Bool {
        configuration.rules.superSeeds && configuration.have.isFull
    }

    /// How other peers are asked at first: they are taken to share out their uplinks as we do.
    static func manner(_ configuration: SwarmConfiguration) -> AskingManner {
        let isSerial = beginsWithTurns(configuration)
        return AskingManner(keepsPiecesWhole: isSerial, asksAtOnce: isSerial)
    }

    /// The state of the turns; nil while slots are given.
    var turns: Turns? {
        if case .turns(let turns) = machine { turns } else { nil }
    }

    /// Turns of whole pieces are among what we give, now or later: said to other peers.
    var mayGiveTurns: Bool { rules.uploads != .slots || isSuperSeeding }

    /// We are a seed that shows each peer only the pieces chosen for it (after BEP 16).
    var hidesPieces: Bool { turns?.ledger != nil }

    /// The same by the wish of people, whatever lines and neighbours are like.
    var isSuperSeeding: Bool { turns?.isSuperSeeding == true }

    // MARK: Peers that come and go

    /// The first message to a new peer: which pieces we have. Exactly one of three with BEP 6; without it none where we
    /// have nothing (BEP 3).
    func greet(
        _ peer: PeerConnection, expecting newcomers: Int, _ availability: borrowing Availability,
        _ agenda: inout Agenda
    ) {
        let have = availability.have
        if hidesPieces, !comesAlone(peer, expecting: newcomers, availability) {
            hide(from: peer, at: agenda.now)
            if peer.isFast { peer.send(.haveNone, &agenda) }
        } else if peer.isFast, have.isFull {
            peer.send(.haveAll, &agenda)
        } else if peer.isFast, have.isEmpty {
            peer.send(.haveNone, &agenda)
        } else if !have.isEmpty {
            agenda.effects.append(.sendBitfield(peer.id))
        }
    }

    /// Announces our pieces to a peer that was told `haveNone`, unless they are to be hidden.
    func tellAll(to peer: PeerConnection, _ availability: borrowing Availability, _ agenda: inout Agenda) {
        if hidesPieces { return hide(from: peer, at: agenda.now) }
        for piece in 0..<geometry.pieceCount where availability.have[piece] {
            peer.send(.have(UInt32(truncatingIfNeeded: piece)), &agenda)
        }
    }

    /// Serves a new peer. A hiding seed need not wait for its interest, since the peer has been shown nothing yet.
    mutating func begin(
        with peer: PeerConnection, expecting newcomers: Int, _ availability: borrowing Availability,
        _ agenda: inout Agenda
    ) {
        if peer.uplink.spread.isHidden { advanceTurns(expecting: newcomers, availability, &agenda) }
    }

    private func hide(from peer: PeerConnection, at now: Moment) {
        peer.uplink.spread.shown = Bitfield(count: geometry.pieceCount)
        if isSuperSeeding { waits(peer, at: now) }
    }

    /// Announces the pieces that were hidden from this peer.
    func show(to peer: PeerConnection, _ agenda: inout Agenda) {
        guard let shown = peer.uplink.spread.shown else { return }
        peer.uplink.spread.shown = nil
        // Some programs close the connection if a piece is announced twice.
        for piece in 0..<geometry.pieceCount where !peer.pieces.have[piece] && !shown[piece] {
            peer.send(.have(UInt32(truncatingIfNeeded: piece)), &agenda)
        }
    }

    /// The connection has ended: its slot or turn goes to another peer.
    mutating func left(
        _ peer: PeerConnection, expecting newcomers: Int, _ availability: borrowing Availability,
        _ agenda: inout Agenda
    ) {
        let isAnyLost = turns?.isSuperSeeding == true && turns?.ledger?.left(peer, availability) == true
        if peer.uplink.turns.current != nil { dropTurn(of: peer, expecting: newcomers, availability, &agenda) }
        if !peer.uplink.isChokedByUs {
            holdRound(.vacancy, expecting: newcomers, availability, &agenda)
        } else if isAnyLost {
            advanceTurns(expecting: newcomers, availability, &agenda)
        }
    }

    /// The swarm stops.
    mutating func stop(_ availability: borrowing Availability, _ agenda: inout Agenda) {
        for peer in availability.peers { peer.uplink.turns.current = nil }
        turns?.order = []
        agenda.deadlines.clear(.round)
    }

    // MARK: What a peer has

    /// A peer has announced a piece. A hiding seed learns from that which peer has passed the piece on.
    mutating func told(
        _ piece: PieceIndex, by peer: PeerConnection, expecting newcomers: Int,
        _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        guard let turns, turns.ledger != nil else { return }
        note(piece, of: peer, turns, availability, at: agenda.now)
        if turns.order.isEmpty { advanceTurns(expecting: newcomers, availability, &agenda) }
    }

    private func note(
        _ piece: PieceIndex, of peer: PeerConnection, _ turns: Turns, _ availability: borrowing Availability,
        at now: Moment
    ) {
        if turns.isSuperSeeding { gotOn(peer, with: piece, at: now) }
        if let giver = turns.ledger?.announced(piece.position, by: peer),
            let place = availability.peers.firstIndex(where: { $0.id == giver })
        {
            availability.peers[place].uplink.spread.unspread -= 1
            availability.peers[place].uplink.spread.hasSpread = true
        }
    }

    /// The same for all pieces of a peer.
    mutating func told(
        _ pieces: Bitfield, by peer: PeerConnection, expecting newcomers: Int,
        _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        guard let turns, turns.ledger != nil else { return }
        for index in 0..<pieces.wordCount {
            forEachBit(pieces.word(index), index) {
                note(geometry.piece($0), of: peer, turns, availability, at: agenda.now)
                // One that is super-seeded may have a hundred thousand pieces: then it is done once.
                guard turns.order.isEmpty, !turns.isSuperSeeding else { return }
                advanceTurns(expecting: newcomers, availability, &agenda)
            }
        }
        if turns.isSuperSeeding { advanceTurns(expecting: newcomers, availability, &agenda) }
    }

    /// A peer has this piece no more (BEP 54).
    mutating func lost(
        _ piece: PieceIndex, of peer: PeerConnection, expecting newcomers: Int,
        _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        guard let turns, turns.isSuperSeeding,
            turns.ledger?.lost(piece.position, of: peer, availability) == true
        else { return }
        advanceTurns(expecting: newcomers, availability, &agenda)
    }

    /// Once there is another seed, hiding pieces is of no use.
    func somebodyElseHasEverything() { turns?.ledger = nil }

    /// How many messages it would take to show a peer everything.
    func hiddenCount(from peer: PeerConnection) -> Int {
        guard let shown = peer.uplink.spread.shown else { return 0 }
        var count = geometry.pieceCount
        for index in 0..<shown.wordCount {
            count -= (shown.word(index) | peer.pieces.have.word(index)).nonzeroBitCount
        }
        return count
    }

    // MARK: What we have

    /// We have a new piece that this peer lacks: it may have a turn again.
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
        peer.uplink.letsChancesPass = false
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
        // In a young swarm interest comes and goes with each piece: that is no reason for another choke round while
        // other peers are being served.
        let isServing = availability.peers.contains { $0.uplink.isInterestedInUs && !$0.uplink.isChokedByUs }
        if !availability.isFetching || !isServing {
            holdRound(.vacancy, expecting: newcomers, availability, &agenda)
        }
    }

    // MARK: For people

    func describe(_ peer: PeerConnection, at now: Moment, in figures: inout ConnectionFigures) {
        figures.isInterestedInUs = peer.uplink.isInterestedInUs
        figures.standing = peer.uplink.standing
        figures.uploadRate = peer.uplink.sent.rate(at: now)
        figures.uploaded = peer.uplink.sent.total
    }
}
