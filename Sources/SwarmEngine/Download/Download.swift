import TorrentCore

/// What we fetch, and from whom: which pieces are under way, what each peer was asked for, what came of it.
struct Download: ~Copyable {
    let geometry: TorrentGeometry
    private let pipelineBlocks: Int
    var picker: PiecePicker
    var rejections = RejectionLog()
    /// How those who give to us want to be asked, as our own uplink does it.
    private(set) var manner: AskingManner
    /// Bytes that came and were of no use.
    var wasted: Int64 = 0
    /// Over 5 seconds: for people.
    var received = RateMeter(window: .seconds(5))
    /// The peers have been asked once more since all that is within reach has been asked for.
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

    /// Our uplink does it in another way from now on.
    mutating func change(to manner: AskingManner) {
        self.manner = manner
        picker.keepsPiecesWhole = manner.keepsPiecesWhole
    }

    /// Requests that a peer is to be asked at once at most.
    func deepest(for peer: PeerConnection) -> Int {
        max(1, min(pipelineBlocks, peer.download.requestQueue ?? pipelineBlocks))
    }

    // MARK: What a peer has

    /// A peer has said what it has: the pieces that wait are put in order anew.
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

    /// A peer is gone.
    mutating func left(
        _ peer: PeerConnection, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        guard !peer.pieces.isCountedAsSeed else { return }
        picker.waiting.copiesWent(peer.pieces.have, availability, using: &agenda.generator)
    }

    /// What a peer has said for the first time that it has may be of use.
    mutating func told(
        by peer: PeerConnection, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        updateInterest(in: peer, &agenda)
        // It may have unchoked us, or allowed us pieces, before it said what it has.
        refill(peer, availability, &agenda)
    }

    func countUseful(of peer: PeerConnection, _ availability: borrowing Availability) {
        peer.download.usefulCount = availability.isFetching ? availability.usefulCount(of: peer) : 0
    }

    /// A peer has one piece more.
    mutating func told(
        _ piece: PieceIndex, by peer: PeerConnection, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        guard !availability.have[piece], availability.isFetching else { return }
        peer.download.usefulCount += 1
        updateInterest(in: peer, &agenda)
        refill(peer, availability, &agenda)
    }

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

    /// Pieces of a peer's allowed fast set that are kept in mind.
    private static let mostAllowedFast = 64

    // MARK: For the shell

    func forEachExpected(from peer: PeerConnection, _ body: (BlockRequest) -> Bool) {
        peer.download.pipeline.forEachPending(body)
    }

    func messagesWaited(_ time: Duration, on peer: PeerConnection) { peer.download.pipeline.messagesWaited(time) }

    // MARK: Interest

    /// Says `interested` or `notInterested` when that has changed (BEP 3: to be kept up to date at all times).
    func updateInterest(in peer: PeerConnection, _ agenda: inout Agenda) {
        let isInteresting = peer.download.usefulCount > 0
        guard isInteresting != peer.download.isInteresting else { return }
        peer.download.isInteresting = isInteresting
        peer.wasUseful(at: agenda.now)
        peer.send(isInteresting ? .interested : .notInterested, &agenda)
    }

    /// What was on its way is not any more: whoever has it (all who have anything, if it is nil) is interesting again.
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
        // With BEP 6 each request will still be answered, by a block or a reject. Without it none will, though what is
        // on the wire already may come, and others may be asked at once.
        if peer.isFast {
            peer.download.current = nil
            // A piece of which it still owes us blocks stays its own until they have been answered.
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
            // All that it has is on its way already: it should not wait for us.
            peer.download.isInteresting = false
            peer.send(.notInterested, &agenda)
        }
    }

    /// A piece up to a megabyte is asked for at once: its giver should not have to wait for the rest.
    private var blocksAskedAtOnce: Int {
        min(64, max(RequestPipeline.shallowest, geometry.pieceLength / TorrentGeometry.blockLength))
    }
}
