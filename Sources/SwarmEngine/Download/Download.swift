import TorrentCore

/// What we fetch, and from whom: which pieces are open, and what each peer was asked for and has sent.
struct Download: ~Copyable {
    let geometry: TorrentGeometry
    private let pipelineBlocks: Int
    var picker: PiecePicker
    var rejections = RejectionLog()
    /// How peers are to be asked. Set by our uplink, since they are taken to share theirs out as we do.
    private(set) var manner: AskingManner
    /// Bytes received in vain: duplicates and blocks of rejected pieces.
    var wasted: Int64 = 0
    /// Over 5 seconds: for people.
    var received = RateMeter(window: .seconds(5))
    /// Blocks that have begun to arrive.
    var arrivals = ArrivingCounts()
    /// The endgame has begun: when it did, all peers with room in their pipelines were asked for duplicates.
    var hasEnteredEndgame = false

    init(
        _ configuration: SwarmConfiguration, manner: AskingManner, _ availability: borrowing Availability,
        using generator: inout SplitMix64
    ) {
        geometry = configuration.geometry
        pipelineBlocks = configuration.limits.pipelineBlocks
        self.manner = manner
        picker = PiecePicker(
            openBytes: configuration.limits.openBytes, keepsPiecesWhole: manner.keepsPiecesWhole, availability,
            using: &generator)
    }

    /// Our uplink has changed from slots to turns or back.
    mutating func change(to manner: AskingManner) {
        self.manner = manner
        picker.keepsPiecesWhole = manner.keepsPiecesWhole
    }

    /// The deepest pipeline for this peer: our limit, or the length of its queue if it told us that.
    func deepest(for peer: PeerConnection) -> Int {
        max(1, min(pipelineBlocks, peer.download.requestQueue ?? pipelineBlocks))
    }

    // MARK: What a peer has

    /// A peer has told all its pieces, which changes the rarity of the waiting ones.
    mutating func copiesCame(
        with peer: PeerConnection, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        guard !peer.pieces.isCountedAsSeed else { return }
        picker.waiting.copiesCame(peer.pieces.have, availability, using: &agenda.generator)
    }

    mutating func copyCame(
        of piece: PieceIndex, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        picker.waiting.copyCame(piece.position, availability, using: &agenda.generator)
    }

    /// A peer is gone, and its copies with it.
    mutating func left(
        _ peer: PeerConnection, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        guard !peer.pieces.isCountedAsSeed else { return }
        picker.waiting.copiesWent(peer.pieces.have, availability, using: &agenda.generator)
    }

    /// A peer has told all its pieces, and some may be useful.
    mutating func told(
        by peer: PeerConnection, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        updateInterest(in: peer, &agenda)
        // It may have unchoked us, or allowed us pieces, before it told what it has.
        refill(peer, availability, &agenda)
    }

    func countUseful(of peer: PeerConnection, _ availability: borrowing Availability) {
        peer.download.usefulCount = availability.isFetching ? availability.usefulCount(of: peer) : 0
    }

    /// A peer has announced one more piece.
    mutating func told(
        _ piece: PieceIndex, by peer: PeerConnection, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        guard !availability.have[piece], availability.isFetching else { return }
        peer.download.usefulCount += 1
        updateInterest(in: peer, &agenda)
        refill(peer, availability, &agenda)
    }

    /// A peer has this piece no more (BEP 54): what it was asked for of it is asked of others.
    mutating func lost(
        _ piece: PieceIndex, of peer: PeerConnection, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        picker.waiting.copyWent(piece.position, availability, using: &agenda.generator)
        guard !availability.have[piece], availability.isFetching else { return }
        peer.download.usefulCount -= 1
        takeBack(piece, from: peer, &agenda)
        if peer.download.current?.piece == piece { peer.download.current = nil }
        if let progress = picker.progress(of: piece), !progress.isVerifying {
            if progress.owner === peer { progress.owner = nil }
            if progress.isUntouched { picker.discard(progress, availability, &agenda) }
        }
        updateInterest(in: peer, &agenda)
        renewInterest(in: piece, availability, &agenda)
        refillAll(availability, &agenda)
    }

