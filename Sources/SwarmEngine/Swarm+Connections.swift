package import TorrentCore

// Who is connected: both ways in, the one way out, and whom to connect to next.

extension Swarm {
    /// Somebody connected to us and has shaken hands; nil means: close it. The shell has sent our handshake already,
    /// or sends it before any effect of this call.
    package mutating func linkAccepted(
        from endpoint: Endpoint, handshake: Handshake, at now: Moment, effects: inout SwarmEffects
    ) -> ConnectionID? {
        guard isRunning, handshake.infoHash == configuration.infoHash, handshake.peerID != configuration.ourID,
            !bans.contains(endpoint, handshake.peerID)
        else { return nil }
        if let twin = twin(of: handshake.peerID) {
            guard isBetter(thanTwin: twin, isOutgoing: false, peerID: handshake.peerID, at: now) else { return nil }
            close(twin, .duplicate, at: now, effects: &effects)
        }
        if connections.count >= limits.connections, !evictUseless(at: now, effects: &effects) { return nil }
        let peer = PeerConnection(
            id: connections.mint(), endpoint: endpoint, handshake: handshake, isOutgoing: false,
            pieceCount: geometry.pieceCount, at: now)
        open(peer, at: now, effects: &effects)
        return peer.id
    }

    /// A `.connect` came to a handshake, both ways.
    package mutating func linkOpened(
        _ id: ConnectionID, handshake: Handshake, at now: Moment, effects: inout SwarmEffects
    ) {
        guard let endpoint = connections.target(id) else { return }
        if let reason = refusal(of: handshake, at: endpoint, now: now, effects: &effects) {
            connections.remove(id)
            if reason == .duplicate { book.ended(endpoint, failed: false, at: now) } else { book.forget(endpoint) }
            effects.append(.close(id, reason))
            fillConnections(at: now, effects: &effects)
            return
        }
        let peer = PeerConnection(
            id: id, endpoint: endpoint, handshake: handshake, isOutgoing: true, pieceCount: geometry.pieceCount,
            at: now)
        book.connected(endpoint)
        open(peer, at: now, effects: &effects)
    }

    /// The link is gone, or a `.connect` came to nothing. Unknown ids are let pass: the brain may have closed it first.
    package mutating func linkClosed(
        _ id: ConnectionID, reason: CloseReason, at now: Moment, effects: inout SwarmEffects
    ) {
        if let endpoint = connections.target(id) {
            connections.remove(id)
            book.ended(endpoint, failed: true, at: now)
        } else if let peer = connections.peer(id) {
            forget(peer, failed: true, at: now, effects: &effects)
        } else {
            return
        }
        fillConnections(at: now, effects: &effects)
    }

    /// Addresses from a tracker, from the user or from other peers. Ours and unusable ones are dropped here.
    package mutating func peersFound(
        _ endpoints: [Endpoint], from source: PeerSource, at now: Moment, effects: inout SwarmEffects
    ) {
        // A private torrent takes peers from its trackers, and from its user's own hand (BEP 27).
        if configuration.isPrivate, source == .incoming { return }
        var isNew = false
        for endpoint in endpoints where isUsable(endpoint) {
            if book.add(endpoint, from: source, at: now) {
                isNew = true
                if connections.open.contains(where: { $0.listensAt == endpoint }) { book.connected(endpoint) }
            }
        }
        if isNew { schedule.relax() }
        fillConnections(at: now, effects: &effects)
    }

    private func isUsable(_ endpoint: Endpoint) -> Bool {
        endpoint.port != 0 && !endpoint.address.isUnspecified && !endpoint.address.isMulticast
            && !ourEndpoints.contains(endpoint) && !bans.contains(endpoint)
    }

    // MARK: Beginning

    /// Why a connection that we made is not kept; a twin that has to give way is closed here.
    private mutating func refusal(
        of handshake: Handshake, at endpoint: Endpoint, now: Moment, effects: inout SwarmEffects
    ) -> CloseReason? {
        if handshake.infoHash != configuration.infoHash { return .wrongTorrent }
        if handshake.peerID == configuration.ourID {
            if ourEndpoints.count < 16 { ourEndpoints.append(endpoint) }
            return .ourself
        }
        if bans.contains(endpoint, handshake.peerID) { return .banned }
        if let twin = twin(of: handshake.peerID) {
            guard isBetter(thanTwin: twin, isOutgoing: true, peerID: handshake.peerID, at: now) else {
                return .duplicate
            }
            close(twin, .duplicate, at: now, effects: &effects)
        }
        return nil
    }

    private func twin(of id: PeerID) -> PeerConnection? { connections.open.first { $0.peerID == id } }

    /// Two connections to one peer: the one that the greater peer id made stays, so both sides decide alike. Of two
    /// made by the same side the older stays, unless nothing has come over it for long.
    private func isBetter(thanTwin twin: PeerConnection, isOutgoing: Bool, peerID: PeerID, at now: Moment) -> Bool {
        if twin.isOutgoing != isOutgoing { return isOutgoing == (configuration.ourID > peerID) }
        return now - twin.lastReceivedAt > .seconds(30)
    }

