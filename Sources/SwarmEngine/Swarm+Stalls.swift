import TorrentCore

// Our uploads as the clock sees them: nothing may happen that would make us look. Who takes nothing any more, a laptop
// that went to sleep, gives its place on; and where turns do not fit, slots are given.

extension Swarm {
    private static let timeBetweenChecks = Duration.milliseconds(500)
    /// Nobody who was silent for less has stalled; nor for so long, as long as it is not known how quick our line is.
    private static let shortestStall = Duration.seconds(2)
    private static let shortestUnknownStall = Duration.seconds(3)
    /// So many blocks left to each of the others that are being served, meanwhile.
    private static let blocksToOthers: Int64 = 8
    /// A block may take so many times as long as it usually does.
    private static let usualTimes = 4.0

    /// A block has left to this peer, or its first is handed over.
    mutating func uploadsMoved(of peer: PeerConnection, at now: Moment) {
        peer.movedAt = now
        peer.leftWhenMoved = blocksLeft
        peer.isStalled = false
        watchUploads(at: now)
    }

    /// Something has begun that may come to nothing.
    mutating func watchUploads(at now: Moment) {
        if nextUploadCheck == .distantFuture { nextUploadCheck = now + Self.timeBetweenChecks }
    }

    /// Looks at all of it.
    mutating func checkUploads(at now: Moment, effects: inout SwarmEffects) {
        nextUploadCheck = .distantFuture
        for peer in connections.open where hasStalled(peer, at: now) { stall(peer, at: now, effects: &effects) }
        reviewUploads(at: now, effects: &effects)
        advanceTurns(at: now, effects: &effects)
        let isServing = connections.open.contains { $0.uploads.releasedBytes > 0 && !$0.isStalled }
        if isServing || isFindingOut(at: now) { watchUploads(at: now) }
    }

    /// Others were served meanwhile, or nobody was for longer than a block takes.
    private func hasStalled(_ peer: PeerConnection, at now: Moment) -> Bool {
        let silent = now - peer.movedAt
        guard peer.uploads.releasedBytes > 0, !peer.isStalled, silent >= Self.shortestStall else { return false }
        let block = peer.uploads.longest
        // In a slot it may be as slow as it was since it was unchoked; a turn has the line to itself.
        let got = Double(peer.sent.total - peer.sentWhenUnchoked)
        if !isSerial, got > 0, let since = peer.unchokedAt, peer.movedAt > since,
            silent < (peer.movedAt - since) * (Self.usualTimes * Double(block) / got)
        {
            return false
        }
        let served = connections.open.count { $0.uploads.releasedBytes > 0 && !$0.isStalled }
        if blocksLeft - peer.leftWhenMoved >= Self.blocksToOthers * Int64(served) { return true }
        guard isSerial, pace.best > 0 else { return silent >= Self.shortestUnknownStall }
        return silent >= .seconds(Self.usualTimes * Double(block) / pace.best * Double(served))
    }

    /// What it was promised goes to others. What has been handed over for it cannot be taken back.
    private mutating func stall(_ peer: PeerConnection, at now: Moment, effects: inout SwarmEffects) {
        peer.isStalled = true
        stalledSinceLast += 1
        // How quick the line is cannot be told from a time in which nothing left.
        uplinkIsBusy = false
        if let turn = peer.turn {
            turns.removeAll { $0 === peer }
            end(turn, of: peer, at: now, effects: &effects)
        } else if !peer.isChokedByUs {
            choke(peer, at: now, effects: &effects)
            holdRound(.vacancy, at: now, effects: &effects)
        }
    }
}
