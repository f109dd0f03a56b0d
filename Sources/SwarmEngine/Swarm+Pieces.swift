package import TorrentCore

// What the workers say of whole pieces, and what follows for those who sent them.

extension Swarm {
    package mutating func pieceStored(_ piece: PieceIndex, at now: Moment, effects: inout SwarmEffects) {
        guard let progress = picker.progress(of: piece), progress.isVerifying else { return }
        credit(progress)
        picker.close(progress)
        have[piece] = true
        left -= Int64(geometry.length(of: piece))
        for peer in connections.open {
            // Said to those as well who have it: they learn how far we are, and when we have become a seed.
            send(.have(piece.number), to: peer, at: now, effects: &effects)
            guard peer.have[piece] else {
                peer.passedOverUntil = .zero
                peer.unanswered = 0
                continue
            }
            peer.usefulCount -= 1
            updateInterest(in: peer, at: now, effects: &effects)
        }
        if isSerial { advanceTurns(at: now, effects: &effects) }
        if isComplete {
            completed(at: now, effects: &effects)
        } else {
            refillAll(at: now, effects: &effects)
        }
    }

    /// Whoever sent blocks of a piece that has come good is thanked for them.
    private func credit(_ progress: PieceProgress) {
        let length = geometry.length(of: progress.piece)
        guard progress.contributors.count > 1 else {
            connections.peer(progress.contributors[0].connection)?.verifiedBytes += Int64(length)
            return
        }
        for (block, source) in progress.sources.enumerated() {
            connections.peer(progress.contributors[Int(source)].connection)?.verifiedBytes += Int64(
                min(TorrentGeometry.blockLength, length - block * TorrentGeometry.blockLength))
        }
    }

    private mutating func completed(at now: Moment, effects: inout SwarmEffects) {
        effects.append(.completed)
        schedule.complete(at: now)
        for peer in connections.open where peer.wantsNothing { close(peer, .notUseful, at: now, effects: &effects) }
        // What a seeder goes by differs from what a leecher goes by.
        holdRound(.timer, at: now, effects: &effects)
        announceDue(at: now, effects: &effects)
    }

    /// The hash differs. The shell keeps a digest of each block of this attempt, for as long as `remembers` says that
    /// it is of use.
    package mutating func pieceRejected(
        _ piece: PieceIndex, at now: Moment, effects: inout SwarmEffects
    ) -> RejectedAttempt? {
        guard let progress = picker.progress(of: piece), progress.isVerifying else { return nil }
        wasted += Int64(geometry.length(of: piece))
        let attempt = rejections.add(progress)
        picker.reopen(progress)
        hasRungEndgame = false
        renewInterest(in: piece, at: now, effects: &effects)
        if progress.contributors.count == 1 {
            ban(progress.contributors[0], for: piece, at: now, effects: &effects)
        }
        refillAll(at: now, effects: &effects)
        return attempt
    }

    /// It is still known who sent what in this attempt.
    package func remembers(_ attempt: RejectedAttempt) -> Bool { rejections.contains(attempt) }

    /// There was no memory for a piece that was to be opened, so the shell has no buffer for it. What was asked of it
    /// is taken back; the pieces that are open go on, and others are begun when one of them is done, or after a while.
    package mutating func pieceNotOpened(_ piece: PieceIndex, at now: Moment, effects: inout SwarmEffects) {
        guard let progress = picker.progress(of: piece), !progress.isVerifying else { return }
        for peer in connections.open { takeBack(piece, from: peer, at: now, effects: &effects) }
        picker.couldNotOpen(progress)
        hasRungEndgame = false
        memoryBackAt = min(memoryBackAt, now + Self.memoryPause)
        renewInterest(in: piece, at: now, effects: &effects)
        refillAll(at: now, effects: &effects)
    }

    private static let memoryPause = Duration.seconds(2)

    mutating func memoryMayBeBack(at now: Moment, effects: inout SwarmEffects) {
        memoryBackAt = .distantFuture
        picker.mayOpenAgain()
        refillAll(at: now, effects: &effects)
    }

    /// The disk would not take it; it has to be fetched again.
    package mutating func pieceStoreFailed(_ piece: PieceIndex, at now: Moment, effects: inout SwarmEffects) {
        guard let progress = picker.progress(of: piece), progress.isVerifying else { return }
        wasted += Int64(geometry.length(of: piece))
        picker.reopen(progress)
        hasRungEndgame = false
        renewInterest(in: piece, at: now, effects: &effects)
        refillAll(at: now, effects: &effects)
    }

    /// The piece has come good, and in an earlier rejected attempt these blocks were different: who sent them lied.
    /// Said once of each attempt, even if no block differed.
    package mutating func blocksDiffered(
        _ blocks: [Int], of piece: PieceIndex, in attempt: RejectedAttempt, at now: Moment,
        effects: inout SwarmEffects
    ) {
        for sender in rejections.settle(attempt, wrong: blocks) {
            ban(sender, for: piece, at: now, effects: &effects)
        }
    }

    private mutating func ban(
        _ sender: Contributor, for piece: PieceIndex, at now: Moment, effects: inout SwarmEffects
    ) {
        guard !bans.contains(sender.endpoint, sender.peerID) else { return }
        bans.ban(sender)
        if let listensAt = sender.listensAt { book.forget(listensAt) }
        effects.append(.banned(sender.endpoint.address, piece))
        for peer in connections.open where bans.contains(peer.endpoint, peer.peerID) {
            close(peer, .banned, at: now, effects: &effects)
        }
    }
}
