import TorrentCore

// Requests of peers: queued, rejected, cancelled, and handed to the shell.

extension Uplink {
    /// A peer asks for a block. Returns what the request breaks of the protocol, if anything. Blocks are of 16 KiB, and
    /// who asks for much more is closed (BEP 3).
    mutating func requested(
        _ wire: WireBlock, by peer: PeerConnection, expecting newcomers: Int, _ availability: borrowing Availability,
        _ agenda: inout Agenda
    ) -> Violation? {
        guard let block = geometry.block(wire) else {
            return geometry.piece(at: wire.piece) == nil ? .pieceOutOfRange : .blockOutOfRange
        }
        guard block.length <= UInt32(clamping: limits.blockBytes) else { return .blockTooLong }
        let isAllowed =
            !peer.uplink.isChokedByUs || isGranted(block.piece, to: peer)
            || peer.uplink.turns.current?.piece == block.piece
        guard isAllowed, !isSpared(block.piece, peer), availability.have[block.piece],
            peer.uplink.uploads.waitingCount < limits.queuedRequests
        else {
            return refuse(wire, to: peer, &agenda)
        }
        peer.uplink.letsChancesPass = false
        peer.uplink.uploads.append(block)
        if turns != nil {
            queued(block, by: peer, expecting: newcomers, availability, &agenda)
        } else {
            release(to: peer, &agenda)
        }
        return nil
    }

    /// Who super seeds gives each peer what it has shown it: nobody else decides which pieces go out.
    private func isSpared(_ piece: PieceIndex, _ peer: PeerConnection) -> Bool {
        guard turns?.isSuperSeeding == true, let shown = peer.uplink.spread.shown else { return false }
        return !shown[piece.position]
    }

    private func refuse(_ wire: WireBlock, to peer: PeerConnection, _ agenda: inout Agenda) -> Violation? {
        answeredTooLate(peer, at: agenda.now)
        peer.uplink.refusedRequests += 1
        guard peer.uplink.refusedRequests <= Self.refusalsPerQueue * max(limits.queuedRequests, 1) else {
            return .requestFlood
        }
        if peer.isFast { peer.send(.reject(wire), &agenda) }
        return nil
    }

    /// A peer may have this many times the queue's length of requests rejected before it counts as hostile (BEP 6); an
    /// unchoke starts the count anew.
    private static let refusalsPerQueue = 4

    func cancelled(_ wire: WireBlock, by peer: PeerConnection, _ agenda: inout Agenda) {
        guard let block = geometry.block(wire), peer.uplink.uploads.cancel(block) else { return }
        if peer.isFast { peer.send(.reject(wire), &agenda) }
    }

    // MARK: What leaves

    /// A block has left for the network, whether or not its receiver is still connected.
    mutating func blockSent(_ block: BlockRequest, at now: Moment) {
        sent.add(Int(block.length), at: now)
        blocksSent += 1
        stalledSinceLast = 0
        if let turns { turns.pace.sent(Int(block.length), wasBusy: turns.history.isBusy, at: now) }
    }

    /// A block has left for a peer that is still connected. Called after the other `blockSent` and a review.
    mutating func blockSent(
        _ block: BlockRequest, to peer: PeerConnection, expecting newcomers: Int,
        _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        peer.uplink.uploads.sent(block)
        let hadStalled = peer.uplink.flow.isStalled
        moved(peer, &agenda)
        peer.uplink.sent.add(Int(block.length), at: agenda.now)
        peer.uplink.lastServedAt = agenda.now
        if turns != nil { return turnBlockSent(block, of: peer, expecting: newcomers, availability, &agenda) }
        release(to: peer, &agenda)
        // It takes blocks again, and may be the only peer that is interested.
        if hadStalled { holdRound(.vacancy, expecting: newcomers, availability, &agenda) }
    }

