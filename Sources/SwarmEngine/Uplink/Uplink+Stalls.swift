import TorrentCore

// Uploads are checked by the clock as well, since an upload that stalls causes no event. A peer that takes no more
// blocks, such as a laptop that went to sleep, loses its slot or turn. Afterwards a review decides whether turns fit.

extension Uplink {
    private static let timeBetweenChecks = Duration.milliseconds(500)
    /// A peer has stalled only if no block has left for it this long; the longer time holds while our rate is unknown.
    private static let shortestStall = Duration.seconds(2)
    private static let shortestUnknownStall = Duration.seconds(3)
    /// It has stalled if meanwhile this many blocks have left for each peer that is being served.
    private static let blocksToOthers: Int64 = 8
    /// A block may take this many times as long as usual.
    private static let usualTimes = 4.0

    /// A block has left for this peer, or the first one is handed over.
    func moved(_ peer: PeerConnection, _ agenda: inout Agenda) {
        peer.uplink.flow = UploadFlow(movedAt: agenda.now, blocksSentWhenMoved: blocksSent)
        watch(&agenda)
    }

    /// Sets the timer for the next check, if it is not set.
    func watch(_ agenda: inout Agenda) {
        if !agenda.deadlines.isSet(.uploads) { agenda.deadlines[.uploads] = agenda.now + Self.timeBetweenChecks }
    }

    /// Takes slots and turns from peers that have stalled. The caller reviews next whether turns fit, and calls `goOn`.
    mutating func check(
        expecting newcomers: Int, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        agenda.deadlines.clear(.uploads)
        for peer in availability.peers where hasStalled(peer, availability, at: agenda.now) {
            stall(peer, expecting: newcomers, availability, &agenda)
        }
    }

    /// Goes on with the uploads, and sets the timer for the next check as long as there are any.
    mutating func goOn(
        expecting newcomers: Int, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        advanceTurns(expecting: newcomers, availability, &agenda)
        if servedCount(availability) > 0 || isFindingOut(at: agenda.now) { watch(&agenda) }
    }

    /// Peers that are being served: the shell has blocks for them, and they have not stalled.
    private func servedCount(_ availability: borrowing Availability) -> Int {
        availability.peers.count { $0.uplink.uploads.releasedBytes > 0 && !$0.uplink.flow.isStalled }
    }

    /// No block has left for this peer, while enough have left for others, or for several times as long as a block
    /// takes.
    private func hasStalled(
        _ peer: PeerConnection, _ availability: borrowing Availability, at now: Moment
    ) -> Bool {
        let flow = peer.uplink.flow
        let silent = now - flow.movedAt
        guard peer.uplink.uploads.releasedBytes > 0, !flow.isStalled, silent >= Self.shortestStall else {
            return false
        }
        let block = peer.uplink.uploads.longest
        // In a slot a peer may go on at the rate that it has had since its unchoke; in a turn it has the line to
        // itself.
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

    /// Its slot or turn goes to another peer. Blocks that the shell has for it cannot be taken back.
    private mutating func stall(
        _ peer: PeerConnection, expecting newcomers: Int, _ availability: borrowing Availability,
        _ agenda: inout Agenda
    ) {
        peer.uplink.flow.isStalled = true
        stalledSinceLast += 1
        // A time in which nothing left must not count for the rate of the line.
        switch machine {
        case .slots(let slots):
            slots.history.isBusy = false
            guard !peer.uplink.isChokedByUs else { return }
            choke(peer, .stalled, &agenda)
            holdRound(.vacancy, expecting: newcomers, availability, &agenda)
        case .turns(let turns):
            turns.history.isBusy = false
            if let turn = peer.uplink.turns.current {
                turns.order.removeAll { $0 === peer }
                end(turn, of: peer, turns, &agenda)
            } else if !peer.uplink.isChokedByUs {
                choke(peer, .stalled, &agenda)
                holdRound(.vacancy, expecting: newcomers, availability, &agenda)
            }
        }
    }
}
