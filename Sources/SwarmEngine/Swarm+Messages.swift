package import TorrentCore

// What peers say, blocks apart.

extension Swarm {
    package mutating func received(
        _ message: PeerMessage, from id: ConnectionID, at now: Moment, effects: inout SwarmEffects
    ) {
        guard let peer = connections.peer(id) else { return }
        peer.lastReceivedAt = now
        switch message {
        case .keepAlive, .port: break
        case .choke: choked(by: peer, at: now, effects: &effects)
        case .unchoke: unchoked(by: peer, at: now, effects: &effects)
        case .interested: becameInterested(peer, at: now, effects: &effects)
        case .notInterested: lostInterest(peer, at: now, effects: &effects)
        case .have(let number):
            guard let piece = geometry.piece(at: number) else {
                return violate(.pieceOutOfRange, by: peer, at: now, effects: &effects)
            }
            has(peer, piece, at: now, effects: &effects)
        case .request(let block): requested(block, by: peer, at: now, effects: &effects)
        case .cancel(let block): cancelled(block, by: peer, at: now, effects: &effects)
        case .haveAll, .haveNone, .suggest, .reject, .allowedFast:
            guard peer.isFast else { return violate(.unaskedFast, by: peer, at: now, effects: &effects) }
            receivedFast(message, from: peer, at: now, effects: &effects)
        }
    }

    private mutating func receivedFast(
        _ message: PeerMessage, from peer: PeerConnection, at now: Moment, effects: inout SwarmEffects
    ) {
        switch message {
        case .haveAll:
            tookPieces(Bitfield(count: geometry.pieceCount, filled: true), of: peer, at: now, effects: &effects)
        case .haveNone: tookPieces(Bitfield(count: geometry.pieceCount), of: peer, at: now, effects: &effects)
        case .reject(let block): rejected(block, by: peer, at: now, effects: &effects)
        case .allowedFast(let number):
            guard let piece = geometry.piece(at: number) else {
                return violate(.pieceOutOfRange, by: peer, at: now, effects: &effects)
            }
            guard peer.allowedFast.count < Self.mostAllowedFast, !peer.allowedFast.contains(piece) else { return }
            peer.allowedFast.append(piece)
            refill(peer, at: now, effects: &effects)
        default: break
        }
    }

    /// Pieces of a peer's allowed fast set that are kept in mind.
    private static let mostAllowedFast = 64

    package mutating func receivedBitfield(
        _ bytes: RawSpan, from id: ConnectionID, at now: Moment, effects: inout SwarmEffects
    ) {
        guard let peer = connections.peer(id) else { return }
        peer.lastReceivedAt = now
        guard let pieces = Bitfield(wire: bytes, count: geometry.pieceCount) else {
            return violate(.badBitfield, by: peer, at: now, effects: &effects)
        }
        tookPieces(pieces, of: peer, at: now, effects: &effects)
    }

    /// The extension handshake (BEP 10): who it is, where it listens, how much it queues.
    package mutating func receivedExtensionHandshake(
        _ handshake: ExtensionHandshake, from id: ConnectionID, at now: Moment, effects: inout SwarmEffects
    ) {
        guard let peer = connections.peer(id) else { return }
        peer.lastReceivedAt = now
        if let client = handshake.client { peer.client = client }
        if let queue = handshake.requestQueue { peer.requestQueue = queue }
        if handshake.isUploadOnly || handshake.spreads { peer.isUploadOnly = true }
        noteListening(at: handshake.listenPort, of: peer, at: now)
        // Neither will ever give the other anything (BEP 21).
        if peer.isUploadOnly, isComplete { close(peer, .notUseful, at: now, effects: &effects) }
    }

    private mutating func noteListening(at port: UInt16?, of peer: PeerConnection, at now: Moment) {
        guard !peer.isOutgoing, peer.listensAt == nil, let port else { return }
        let listensAt = Endpoint(peer.endpoint.address, port: port)
        peer.listensAt = listensAt
        if !configuration.isPrivate { book.add(listensAt, from: .incoming, at: now) }
        book.connected(listensAt)
        book.setSeed(listensAt, peer.isSeed)
    }

    /// What we say of ourselves (BEP 10).
    package func extensionHandshake(listenPort: UInt16?) -> ExtensionHandshake {
        var ours = ExtensionHandshake.ours(listenPort: listenPort, requestQueue: limits.queuedRequests)
        ours.spreads = ledger != nil
        ours.isUploadOnly = ledger == nil && !isFetching
        return ours
    }

    // MARK: What a peer has

    /// The first word of a peer: all that it has.
    private mutating func tookPieces(
        _ pieces: Bitfield, of peer: PeerConnection, at now: Moment, effects: inout SwarmEffects
    ) {
        guard !peer.hasToldPieces else { return alsoHas(peer, pieces, at: now, effects: &effects) }
        peer.hasToldPieces = true
        peer.have = pieces
        if pieces.isFull {
            peer.isCountedAsSeed = true
            picker.rarity.addSeed()
            if let listensAt = peer.listensAt { book.setSeed(listensAt, true) }
        } else {
            picker.rarity.add(pieces, using: &generator)
        }
        noteSpread(of: pieces, by: peer, at: now, effects: &effects)
        if isComplete, peer.isSeed { return close(peer, .notUseful, at: now, effects: &effects) }
        peer.usefulCount = isFetching ? countUseful(pieces) : 0
        grantFast(to: peer, at: now, effects: &effects)
        updateInterest(in: peer, at: now, effects: &effects)
        // It may have unchoked us, or allowed us pieces, before it said what it has.
        refill(peer, at: now, effects: &effects)
    }

