package import TorrentCore

// The door for all that happens: which verb is called for which event.

extension Swarm {
    /// Tells the brain one thing that happened, and appends what is to be done about it.
    package mutating func take(_ event: SwarmEvent, at now: Moment, effects: inout SwarmEffects) {
        switch event {
        case .start: start(at: now, effects: &effects)
        case .stop: stop(at: now, effects: &effects)
        case .deadlineReached: deadlineReached(at: now, effects: &effects)
        case .linkClosed(let id, let reason): linkClosed(id, reason: reason, at: now, effects: &effects)
        case .message(let message, let id): received(message, from: id, at: now, effects: &effects)
        case .blockArrived(let block, let id): blockArrived(block, from: id, at: now, effects: &effects)
        case .blockDiscarded(let block, let id): blockDiscarded(block, from: id, at: now, effects: &effects)
        case .blockSent(let block, let id): blockSent(block, to: id, at: now, effects: &effects)
        case .wordsWaited(let time, let id): wordsWaited(time, on: id)
        case .pieceStored(let piece): pieceStored(piece, at: now, effects: &effects)
        case .pieceStoreFailed(let piece): pieceStoreFailed(piece, at: now, effects: &effects)
        case .pieceNotOpened(let piece): pieceNotOpened(piece, at: now, effects: &effects)
        case .announceAnswered(let tracker, let interval, let minimum, let peers):
            announceAnswered(
                tracker, interval: interval, minimum: minimum, peers: peers, at: now, effects: &effects)
        case .announceFailed(let tracker, let retryIn, let isFinal):
            announceFailed(tracker, retryIn: retryIn, isFinal: isFinal, at: now, effects: &effects)
        }
    }

    /// The same of what brings more than fits into registers.
    package mutating func take(_ news: SwarmNews, at now: Moment, effects: inout SwarmEffects) {
        switch news {
        case .linkOpened(let id, let handshake): linkOpened(id, handshake: handshake, at: now, effects: &effects)
        case .bitfield(let bytes, let id):
            bytes.withBytes { receivedBitfield($0, from: id, at: now, effects: &effects) }
        case .extensionHandshake(let handshake, let id):
            receivedExtensionHandshake(handshake, from: id, at: now, effects: &effects)
        case .peersFound(let endpoints, let source):
            peersFound(endpoints, from: source, at: now, effects: &effects)
        case .blocksDiffered(let blocks, let piece, let attempt):
            blocksDiffered(blocks, of: piece, in: attempt, at: now, effects: &effects)
        }
    }
}
