package import TorrentCore

// What happens because time passes, and what people want to know.

extension MetadataSwarm {
    /// When the brain wants to be woken, unless an event moves it.
    package var nextDeadline: Moment {
        guard agenda.isRunning else { return .distantFuture }
        let timers = agenda.deadlines.soonest(besides: peers.isEmpty ? .patrol : nil)
        return min(timers, membership.nextDeadline(isComplete: isComplete))
    }

    mutating func deadlineReached() {
        guard agenda.isRunning else { return }
        if agenda.deadlines[.patrol] <= agenda.now { patrol() }
        fillConnections()
        withMembers { members, agenda in members.announceDue(&agenda) }
    }

    /// Looks after all whose patience or ours has ended, as a `Swarm` does.
    private mutating func patrol() {
        for peer in peers {
            if membership.isSilent(peer, at: agenda.now) {
                close(peer, .idle)
                continue
            }
            gathering.attend(to: peer, &agenda)
            membership.keepAlive(peer, &agenda)
        }
        agenda.deadlines.clear(.patrol)
        gathering.fill(peers, &agenda)
        for peer in peers { agenda.deadlines.set(.patrol, noLaterThan: deadline(of: peer)) }
    }

    private func deadline(of peer: PeerConnection) -> Moment {
        min(
            membership.deadline(of: peer), gathering.deadline(of: peer),
            gathering.endOfRest(of: peer, at: agenda.now))
    }

    // MARK: For people

    /// Known peers, among those that are not connected, to which our own system knows no way.
    package var outOfReach: Int { membership.book.outOfReachCount }

    /// As things are at this moment.
    package func figures(at now: Moment) -> MetadataFigures {
        var figures = MetadataFigures()
        gathering.describe(in: &figures, at: now)
        figures.peers = peers.count
        figures.origins = membership.sources(of: peers)
        figures.sources = peers.count { $0.hasMetadata }
        let refused = peers.compactMap(\.refusedClaim)
        figures.oversized = refused.count
        figures.largestRefused = refused.max()
        figures.connecting = membership.connections.connectingCount
        figures.known = membership.book.idleCount
        let nextAnnounce = membership.schedule.nextAt
        figures.nextAnnounce = nextAnnounce == .distantFuture ? nil : nextAnnounce
        return figures
    }

    /// The connections that stand, oldest first.
    package func connectionList(at now: Moment) -> [ConnectionFigures] {
        peers.map { peer in
            var figures = ConnectionFigures(
                id: peer.id, endpoint: peer.endpoint, peerID: peer.peerID, isOutgoing: peer.isOutgoing)
            membership.describe(peer, in: &figures)
            gathering.describe(peer, in: &figures)
            return figures
        }
    }
}
