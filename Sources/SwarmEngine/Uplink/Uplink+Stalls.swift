import TorrentCore

// Our uploads as the clock sees them: nothing may happen that would make us look. Who takes nothing any more, a laptop
// that went to sleep, gives its place on; and where turns do not fit, slots are given.

extension Uplink {
    private static let timeBetweenChecks = Duration.milliseconds(500)
    /// Nobody who was silent for less has stalled; nor for so long, as long as it is not known how quick our line is.
    private static let shortestStall = Duration.seconds(2)
    private static let shortestUnknownStall = Duration.seconds(3)
    /// So many blocks left to each of the others that are being served, meanwhile.
    private static let blocksToOthers: Int64 = 8
    /// A block may take so many times as long as it usually does.
    private static let usualTimes = 4.0

    /// A block has left to this peer, or its first is handed over.
    func moved(_ peer: PeerConnection, _ agenda: inout Agenda) {
        peer.uplink.flow = UploadFlow(movedAt: agenda.now, blocksSentWhenMoved: blocksSent)
        watch(&agenda)
    }

    /// Something has begun that may come to nothing.
    func watch(_ agenda: inout Agenda) {
        if !agenda.deadlines.isSet(.uploads) { agenda.deadlines[.uploads] = agenda.now + Self.timeBetweenChecks }
    }

    /// The clock asks: who has stalled gives its place on. Whether turns fit is looked at next.
    mutating func check(
        expecting newcomers: Int, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        agenda.deadlines.clear(.uploads)
        for peer in availability.peers where hasStalled(peer, availability, at: agenda.now) {
            stall(peer, expecting: newcomers, availability, &agenda)
        }
    }

    /// After that the uploads go on, and are looked at again as long as there are any.
    mutating func goOn(
        expecting newcomers: Int, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        advanceTurns(expecting: newcomers, availability, &agenda)
        if servedCount(availability) > 0 || isFindingOut(at: agenda.now) { watch(&agenda) }
    }

    /// Peers for whom something has been handed over and is thought to be leaving.
    private func servedCount(_ availability: borrowing Availability) -> Int {
        availability.peers.count { $0.uplink.uploads.releasedBytes > 0 && !$0.uplink.flow.isStalled }
    }

    /// Others were served meanwhile, or nobody was for longer than a block takes.
    private func hasStalled(
        _ peer: PeerConnection, _ availability: borrowing Availability, at now: Moment
    ) -> Bool {
        let flow = peer.uplink.flow
        let silent = now - flow.movedAt
        guard peer.uplink.uploads.releasedBytes > 0, !flow.isStalled, silent >= Self.shortestStall else {
            return false
        }
        let block = peer.uplink.uploads.longest
        // In a slot it may be as slow as it was since it was unchoked; a turn has the line to itself.
        let got = Double(peer.uplink.sent.total - peer.uplink.sentWhenUnchoked)
        if turns == nil, got > 0, let since = peer.uplink.unchokedAt, flow.movedAt > since,
            silent < (flow.movedAt - since) * (Self.usualTimes * Double(block) / got)
        {
            return false
        }
        let served = servedCount(availability)
        if blocksSent - flow.blocksSentWhenMoved >= Self.blocksToOthers * Int64(served) { return true }
        guard let best = turns?.pace.best, best > 0 else { return silent >= Self.shortestUnknownStall }
        return silent >= .seconds(Self.usualTimes * Double(block) / best * Double(served))
    }

    /// What it was promised goes to others. What has been handed over for it cannot be taken back.
    private mutating func stall(
        _ peer: PeerConnection, expecting newcomers: Int, _ availability: borrowing Availability,
        _ agenda: inout Agenda
    ) {
        peer.uplink.flow.isStalled = true
        stalledSinceLast += 1
        // How quick the line is cannot be told from a time in which nothing left.
        switch machine {
        case .slots(let slots):
            slots.habits.isBusy = false
            guard !peer.uplink.isChokedByUs else { return }
            choke(peer, &agenda)
            holdRound(.vacancy, expecting: newcomers, availability, &agenda)
        case .turns(let turns):
            turns.habits.isBusy = false
            if let turn = peer.uplink.turns.current {
                turns.order.removeAll { $0 === peer }
                end(turn, of: peer, turns, &agenda)
            } else if !peer.uplink.isChokedByUs {
                choke(peer, &agenda)
                holdRound(.vacancy, expecting: newcomers, availability, &agenda)
            }
        }
    }
}