    /// Hands queued blocks to the shell in the order of the requests, no more than half a second's sending: blocks that
    /// the shell has can be neither cancelled nor dropped by a choke, and BEP 3 wants the rest of them to be.
    func release(to peer: PeerConnection, _ agenda: inout Agenda) {
        guard peer.uplink.uploads.waitingCount > 0 else { return }
        let ahead = Int(min(Double(limits.releasedBytes), peer.uplink.sent.rate(at: agenda.now) / 2))
        let window = max(min(Self.smallestWindow, limits.releasedBytes), ahead)
        if peer.uplink.uploads.releasedBytes == 0 { moved(peer, &agenda) }
        while let block = peer.uplink.uploads.release(upTo: window) {
            agenda.effects.append(.serve(peer.id, block))
        }
    }

    static let smallestWindow = 32_768

    // MARK: Choking

    /// The choke goes before the rejects, so that the peer does not ask again at once (BEP 6).
    func choke(
        _ peer: PeerConnection, _ reason: ChokeReason, keeping piece: PieceIndex? = nil, _ agenda: inout Agenda
    ) {
        if peer.uplink.isInterestedInUs, peer.uplink.hasAskedNothing { peer.uplink.letsChancesPass = true }
        peer.uplink.standing = .choked(reason)
        peer.send(.choke, &agenda)
        dropRequests(of: peer, keeping: piece, &agenda)
    }

    func unchoke(_ peer: PeerConnection, _ reason: UnchokeReason, _ agenda: inout Agenda) {
        peer.uplink.unchoked(reason, at: agenda.now)
        peer.send(.unchoke, &agenda)
    }

    /// Drops the queued requests, rejecting each (BEP 6), except those for `piece` and for pieces allowed fast.
    func dropRequests(of peer: PeerConnection, keeping piece: PieceIndex? = nil, _ agenda: inout Agenda) {
        let granted = grantedFast(to: peer)
        let dropped = peer.uplink.uploads.drop {
            peer.isFast && ($0.piece == piece || granted.contains($0.piece))
        }
        guard peer.isFast else { return }
        for block in dropped { peer.send(.reject(block.onWire), &agenda) }
    }

    // MARK: The allowed fast set

    /// Tells a peer with hardly any pieces which ones it may ask for while it is choked (BEP 6).
    func grantFast(to peer: PeerConnection, _ availability: borrowing Availability, _ agenda: inout Agenda) {
        let count = AllowedFastSet.size(pieceCount: geometry.pieceCount)
        guard rules.grantsFast, turns == nil, peer.isFast, peer.uplink.grantedFast.isEmpty, count > 0,
            peer.pieces.have.setCount < count, !availability.have.isEmpty
        else { return }
        // In a young swarm all peers are beginners. Serving them all would take our uplink from the pieces that no
        // other peer has yet. So this is done only among few peers, or for pieces that others can give as well.
        let isCalm = availability.peers.count <= ClassicChoker.fewestSlots + 1
        for piece in AllowedFastSet.pieces(
            for: peer.endpoint.address, infoHash: infoHash, geometry: geometry, count: count)
        where isCalm || availability.seeds + availability.copies(of: piece.position) >= Self.common {
            peer.uplink.grantedFast.append(piece)
        }
        for piece in peer.uplink.grantedFast where availability.have[piece] && !peer.pieces.have[piece] {
            peer.send(.allowedFast(piece.number), &agenda)
        }
    }

    /// With so many copies among the connected peers a piece is not rare.
    private static let common = 4

    private func isGranted(_ piece: PieceIndex, to peer: PeerConnection) -> Bool {
        grantedFast(to: peer).contains(piece)
    }

    /// None once the peer has more pieces than `AllowedFastSet.size`: then it has something to trade.
    private func grantedFast(to peer: PeerConnection) -> [PieceIndex] {
        turns == nil && peer.pieces.have.setCount <= AllowedFastSet.size ? peer.uplink.grantedFast : []
    }
}
