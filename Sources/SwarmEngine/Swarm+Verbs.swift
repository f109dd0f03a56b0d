package import TorrentCore

// The verbs as the shell calls them, until events take their place.

extension Swarm {
    package mutating func start(at now: Moment, effects: inout SwarmEffects) {
        agenda.open(at: now, &effects)
        defer { agenda.close(&effects) }
        return start()
    }

    package mutating func stop(at now: Moment, effects: inout SwarmEffects) {
        agenda.open(at: now, &effects)
        defer { agenda.close(&effects) }
        return stop()
    }

    package mutating func deadlineReached(at now: Moment, effects: inout SwarmEffects) {
        agenda.open(at: now, &effects)
        defer { agenda.close(&effects) }
        return deadlineReached()
    }

    package mutating func received(
        _ message: PeerMessage, from id: ConnectionID, at now: Moment, effects: inout SwarmEffects
    ) {
        agenda.open(at: now, &effects)
        defer { agenda.close(&effects) }
        return received(message, from: id)
    }

    package mutating func receivedBitfield(
        _ bytes: RawSpan, from id: ConnectionID, at now: Moment, effects: inout SwarmEffects
    ) {
        agenda.open(at: now, &effects)
        defer { agenda.close(&effects) }
        return receivedBitfield(bytes, from: id)
    }

    package mutating func receivedExtensionHandshake(
        _ handshake: ExtensionHandshake, from id: ConnectionID, at now: Moment, effects: inout SwarmEffects
    ) {
        agenda.open(at: now, &effects)
        defer { agenda.close(&effects) }
        return receivedExtensionHandshake(handshake, from: id)
    }

    package mutating func linkAccepted(
        from endpoint: Endpoint, handshake: Handshake, at now: Moment, effects: inout SwarmEffects
    ) -> ConnectionID? {
        agenda.open(at: now, &effects)
        defer { agenda.close(&effects) }
        return linkAccepted(from: endpoint, handshake: handshake)
    }

    package mutating func linkOpened(
        _ id: ConnectionID, handshake: Handshake, at now: Moment, effects: inout SwarmEffects
    ) {
        agenda.open(at: now, &effects)
        defer { agenda.close(&effects) }
        return linkOpened(id, handshake: handshake)
    }

    package mutating func linkClosed(
        _ id: ConnectionID, reason: CloseReason, at now: Moment, effects: inout SwarmEffects
    ) {
        agenda.open(at: now, &effects)
        defer { agenda.close(&effects) }
        return linkClosed(id, reason: reason)
    }

    package mutating func peersFound(
        _ endpoints: [Endpoint], from source: PeerSource, at now: Moment, effects: inout SwarmEffects
    ) {
        agenda.open(at: now, &effects)
        defer { agenda.close(&effects) }
        return peersFound(endpoints, from: source)
    }

    package mutating func admit(_ wire: WireBlock, from id: ConnectionID, at now: Moment, effects: inout SwarmEffects)
        -> BlockAdmission
    {
        agenda.open(at: now, &effects)
        defer { agenda.close(&effects) }
        return admit(wire, from: id)
    }

    package mutating func blockArrived(
        _ block: BlockRequest, from id: ConnectionID, at now: Moment, effects: inout SwarmEffects
    ) {
        agenda.open(at: now, &effects)
        defer { agenda.close(&effects) }
        return blockArrived(block, from: id)
    }

    package mutating func blockDiscarded(
        _ wire: WireBlock, from id: ConnectionID, at now: Moment, effects: inout SwarmEffects
    ) {
        agenda.open(at: now, &effects)
        defer { agenda.close(&effects) }
        return blockDiscarded(wire, from: id)
    }

    package mutating func blockSent(
        _ block: BlockRequest, to id: ConnectionID, at now: Moment, effects: inout SwarmEffects
    ) {
        agenda.open(at: now, &effects)
        defer { agenda.close(&effects) }
        return blockSent(block, to: id)
    }

    package mutating func pieceStored(_ piece: PieceIndex, at now: Moment, effects: inout SwarmEffects) {
        agenda.open(at: now, &effects)
        defer { agenda.close(&effects) }
        return pieceStored(piece)
    }

    package mutating func pieceStoreFailed(_ piece: PieceIndex, at now: Moment, effects: inout SwarmEffects) {
        agenda.open(at: now, &effects)
        defer { agenda.close(&effects) }
        return pieceStoreFailed(piece)
    }

    package mutating func pieceNotOpened(_ piece: PieceIndex, at now: Moment, effects: inout SwarmEffects) {
        agenda.open(at: now, &effects)
        defer { agenda.close(&effects) }
        return pieceNotOpened(piece)
    }

    package mutating func pieceRejected(_ piece: PieceIndex, at now: Moment, effects: inout SwarmEffects)
        -> RejectedAttempt?
    {
        agenda.open(at: now, &effects)
        defer { agenda.close(&effects) }
        return pieceRejected(piece)
    }

    package mutating func blocksDiffered(
        _ blocks: [Int], of piece: PieceIndex, in attempt: RejectedAttempt, at now: Moment, effects: inout SwarmEffects
    ) {
        agenda.open(at: now, &effects)
        defer { agenda.close(&effects) }
        return blocksDiffered(blocks, of: piece, in: attempt)
    }

    package mutating func announceAnswered(
        _ tracker: TrackerIndex, interval: Duration, minimum: Duration?, peers: Int, at now: Moment,
        effects: inout SwarmEffects
    ) {
        agenda.open(at: now, &effects)
        defer { agenda.close(&effects) }
        return announceAnswered(tracker, interval: interval, minimum: minimum, peers: peers)
    }

    package mutating func announceFailed(
        _ tracker: TrackerIndex, retryIn: Duration?, isFinal: Bool, at now: Moment, effects: inout SwarmEffects
    ) {
        agenda.open(at: now, &effects)
        defer { agenda.close(&effects) }
        return announceFailed(tracker, retryIn: retryIn, isFinal: isFinal)
    }

}