    private mutating func open(_ peer: PeerConnection, at now: Moment, effects: inout SwarmEffects) {
        connections.insert(peer)
        expect(peer)
        if ledger != nil, !comesAlone(peer) {
            peer.shown = Bitfield(count: geometry.pieceCount)
            if peer.isFast { send(.haveNone, to: peer, at: now, effects: &effects) }
        } else if peer.isFast, have.isFull {
            send(.haveAll, to: peer, at: now, effects: &effects)
        } else if peer.isFast, have.isEmpty {
            send(.haveNone, to: peer, at: now, effects: &effects)
        } else if !have.isEmpty {
            effects.append(.sendBitfield(peer.id))
        }
        if peer.isExtended { effects.append(.sendExtensionHandshake(peer.id)) }
        noteStarvation(effects: &effects)
        reviewUploads(at: now, effects: &effects)
        if peer.isHiddenFrom { advanceTurns(at: now, effects: &effects) }
    }

    /// What was hidden from it is not any more.
    func show(to peer: PeerConnection, at now: Moment, effects: inout SwarmEffects) {
        guard let shown = peer.shown else { return }
        peer.shown = nil
        // Some programs end a connection at a piece that they are told of twice.
        for piece in 0..<geometry.pieceCount where !peer.have[piece] && !shown[piece] {
            send(.have(UInt32(truncatingIfNeeded: piece)), to: peer, at: now, effects: &effects)
        }
    }

    // MARK: Ending

    mutating func close(_ peer: PeerConnection, _ reason: CloseReason, at now: Moment, effects: inout SwarmEffects) {
        guard connections.peer(peer.id) != nil else { return }
        effects.append(.close(peer.id, reason))
        var failed = false
        switch reason {
        case .protocolViolation, .idle: failed = true
        case .banned: peer.listensAt.map { book.forget($0) }
        default: break
        }
        forget(peer, failed: failed, at: now, effects: &effects)
    }

    private mutating func forget(
        _ peer: PeerConnection, failed: Bool, at now: Moment, effects: inout SwarmEffects
    ) {
        giveUpAll(of: peer)
        if peer.isCountedAsSeed {
            picker.rarity.removeSeed()
        } else {
            picker.rarity.remove(peer.have, using: &generator)
        }
        connections.remove(peer.id)
        if let listensAt = peer.listensAt {
            book.setSeed(listensAt, peer.wantsNothing)
            // A connection that lasted was no failed attempt.
            book.ended(listensAt, failed: failed && now - peer.connectedAt < .seconds(60), at: now)
        }
        reviewUploads(at: now, effects: &effects)
        if peer.turn != nil { dropTurn(of: peer, at: now, effects: &effects) }
        if !peer.isChokedByUs { holdRound(.vacancy, at: now, effects: &effects) }
        renewInterest(in: nil, at: now, effects: &effects)
        refillAll(at: now, effects: &effects)
        noteStarvation(effects: &effects)
    }

    /// Closes one that neither side has been of use to for a while, to make room.
    private mutating func evictUseless(at now: Moment, effects: inout SwarmEffects) -> Bool {
        let idle = connections.open.filter {
            !$0.isInteresting && !$0.isInterestedInUs && now - $0.usefulAt > .seconds(60)
        }
        guard let longest = idle.min(by: { $0.usefulAt < $1.usefulAt }) else { return false }
        close(longest, .notUseful, at: now, effects: &effects)
        return true
    }

    // MARK: Whom next

    /// Connects while there is somebody to connect to and room.
    mutating func fillConnections(at now: Moment, effects: inout SwarmEffects) {
        guard isRunning else { return }
        turnOver(at: now, effects: &effects)
        while connections.connectingCount < limits.connecting, connections.count < mostByUs,
            let endpoint = book.takeNext(at: now, skippingSeeds: isComplete)
        {
            guard !bans.contains(endpoint) else {
                book.forget(endpoint)
                continue
            }
            guard !connections.open.contains(where: { $0.listensAt == endpoint }) else {
                continue
            }
            effects.append(.connect(connections.beginConnecting(to: endpoint), endpoint))
        }
        noteShortage(at: now)
        noteStarvation(effects: &effects)
    }

    /// A fifth of the places is kept for those who come to us.
    var mostByUs: Int { limits.connections - limits.connections / 5 }

    /// Somebody else waits for a place, and all are taken.
    var mayTurnOver: Bool {
        !isComplete && connections.open.count >= mostByUs && connections.connectingCount == 0 && book.idleCount > 0
    }

    /// Every half minute one place may go from somebody who has been of no use for two, nor we for it, to somebody who
    /// has not been tried, or not for long. Whom the user named stays.
    private mutating func turnOver(at now: Moment, effects: inout SwarmEffects) {
        guard mayTurnOver, max(nextTurnover, book.nextTry) <= now else { return }
        nextTurnover = now + .seconds(30)
        let useless = connections.open.filter { peer in
            now - peer.usefulAt >= .seconds(120) && peer.listensAt.map { book.isNamed($0) } != true
        }
        guard let longest = useless.min(by: { $0.usefulAt < $1.usefulAt }) else { return }
        close(longest, .notUseful, at: now, effects: &effects)
        if let listensAt = longest.listensAt { book.rest(listensAt, at: now) }
    }

    /// Fewer than this many peers, connected or still to be tried, are short.
    private static let fewPeers = 8

    private mutating func noteShortage(at now: Moment) {
        guard !isComplete, connections.count + book.idleCount < Self.fewPeers else { return }
        schedule.hurry(at: now)
    }

    private mutating func noteStarvation(effects: inout SwarmEffects) {
        let starves = isRunning && !isComplete && connections.open.isEmpty && connections.connectingCount == 0
        guard starves != isStarved else { return }
        isStarved = starves
        effects.append(.starved(starves))
    }
}
