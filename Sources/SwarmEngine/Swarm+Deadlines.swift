package import TorrentCore

// What happens because time passes: announces, choke rounds, keep-alives, and patience that ends.

extension Swarm {
    /// Something is said to a peer at least this often; BEP 3 says two minutes.
    static let keepAliveTime = Duration.seconds(110)
    /// A peer that says nothing for so long is gone.
    static let silenceTime = Duration.seconds(240)
    /// A peer that sends no block for so long, though asked, is snubbed.
    static let snubTime = Duration.seconds(60)
    /// A request that was passed over is asked of others after this time.
    static let requestTime = Duration.seconds(120)

    /// When `deadlineReached` wants to be called, unless another verb moves it.
    package var nextDeadline: Moment {
        guard isRunning else { return .distantFuture }
        var soonest = min(schedule.nextAt, min(nextRound ?? .distantFuture, min(nextTurnCheck, memoryBackAt)))
        soonest = min(soonest, nextUploadCheck)
        if hasRoom {
            soonest = min(soonest, book.nextTry)
        } else if mayTurnOver {
            soonest = min(soonest, max(nextTurnover, book.nextTry))
        }
        return connections.open.isEmpty ? soonest : min(soonest, nextPatrol)
    }

    package mutating func deadlineReached(at now: Moment, effects: inout SwarmEffects) {
        guard isRunning else { return }
        if nextUploadCheck <= now { checkUploads(at: now, effects: &effects) }
        if let round = nextRound, round <= now { holdRound(.timer, at: now, effects: &effects) }
        if nextTurnCheck <= now {
            nextTurnCheck = .distantFuture
            advanceTurns(at: now, effects: &effects)
        }
        if memoryBackAt <= now { memoryMayBeBack(at: now, effects: &effects) }
        if nextPatrol <= now { patrol(at: now, effects: &effects) }
        fillConnections(at: now, effects: &effects)
        announceDue(at: now, effects: &effects)
    }

    private var hasRoom: Bool {
        connections.connectingCount < limits.connecting && connections.count < mostByUs
    }

    /// Looks after all whose patience or ours has ended. Deadlines move to later times without a word; whoever makes
    /// an earlier one says so to `expect`. So no event has to look at every peer.
    private mutating func patrol(at now: Moment, effects: inout SwarmEffects) {
        for peer in connections.open where deadline(of: peer) <= now { attend(to: peer, at: now, effects: &effects) }
        nextPatrol = .distantFuture
        for peer in connections.open { expect(peer) }
    }

    /// The peer has just begun, or has just been asked for something.
    mutating func expect(_ peer: PeerConnection) {
        nextPatrol = min(nextPatrol, deadline(of: peer))
    }

    private func deadline(of peer: PeerConnection) -> Moment {
        var soonest = min(peer.lastSentAt + Self.keepAliveTime, peer.lastReceivedAt + Self.silenceTime)
        if let oldest = peer.pipeline.oldestSentAt {
            soonest = min(soonest, min(peer.waitingSince + Self.snubTime, oldest + Self.requestTime))
        } else if couldSend(peer) {
            soonest = min(soonest, nextQuestion(for: peer))
        }
        return soonest
    }

    /// There was nothing to ask it for, or it has refused what it was asked for.
    private func nextQuestion(for peer: PeerConnection) -> Moment {
        let usual = peer.waitingSince + .seconds(PiecePicker.slowPieceTime)
        return peer.restsUntil > peer.waitingSince ? min(usual, peer.restsUntil) : usual
    }

    /// There was nothing to ask it for: who is too slow with a piece may have to leave it to this one in a while.
    private func couldSend(_ peer: PeerConnection) -> Bool {
        !isComplete && !peer.isChokingUs && peer.usefulCount > 0 && peer.pipeline.count == 0
    }

    private mutating func attend(to peer: PeerConnection, at now: Moment, effects: inout SwarmEffects) {
        if peer.lastReceivedAt + Self.silenceTime <= now { return close(peer, .idle, at: now, effects: &effects) }
        if let oldest = peer.pipeline.oldestSentAt {
            if peer.waitingSince + Self.snubTime <= now {
                snub(peer, at: now, effects: &effects)
            } else if oldest + Self.requestTime <= now {
                dropOverdue(of: peer, at: now, effects: &effects)
            }
        } else if couldSend(peer), nextQuestion(for: peer) <= now {
            refill(peer, at: now, effects: &effects)
        }
        if peer.lastSentAt + Self.keepAliveTime <= now { send(.keepAlive, to: peer, at: now, effects: &effects) }
    }

    /// It sends nothing: others are asked for all of it, and it for one block at a time.
    private mutating func snub(_ peer: PeerConnection, at now: Moment, effects: inout SwarmEffects) {
        peer.isSnubbed = true
        // It may have dropped them without a word; what comes of them all the same is let in.
        peer.strays += peer.pipeline.count
        releaseRequests(of: peer)
        peer.pipeline.removeAll()
        askOthersFirst(than: peer, at: now, effects: &effects)
    }

    /// It sends, though not what was asked first.
    private mutating func dropOverdue(of peer: PeerConnection, at now: Moment, effects: inout SwarmEffects) {
        let overdue = peer.pipeline.positions.map { peer.pipeline[$0] }
            .filter { !$0.isReleased && $0.sentAt + Self.requestTime <= now }
        for entry in overdue {
            guard let position = peer.pipeline.unreleasedPosition(of: entry.block) else { continue }
            picker.giveUp(entry.block)
            peer.pipeline.remove(at: position)
            peer.strays += 1
        }
        askOthersFirst(than: peer, at: now, effects: &effects)
    }

    /// It has had its chance at what has come free.
    private mutating func askOthersFirst(than peer: PeerConnection, at now: Moment, effects: inout SwarmEffects) {
        renewInterest(in: nil, at: now, effects: &effects)
        refillAll(besides: peer.id, at: now, effects: &effects)
        refill(peer, at: now, effects: &effects)
    }

    // MARK: Trackers

    package mutating func announceAnswered(
        _ tracker: TrackerIndex, interval: Duration, minimum: Duration?, peers: Int, at now: Moment,
        effects: inout SwarmEffects
    ) {
        guard isRunning else { return }
        schedule.answered(
            tracker, interval: interval, minimum: minimum, peers: peers, at: now, using: &generator)
        fillConnections(at: now, effects: &effects)
        announceDue(at: now, effects: &effects)
    }

    /// `isFinal`: the tracker answered with a failure reason, so asking it again soon is of no use.
    package mutating func announceFailed(
        _ tracker: TrackerIndex, retryIn: Duration?, isFinal: Bool, at now: Moment, effects: inout SwarmEffects
    ) {
        guard isRunning else { return }
        schedule.failed(tracker, retryIn: retryIn, isFinal: isFinal, at: now, using: &generator)
        fillConnections(at: now, effects: &effects)
        announceDue(at: now, effects: &effects)
    }

    mutating func announceDue(at now: Moment, effects: inout SwarmEffects) {
        for order in schedule.due(at: now) {
            let room = max(0, limits.connections - connections.count)
            effects.append(.announce(order.tracker, order.event, wanted: Int32(clamping: min(50, room))))
        }
    }
}
