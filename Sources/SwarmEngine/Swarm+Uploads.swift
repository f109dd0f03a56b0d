package import TorrentCore

// Blocks on their way to others: requests, the choke rounds that decide over them, and what leaves.

extension Swarm {
    // MARK: Requests

    mutating func requested(
        _ wire: WireBlock, by peer: PeerConnection, at now: Moment, effects: inout SwarmEffects
    ) {
        guard let block = geometry.block(wire) else {
            let violation: Violation = geometry.piece(at: wire.piece) == nil ? .pieceOutOfRange : .blockOutOfRange
            return violate(violation, by: peer, at: now, effects: &effects)
        }
        guard block.length <= UInt32(clamping: limits.blockBytes) else {
            return violate(.blockTooLong, by: peer, at: now, effects: &effects)
        }
        let isAllowed = !peer.isChokedByUs || isGranted(block.piece, to: peer) || peer.turn?.piece == block.piece
        guard isAllowed, have[block.piece], peer.uploads.waitingCount < limits.queuedRequests else {
            answeredTooLate(peer, at: now)
            peer.refusedRequests += 1
            guard peer.refusedRequests <= Self.refusalsPerQueue * max(limits.queuedRequests, 1) else {
                return violate(.requestFlood, by: peer, at: now, effects: &effects)
            }
            if peer.isFast { send(.reject(wire), to: peer, at: now, effects: &effects) }
            return
        }
        peer.uploads.append(block)
        if isSerial { return queued(block, by: peer, at: now, effects: &effects) }
        release(to: peer, at: now, effects: &effects)
    }

    /// Refused requests for which a peer is thought clumsy rather than hostile, as a multiple of the queue's length;
    /// counted anew each time it is unchoked.
    private static let refusalsPerQueue = 4

    mutating func cancelled(
        _ wire: WireBlock, by peer: PeerConnection, at now: Moment, effects: inout SwarmEffects
    ) {
        guard let block = geometry.block(wire), peer.uploads.cancel(block) else { return }
        if peer.isFast { send(.reject(wire), to: peer, at: now, effects: &effects) }
    }

    /// A `.serve` has left for the network.
    package mutating func blockSent(
        _ block: BlockRequest, to id: ConnectionID, at now: Moment, effects: inout SwarmEffects
    ) {
        sent.add(Int(block.length), at: now)
        blocksLeft += 1
        stalledSinceLast = 0
        if isSerial { pace.sent(Int(block.length), wasBusy: uplinkIsBusy, at: now) }
        reviewUploads(at: now, effects: &effects)
        guard let peer = connections.peer(id) else { return }
        peer.uploads.sent(block)
        let hadStalled = peer.isStalled
        uploadsMoved(of: peer, at: now)
        peer.sent.add(Int(block.length), at: now)
        peer.lastSentAt = now
        peer.lastServedAt = now
        peer.usefulAt = now
        if isSerial { return blockLeft(block, of: peer, at: now, effects: &effects) }
        release(to: peer, at: now, effects: &effects)
        // It takes something after all, and may have been the only one who wants anything.
        if hadStalled { holdRound(.vacancy, at: now, effects: &effects) }
    }

    /// What we had to say to this peer, requests among it, was kept so long by a block on its way there.
    package func wordsWaited(_ time: Duration, on id: ConnectionID) {
        connections.peer(id)?.pipeline.wereHeld(for: time)
    }

    /// Hands over what waits, as asked for, for half a second's sending: what the shell has can be neither cancelled
    /// nor dropped by a choke.
    mutating func release(to peer: PeerConnection, at now: Moment, effects: inout SwarmEffects) {
        guard peer.uploads.waitingCount > 0 else { return }
        let ahead = Int(min(Double(limits.releasedBytes), peer.sent.rate(at: now) / 2))
        let window = max(min(Self.smallestWindow, limits.releasedBytes), ahead)
        if peer.uploads.releasedBytes == 0 { uploadsMoved(of: peer, at: now) }
        while let block = peer.uploads.release(upTo: window) { effects.append(.serve(peer.id, block)) }
    }

    static let smallestWindow = 32_768

    // MARK: The allowed fast set

    /// Tells a peer that begins which pieces it may have while choked (BEP 6).
    mutating func grantFast(to peer: PeerConnection, at now: Moment, effects: inout SwarmEffects) {
        let count = AllowedFastSet.size(pieceCount: geometry.pieceCount)
        guard configuration.rules.grantsFast, !isSerial, peer.isFast, peer.grantedFast.isEmpty, count > 0,
            peer.have.setCount < count, !have.isEmpty
        else {
            return
        }
        // In a young swarm everybody begins: what all of them may have would keep the uplink from the pieces that
        // nobody has yet. So either they are few, or it is pieces that others can give as well.
        let isCalm = connections.open.count <= ClassicChoker.fewestSlots + 1
        peer.grantedFast = AllowedFastSet.pieces(
            for: peer.endpoint.address, infoHash: configuration.infoHash, geometry: geometry, count: count
        ).filter { isCalm || picker.rarity.seeds + picker.rarity.count(of: $0.position) >= Self.common }
        for piece in peer.grantedFast where have[piece] && !peer.have[piece] {
            send(.allowedFast(piece.number), to: peer, at: now, effects: &effects)
        }
    }

