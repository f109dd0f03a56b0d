package import TorrentCore

// What happens because time passes: announces, choke rounds, keep-alives, and patience that ends.

extension Swarm {
    /// When the brain wants to be woken, unless an event moves it.
    package var nextDeadline: Moment {
        guard agenda.isRunning else { return .distantFuture }
        let timers = agenda.deadlines.soonest(besides: availability.peers.isEmpty ? .patrol : nil)
        return min(timers, membership.nextDeadline(isComplete: isComplete))
    }

    mutating func deadlineReached() {
        guard agenda.isRunning else { return }
        let now = agenda.now
        if agenda.deadlines[.uploads] <= now { checkUploads() }
        if agenda.deadlines[.round] <= now {
            uplink.holdRound(.timer, expecting: membership.expectedCount, availability, &agenda)
        }
        if agenda.deadlines[.turn] <= now {
            agenda.deadlines.clear(.turn)
            uplink.advanceTurns(expecting: membership.expectedCount, availability, &agenda)
        }
        if agenda.deadlines[.memory] <= now { download.memoryMayBeBack(availability, &agenda) }
        if agenda.deadlines[.arrival] <= now { download.checkArrivals(availability, &agenda) }
        if agenda.deadlines[.patrol] <= now { patrol() }
        fillConnections()
        membership.announceDue(&agenda)
        // Last, for all before this may have closed connections, which is to be told as well.
        if agenda.deadlines[.exchange] <= now { membership.tellOfOthers(availability.peers, &agenda) }
    }

    private mutating func checkUploads() {
        uplink.check(expecting: membership.expectedCount, availability, &agenda)
        reviewUplink()
        uplink.goOn(expecting: membership.expectedCount, availability, &agenda)
    }

    /// Looks after all whose patience or ours has ended. Deadlines move to later times without a word, and who makes an
    /// earlier one sets the timer. So no event has to look at every peer.
    private mutating func patrol() {
        for peer in availability.peers where deadline(of: peer) <= agenda.now { attend(to: peer) }
        agenda.deadlines.clear(.patrol)
        for peer in availability.peers { agenda.deadlines.set(.patrol, noLaterThan: deadline(of: peer)) }
    }

    private func deadline(of peer: PeerConnection) -> Moment {
        min(membership.deadline(of: peer), download.deadline(of: peer, availability))
    }

    private mutating func attend(to peer: PeerConnection) {
        if membership.isSilent(peer, at: agenda.now) { return close(peer, .idle) }
        download.attend(to: peer, availability, &agenda)
        membership.keepAlive(peer, &agenda)
    }
}
