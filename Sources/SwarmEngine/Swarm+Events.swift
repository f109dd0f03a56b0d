package import TorrentCore

// The door of the brain: all that happens comes in as an event, and what must be answered at once as one of three
// questions. Behind it, `agenda` knows the moment and gathers the effects.

extension Swarm {
    /// Tells the brain one thing that happened, and appends what is to be done about it.
    package mutating func take(_ event: SwarmEvent, at now: Moment, effects: inout SwarmEffects) {
        agenda.open(at: now, &effects)
        defer { agenda.close(&effects) }
        switch event {
        case .start: start()
        case .stop: stop()
        case .deadlineReached: deadlineReached()
        case .connectionsLimited(let count): limitConnections(to: Int(count))
        case .externalAddress(let address): membership.learned(ourAddress: address)
        case .linkClosed(let id, let reason): linkClosed(id, reason: reason)
        case .message(let message, let id): received(message, from: id)
        case .blockArrived(let block, let id): blockArrived(block, from: id)
        case .blockDiscarded(let block, let id): blockDiscarded(block, from: id)
        case .blockSent(let block, let id): blockSent(block, to: id)
        case .metadataSent(let id): metadataSent(to: id)
        case .messagesWaited(let time, let id): messagesWaited(time, on: id)
        case .pieceStored(let piece): pieceStored(piece)
        case .pieceStoreFailed(let piece): pieceStoreFailed(piece)
        case .pieceNotOpened(let piece): pieceNotOpened(piece)
        case .mayOpen(let count): mayOpen(Int(count))
        case .memoryIsWanted: memoryIsWanted()
        case .announceAnswered(let tracker, let interval, let minimum):
            announceAnswered(tracker, interval: interval, minimum: minimum)
        case .announceFailed(let tracker, let retryIn, let isFinal):
            announceFailed(tracker, retryIn: retryIn, isFinal: isFinal)
        }
    }

    /// The same of what brings more than fits into registers.
    package mutating func take(_ news: SwarmNews, at now: Moment, effects: inout SwarmEffects) {
        agenda.open(at: now, &effects)
        defer { agenda.close(&effects) }
        switch news {
        case .linkOpened(let id, let handshake): linkOpened(id, handshake: handshake)
        case .bitfield(let bytes, let id): bytes.withBytes { receivedBitfield($0, from: id) }
        case .extensionHandshake(let handshake, let id): receivedExtensionHandshake(handshake, from: id)
        case .extended(let message, let id): received(message, from: id)
        case .peersFound(let endpoints, let source, let teller): peersFound(endpoints, from: source, by: teller)
        case .newcomer(let endpoint): newcomer(endpoint)
        case .blocksDiffered(let blocks, let piece, let attempt): blocksDiffered(blocks, of: piece, in: attempt)
        }
    }

    // MARK: Questions

    /// May the bytes of this block go into the buffer of its piece? Asked when a piece header has been read.
    package mutating func admit(
        _ block: WireBlock, from id: ConnectionID, at now: Moment, effects: inout SwarmEffects
    ) -> BlockAdmission {
        agenda.open(at: now, &effects)
        defer { agenda.close(&effects) }
        return admit(block, from: id)
    }

    /// Somebody connected to us and has shaken hands; nil means: close it. The shell has sent our handshake already,
    /// or sends it before any effect of this call.
    package mutating func linkAccepted(
        from endpoint: Endpoint, handshake: Handshake, at now: Moment, effects: inout SwarmEffects
    ) -> ConnectionID? {
        agenda.open(at: now, &effects)
        defer { agenda.close(&effects) }
        return linkAccepted(from: endpoint, handshake: handshake)
    }

    /// The hash of a piece differs. The shell keeps a digest of each block of this attempt, for as long as `remembers`
    /// says that it is of use.
    package mutating func pieceRejected(
        _ piece: PieceIndex, at now: Moment, effects: inout SwarmEffects
    ) -> RejectedAttempt? {
        agenda.open(at: now, &effects)
        defer { agenda.close(&effects) }
        return pieceRejected(piece)
    }

    /// One who was not let in may be answered with our handshake before the connection is closed: then it knows that we
    /// are here, and comes again.
    package func greets(_ handshake: Handshake, from endpoint: Endpoint) -> Bool {
        isRunning && membership.greets(handshake, at: endpoint, peers: peers)
    }

    /// What this tracker told may be used, however late: a private torrent keeps to one (BEP 27).
    package func usesAnswers(of tracker: TrackerIndex) -> Bool { membership.usesAnswers(of: tracker) }
}