    /// The extension handshake (BEP 10) says how many requests the peer queues.
    func introduced(_ peer: PeerConnection, by handshake: ExtensionHandshake) {
        if let queue = handshake.requestQueue { peer.download.requestQueue = queue }
    }

    mutating func allowedFast(
        _ piece: PieceIndex, by peer: PeerConnection, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        guard peer.download.allowedFast.count < Self.mostAllowedFast, !peer.download.allowedFast.contains(piece) else {
            return
        }
        peer.download.allowedFast.append(piece)
        refill(peer, availability, &agenda)
    }

    /// Pieces remembered of a peer's allowed fast set.
    private static let mostAllowedFast = 64

    // MARK: For the shell

    func forEachExpected(from peer: PeerConnection, _ body: (BlockRequest) -> Bool) {
        peer.download.pipeline.forEachPending(body)
    }

    func forEachReadTarget(
        from peer: PeerConnection, behind begun: WireBlock?, _ body: (BlockRequest) -> Bool
    ) {
        var last: PieceProgress?
        peer.download.pipeline.forEachPending { block in
            if block.onWire == begun { return true }
            if last?.piece != block.piece { last = picker.progress(of: block.piece) }
            guard let last, let number = geometry.number(of: block), last.takesReads(number) else { return false }
            return body(block)
        }
    }

    func messagesWaited(_ time: Duration, on peer: PeerConnection) { peer.download.pipeline.messagesWaited(time) }

    // MARK: Interest

    /// Sends `interested` or `notInterested` when that has changed: BEP 3 wants it up to date at all times.
    func updateInterest(in peer: PeerConnection, _ agenda: inout Agenda) {
        let isInteresting = peer.download.usefulCount > 0
        guard isInteresting != peer.download.isInteresting else { return }
        peer.download.isInteresting = isInteresting
        peer.wasUseful(at: agenda.now)
        peer.send(isInteresting ? .interested : .notInterested, &agenda)
    }

    /// `piece`, or any piece if nil, has to be asked for again. A peer that has it may have been told `notInterested`
    /// while the piece was on its way from another: it is interesting again.
    func renewInterest(
        in piece: PieceIndex? = nil, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        guard manner.keepsPiecesWhole else { return }
        for peer in availability.peers
        where !peer.download.isInteresting && (piece.map { peer.pieces.have[$0] } ?? true) {
            updateInterest(in: peer, &agenda)
        }
    }

    // MARK: Choking of us

    mutating func choked(
        by peer: PeerConnection, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        guard !peer.download.isChokingUs else { return }
        peer.download.watch.choked()
        peer.download.isChokingUs = true
        // With BEP 6 each request is still answered, with a block or a reject. Without it a choke drops all requests:
        // only blocks on the wire may still come, and others may be asked at once.
        if peer.isFast {
            peer.download.current = nil
            // Its pieces stay its own as long as requests for them are unanswered.
            if peer.download.pipeline.count == 0 { picker.disown(peer.id) }
        } else {
            peer.download.strays += peer.download.pipeline.count
            giveUpAll(of: peer)
            renewInterest(availability, &agenda)
            refillAll(availability, &agenda)
        }
    }

    mutating func unchoked(
        by peer: PeerConnection, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        guard peer.download.isChokingUs else { return }
        peer.download.isChokingUs = false
        peer.download.watch.unchoked(at: agenda.now)
        peer.download.pipeline.restart(
            atLeast: manner.asksAtOnce ? blocksAskedAtOnce : RequestPipeline.shallowest)
        refill(peer, availability, &agenda)
        if manner.keepsPiecesWhole, peer.download.pipeline.count == 0, peer.download.isInteresting {
            // All that it has is on its way from others: its turn should not wait for our requests.
            peer.download.isInteresting = false
            peer.send(.notInterested, &agenda)
        }
    }

    /// A whole piece, up to a megabyte: a peer that gives us a turn should not have to wait for more requests.
    private var blocksAskedAtOnce: Int {
        min(64, max(RequestPipeline.shallowest, geometry.pieceLength / TorrentGeometry.blockLength))
    }
}
