package import TorrentCore

// Blocks that come, and what the workers say of whole pieces.

extension Swarm {
    /// May the bytes of this block go into the buffer of its piece? Asked when a piece header has been read.
    mutating func admit(_ wire: WireBlock, from id: ConnectionID) -> BlockAdmission {
        guard let peer = membership.peer(id) else { return .refuse }
        peer.heard(at: agenda.now)
        switch download.admit(wire, from: peer, availability, &agenda) {
        case .accept(let block): return .accept(block)
        case .discard: return .discard
        case .violation(let violation):
            violate(violation, by: peer)
            return .refuse
        }
    }

    /// An admitted block is whole in its buffer.
    mutating func blockArrived(_ block: BlockRequest, from id: ConnectionID) {
        guard let peer = membership.peer(id) else { return }
        peer.heard(at: agenda.now)
        peer.traded(at: agenda.now)
        download.arrived(block, from: peer, availability, &agenda)
    }

    /// A discarded block has gone by.
    mutating func blockDiscarded(_ wire: WireBlock, from id: ConnectionID) {
        guard let peer = membership.peer(id) else { return }
        peer.heard(at: agenda.now)
        peer.wasUseful(at: agenda.now)
        download.discarded(wire, from: peer, availability, &agenda)
    }

    // MARK: Whole pieces

    /// `piece` was hashed right and is on disk: only now is it announced to others (BEP 3).
    mutating func pieceStored(_ piece: PieceIndex) {
        guard download.stored(piece, availability) else { return }
        availability.stored(piece)
        for peer in availability.peers {
            // Said to those as well who have it: they learn how far we are, and when we have become a seed.
            peer.send(.have(piece.number), &agenda)
            if peer.pieces.have[piece] { download.stored(alsoOf: peer, &agenda) } else { uplink.hasMore(for: peer) }
        }
        uplink.advanceTurns(expecting: membership.expectedCount, availability, &agenda)
        if isComplete { completed() } else { download.refillAll(availability, &agenda) }
    }

    private mutating func completed() {
        agenda.effects.append(.completed)
        membership.schedule.complete(at: agenda.now)
        for peer in availability.peers where peer.pieces.wantsNothing { close(peer, .notUseful) }
        // What a seeder goes by differs from what a leecher goes by.
        uplink.holdRound(.timer, expecting: membership.expectedCount, availability, &agenda)
        membership.announceDue(&agenda)
    }

    /// The hash differs. The shell keeps a digest of each block of this attempt, for as long as `remembers` says that
    /// it is of use.
    mutating func pieceRejected(_ piece: PieceIndex) -> RejectedAttempt? {
        guard let rejected = download.rejected(piece, availability, &agenda) else { return nil }
        if let culprit = rejected.culprit { ban(culprit, for: piece) }
        download.refillAll(availability, &agenda)
        return rejected.attempt
    }

    /// It is still known who sent what in this attempt.
    package func remembers(_ attempt: RejectedAttempt) -> Bool { download.rejections.contains(attempt) }

    /// There was no memory for a piece that was to be opened, so the shell has no buffer for it.
    mutating func pieceNotOpened(_ piece: PieceIndex) { download.notOpened(piece, availability, &agenda) }

    mutating func mayOpen(_ count: Int) { download.mayOpen(count, availability, &agenda) }

    mutating func memoryIsWanted() { download.giveUpMemory(availability, &agenda) }

    /// The disk would not take it; it has to be fetched again.
    mutating func pieceStoreFailed(_ piece: PieceIndex) { download.storeFailed(piece, availability, &agenda) }

    /// The piece has come good, and in an earlier rejected attempt these blocks were different: who sent them lied.
    /// Said once of each attempt, even if no block differed.
    mutating func blocksDiffered(_ blocks: [Int], of piece: PieceIndex, in attempt: RejectedAttempt) {
        for sender in download.rejections.settle(attempt, wrong: blocks) { ban(sender, for: piece) }
    }

    // MARK: For the shell to look at

    /// Calls `body` with the blocks that this peer was asked for and most likely sends next, in the order in which it
    /// was asked, until `body` says false. No block is among them twice.
    package func forEachExpected(from id: ConnectionID, _ body: (BlockRequest) -> Bool) {
        if let peer = membership.peer(id) { download.forEachExpected(from: peer, body) }
    }

    /// The first of these blocks, as far as one read may be aimed at their places: up to one that is there already, or
    /// that another peer is sending. `begun`, which this peer is sending just now, is left out.
    package func forEachReadTarget(
        from id: ConnectionID, behind begun: WireBlock?, _ body: (BlockRequest) -> Bool
    ) {
        if let peer = membership.peer(id) { download.forEachReadTarget(from: peer, behind: begun, body) }
    }
}
