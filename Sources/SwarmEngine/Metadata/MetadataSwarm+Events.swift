package import TorrentCore

// The door: what happens comes in as an event, and what must be answered at once as a question.

extension MetadataSwarm {
    /// Tells the brain one thing that happened, and appends what is to be done about it. What concerns blocks and
    /// pieces is let pass.
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
        case .metadataSent(let id): metadataSent(to: id)
        case .announceAnswered(let tracker, let interval, let minimum):
            announceAnswered(tracker, interval: interval, minimum: minimum)
        case .announceFailed(let tracker, let retryIn, let isFinal):
            announceFailed(tracker, retryIn: retryIn, isFinal: isFinal)
        case .mayOpen(let parts): mayUse(parts: Int(parts))
        case .memoryIsWanted: memoryIsWanted()
        case .blockArrived, .blockDiscarded, .blockSent, .messagesWaited, .pieceStored, .pieceStoreFailed,
            .pieceNotOpened:
            break
        }
    }

    /// The same of what brings more than fits into registers.
    package mutating func take(_ news: SwarmNews, at now: Moment, effects: inout SwarmEffects) {
        agenda.open(at: now, &effects)
        defer { agenda.close(&effects) }
        switch news {
        case .linkOpened(let id, let handshake): linkOpened(id, handshake: handshake)
        case .bitfield(let bytes, let id): receivedBitfield(bytes, from: id)
        case .extensionHandshake(let handshake, let id): receivedExtensionHandshake(handshake, from: id)
        case .extended(let message, let id): received(message, from: id)
        case .peersFound(let endpoints, let source, let teller): peersFound(endpoints, from: source, by: teller)
        // Nobody is told of others before it is known that the torrent is not private, and should it be, who announces
        // itself here goes with those who were heard of from others.
        case .newcomer(let endpoint): peersFound([endpoint], from: .exchange, by: .loopbackV4)
        case .blocksDiffered: break
        }
    }

    // MARK: Questions

    /// Somebody connected to us and has shaken hands; nil means: close it. The shell has sent our handshake already,
    /// or sends it before any effect of this call.
    package mutating func linkAccepted(
        from endpoint: Endpoint, handshake: Handshake, at now: Moment, effects: inout SwarmEffects
    ) -> ConnectionID? {
        agenda.open(at: now, &effects)
        defer { agenda.close(&effects) }
        return linkAccepted(from: endpoint, handshake: handshake)
    }

    /// The bytes of a data message have come, with this digest: where the shell is to keep them, if anywhere. It does
    /// so before it carries the effects out. Other messages are not asked about.
    package mutating func admit(
        _ message: MetadataMessage, digest: SHA1Digest, from id: ConnectionID, at now: Moment,
        effects: inout SwarmEffects
    ) -> MetadataPlace? {
        agenda.open(at: now, &effects)
        defer { agenda.close(&effects) }
        guard case .data(let piece, let totalSize, let length) = message else { return nil }
        return arrived(piece, totalSize: totalSize, length: length, digest, from: id)
    }

    /// The hash of the whole is the info hash: now it is known who lied. If it says that the torrent is private, those
    /// who may not be used go; else it is given to others.
    package mutating func assemblyVerified(
        _ id: MetadataAssembly.ID, isPrivate: Bool = false, at now: Moment, effects: inout SwarmEffects
    ) {
        agenda.open(at: now, &effects)
        defer { agenda.close(&effects) }
        verified(id, isPrivate: isPrivate)
    }

    /// The hash of the whole is another one. The shell may free its bytes now, and is told to in any case.
    package mutating func assemblyRejected(
        _ id: MetadataAssembly.ID, at now: Moment, effects: inout SwarmEffects
    ) {
        agenda.open(at: now, &effects)
        defer { agenda.close(&effects) }
        rejected(id)
    }

    /// One who was not let in may be answered with our handshake before the connection is closed: then it knows that we
    /// are here, and comes again.
    package func greets(_ handshake: Handshake, from endpoint: Endpoint) -> Bool {
        isRunning && membership.greets(handshake, at: endpoint, peers: peers)
    }

    /// What this tracker told may be used, however late: a private torrent keeps to one (BEP 27).
    package func usesAnswers(of tracker: TrackerIndex) -> Bool { membership.usesAnswers(of: tracker) }
}
