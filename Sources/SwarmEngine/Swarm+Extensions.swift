package import TorrentCore

// What goes over the extension protocol (BEP 10): which extensions we speak, who hears of what comes, and what is sent.
// Another extension is added here, beside its row in `PeerExtension`.

extension Swarm {
    /// What our handshake names. A message of any other row is let pass.
    func speaks(_ row: PeerExtension) -> Bool {
        switch row {
        case .metadata: metadata.isOn
        case .exchange: membership.exchange.isOn
        case .lacks: true
        case .turns: uplink.mayGiveTurns
        }
    }

    /// The extension handshake: who it is, where it listens, how much it queues, what it speaks.
    mutating func receivedExtensionHandshake(_ handshake: ExtensionHandshake, from id: ConnectionID) {
        guard let peer = membership.peer(id) else { return }
        peer.heard(at: agenda.now)
        if peer.chatters(at: agenda.now) { return violate(.chatter, by: peer) }
        peer.extensions.change(to: handshake.ids)
        if handshake.isUploadOnly || handshake.spreads { availability.toldToFetchNothing(peer) }
        download.introduced(peer, by: handshake)
        membership.introduced(peer, by: handshake, at: agenda.now)
        membership.planExchange(with: availability.peers, &agenda)
        // Neither will ever give the other anything (BEP 21).
        if peer.pieces.isUploadOnly, isComplete { return close(peer, .notUseful) }
        if peer.extensions.speaks(.turns) {
            uplink.toldOfTurns(at: agenda.now)
            reviewUplink()
        }
    }

    mutating func received(_ message: ExtensionMessage, from id: ConnectionID) {
        guard let peer = membership.peer(id) else { return }
        peer.heard(at: agenda.now)
        if peer.chatters(at: agenda.now) { return violate(.chatter, by: peer) }
        guard peer.isExtended, speaks(message.row) else { return }
        switch message {
        case .metadata(.request(let piece)):
            if let violation = metadata.requested(piece, by: peer, &agenda) { violate(violation, by: peer) }
        // We have it all.
        case .metadata(.data), .metadata(.reject), .metadata(.unknown): break
        case .exchange(let exchange):
            let isBelieved = membership.heard(
                exchange, from: peer, peers: availability.peers, isComplete: isComplete, &agenda)
            if isBelieved { fillConnections() }
        case .lacks(let number):
            guard let piece = geometry.piece(at: number) else { return violate(.pieceOutOfRange, by: peer) }
            lacks(peer, piece)
        }
    }

    /// The blocks of the metadata that were on their way to a peer have left.
    mutating func metadataSent(to id: ConnectionID) {
        if let peer = membership.peer(id) { metadata.sent(to: peer, &agenda) }
    }

    /// A peer has this piece no more (BEP 54).
    private mutating func lacks(_ peer: PeerConnection, _ piece: PieceIndex) {
        guard peer.pieces.have[piece] else { return }
        if peer.pieces.isSeed { membership.isNoSeed(peer) }
        if availability.becameCounted(peer) { download.copiesCame(with: peer, availability, &agenda) }
        availability.lost(piece, of: peer)
        download.lost(piece, of: peer, availability, &agenda)
        uplink.lost(piece, of: peer, expecting: membership.expectedCount, availability, &agenda)
    }

    // MARK: For the shell

    /// What we say of ourselves.
    package func extensionHandshake(listenPort: UInt16?) -> ExtensionHandshake {
        let queue = configuration.limits.queuedRequests
        var ours = ExtensionHandshake.ours(listenPort: listenPort, requestQueue: queue)
        for row in namedBefore { ours.ids[row] = 0 }
        for row in PeerExtension.allCases where speaks(row) { ours.ids[row] = row.rawValue }
        // Who asks has to know how many blocks there are (BEP 9).
        if metadata.isOn { ours.metadataSize = metadata.byteCount }
        ours.spreads = uplink.hidesPieces
        // A peer that fetches nothing says so (BEP 21).
        ours.isUploadOnly = !uplink.hidesPieces && !isFetching
        return ours
    }

    /// The bytes of a `.sendExtension`, as they are now: a whole message, but for those of a block of the metadata,
    /// which the shell puts behind it. Nil if the peer does not speak that, or is gone.
    package func encoded(
        _ output: ExtensionOutput, for id: ConnectionID, listenPort: UInt16?
    ) -> [UInt8]? {
        guard let peer = membership.peer(id) else { return nil }
        var ours = extensionHandshake(listenPort: listenPort)
        ours.yourAddress = peer.endpoint.address
        return peer.encoded(output, ours: ours) { message($0, for: peer) }
    }

    /// What is to be said; nil for the handshake, and for what we have nothing of.
    private func message(_ output: ExtensionOutput, for peer: PeerConnection) -> ExtensionMessage? {
        switch output {
        case .exchange: .exchange(membership.lastTold(to: peer))
        case .handshake, .metadataRequest, .metadataReject, .metadataData, .lacks:
            ExtensionMessage(output, metadataSize: metadata.byteCount)
        }
    }
}