    /// Copies among the connected from which on a piece is not rare.
    private static let common = 4

    /// Only for who is still beginning: past that, it has pieces to trade.
    private func isGranted(_ piece: PieceIndex, to peer: PeerConnection) -> Bool {
        !isSerial && peer.have.setCount <= AllowedFastSet.size && peer.grantedFast.contains(piece)
    }

    // MARK: Choking

    mutating func becameInterested(_ peer: PeerConnection, at now: Moment, effects: inout SwarmEffects) {
        guard !peer.isInterestedInUs else { return }
        peer.isInterestedInUs = true
        peer.usefulAt = now
        holdRound(.vacancy, at: now, effects: &effects)
    }

    mutating func lostInterest(_ peer: PeerConnection, at now: Moment, effects: inout SwarmEffects) {
        guard peer.isInterestedInUs else { return }
        peer.isInterestedInUs = false
        peer.usefulAt = now
        // In a young swarm interest comes and goes with each piece: a place is not given away for that while others
        // are being served.
        if !isFetching || !connections.open.contains(where: { $0.isInterestedInUs && !$0.isChokedByUs }) {
            holdRound(.vacancy, at: now, effects: &effects)
        }
    }

    /// Lets the policy decide, and says what has changed.
    mutating func holdRound(_ occasion: UploadPolicy.Occasion, at now: Moment, effects: inout SwarmEffects) {
        guard isRunning else { return }
        if isSerial { return advanceTurns(at: now, effects: &effects) }
        let situation = UploadPolicy.Situation(
            now: now, occasion: occasion, isSeeding: !isFetching, sendRate: sent.rate(at: now),
            pieceLength: geometry.pieceLength, slots: limits.uploadSlots ?? configuration.rules.slots)
        // In a young swarm interest changes with every piece: most of the time there is no place to give.
        if occasion == .vacancy, nextRound != nil, policy.isFull(served: servedCount, situation) { return }
        let seen = connections.open.filter {
            !$0.isStalled && ($0.isInterestedInUs || (isFetching && !$0.isChokedByUs))
        }
        let chosen = policy.round(seen.map { candidate($0, at: now) }, in: situation, using: &generator)
        for peer in connections.open where !peer.isChokedByUs && !chosen.contains(peer.id) {
            choke(peer, at: now, effects: &effects)
        }
        for id in chosen {
            guard let peer = connections.peer(id), peer.isChokedByUs else { continue }
            peer.isChokedByUs = false
            peer.unchokedAt = now
            peer.sentWhenUnchoked = peer.sent.total
            peer.refusedRequests = 0
            send(.unchoke, to: peer, at: now, effects: &effects)
        }
        if seen.isEmpty {
            nextRound = nil
        } else if occasion == .timer || nextRound == nil {
            nextRound = now + policy.interval
        }
    }

    private var servedCount: Int { connections.open.count { $0.isInterestedInUs && !$0.isChokedByUs } }

    private func candidate(_ peer: PeerConnection, at now: Moment) -> UploadPolicy.Candidate {
        UploadPolicy.Candidate(
            id: peer.id, isInterested: peer.isInterestedInUs, isUnchoked: !peer.isChokedByUs,
            isSnubbing: peer.isSnubbed && isFetching,
            receiveRate: peer.received.rate(at: now), sendRate: peer.sent.rate(at: now),
            sentSinceUnchoked: peer.sent.total - peer.sentWhenUnchoked, connectedAt: peer.connectedAt,
            unchokedAt: peer.unchokedAt, lastServedAt: peer.lastServedAt)
    }

    /// First the choke, then the rejects, so that it does not ask again (BEP 6).
    mutating func choke(
        _ peer: PeerConnection, keeping piece: PieceIndex? = nil, at now: Moment, effects: inout SwarmEffects
    ) {
        peer.isChokedByUs = true
        send(.choke, to: peer, at: now, effects: &effects)
        dropRequests(of: peer, keeping: piece, at: now, effects: &effects)
    }

    func dropRequests(
        of peer: PeerConnection, keeping piece: PieceIndex? = nil, at now: Moment, effects: inout SwarmEffects
    ) {
        let dropped = peer.uploads.drop { peer.isFast && ($0.piece == piece || isGranted($0.piece, to: peer)) }
        guard peer.isFast else { return }
        for block in dropped { send(.reject(block.onWire), to: peer, at: now, effects: &effects) }
    }
}