    /// aria2 sends another bitfield instead of many haves, though BEP 3 has it as the first message only.
    private mutating func alsoHas(
        _ peer: PeerConnection, _ pieces: Bitfield, at now: Moment, effects: inout SwarmEffects
    ) {
        for index in 0..<pieces.wordCount {
            forEachBit(pieces.word(index) & ~peer.have.word(index), index) { position in
                guard let piece = geometry.piece(at: UInt32(position)) else { return }
                has(peer, piece, at: now, effects: &effects)
            }
        }
    }

    private mutating func has(
        _ peer: PeerConnection, _ piece: PieceIndex, at now: Moment, effects: inout SwarmEffects
    ) {
        peer.hasToldPieces = true
        guard !peer.have[piece] else { return }
        peer.have[piece] = true
        picker.rarity.add(piece.position, using: &generator)
        noteDelivery(of: piece, to: peer, at: now, effects: &effects)
        noteSpread(of: piece, by: peer, at: now, effects: &effects)
        if peer.isSeed {
            if let listensAt = peer.listensAt { book.setSeed(listensAt, true) }
            ledger = nil
            if isComplete { return close(peer, .notUseful, at: now, effects: &effects) }
        }
        guard !have[piece], isFetching else { return }
        peer.usefulCount += 1
        updateInterest(in: peer, at: now, effects: &effects)
        refill(peer, at: now, effects: &effects)
    }

    /// A seeder that hides its pieces learns whose pieces are passed on.
    private mutating func noteSpread(
        of piece: PieceIndex, by peer: PeerConnection, at now: Moment, effects: inout SwarmEffects
    ) {
        guard ledger != nil else { return }
        if let giver = ledger?.announced(piece.position, by: peer).flatMap({ connections.peer($0) }) {
            giver.unspread -= 1
            giver.hasSpread = true
        }
        if turns.isEmpty { advanceTurns(at: now, effects: &effects) }
    }

    private mutating func noteSpread(
        of pieces: Bitfield, by peer: PeerConnection, at now: Moment, effects: inout SwarmEffects
    ) {
        guard ledger != nil else { return }
        if pieces.isFull {
            ledger = nil
        } else {
            pieces.forEachSet { noteSpread(of: geometry.piece($0), by: peer, at: now, effects: &effects) }
        }
    }

    private func countUseful(_ pieces: Bitfield) -> Int {
        var count = 0
        for index in 0..<pieces.wordCount { count += (pieces.word(index) & ~have.word(index)).nonzeroBitCount }
        return count
    }

    /// Says `interested` or `notInterested` when that has changed (BEP 3: to be kept up to date at all times).
    func updateInterest(in peer: PeerConnection, at now: Moment, effects: inout SwarmEffects) {
        let isInteresting = peer.usefulCount > 0
        guard isInteresting != peer.isInteresting else { return }
        peer.isInteresting = isInteresting
        peer.usefulAt = now
        send(isInteresting ? .interested : .notInterested, to: peer, at: now, effects: &effects)
    }

    // MARK: Choking of us

    private mutating func choked(by peer: PeerConnection, at now: Moment, effects: inout SwarmEffects) {
        guard !peer.isChokingUs else { return }
        peer.watch.choked()
        peer.isChokingUs = true
        // With BEP 6 each request will still be answered, by a block or a reject. Without it none will, though what is
        // on the wire already may come, and others may be asked at once.
        if peer.isFast {
            peer.current = nil
            // A piece of which it still owes us blocks stays its own until they have been answered.
            if peer.pipeline.count == 0 { picker.disown(peer.id) }
        } else {
            peer.strays += peer.pipeline.count
            giveUpAll(of: peer)
            renewInterest(in: nil, at: now, effects: &effects)
            refillAll(at: now, effects: &effects)
        }
    }

    private mutating func unchoked(by peer: PeerConnection, at now: Moment, effects: inout SwarmEffects) {
        guard peer.isChokingUs else { return }
        peer.isChokingUs = false
        peer.watch.unchoked(at: now)
        peer.pipeline.restart(atLeast: isSerial ? blocksAskedAtOnce : RequestPipeline.shallowest)
        refill(peer, at: now, effects: &effects)
        if isSerial, peer.pipeline.count == 0, peer.isInteresting {
            // All that it has is on its way already: it should not wait for us.
            peer.isInteresting = false
            send(.notInterested, to: peer, at: now, effects: &effects)
        }
    }

    /// Where uplinks are serial a piece is asked for at once, up to a megabyte: its giver should not have to wait for
    /// the rest.
    private var blocksAskedAtOnce: Int {
        min(64, max(RequestPipeline.shallowest, geometry.pieceLength / TorrentGeometry.blockLength))
    }

    /// What was on its way is not any more: whoever has it (all who have anything, if it is nil) is interesting again.
    func renewInterest(in piece: PieceIndex?, at now: Moment, effects: inout SwarmEffects) {
        guard isSerial else { return }
        for peer in connections.open where !peer.isInteresting && (piece.map { peer.have[$0] } ?? true) {
            updateInterest(in: peer, at: now, effects: &effects)
        }
    }
}
