package import TorrentCore

// What peers say, and who hears of it.

extension MetadataSwarm {
    /// What our handshake may name.
    static let spoken: [PeerExtension] = [.metadata, .exchange, .lacks]

    private func speaks(_ row: PeerExtension) -> Bool {
        Self.spoken.contains(row) && (row != .exchange || membership.exchange.isOn)
    }

    mutating func received(_ message: PeerMessage, from id: ConnectionID) {
        guard let peer = membership.peer(id) else { return }
        peer.heard(at: agenda.now)
        if message.isChatter, peer.chatters(at: agenda.now) { return violate(.chatter, by: peer) }
        switch message {
        case .haveAll, .haveNone, .suggest, .reject, .allowedFast:
            // Without the extension, BEP 6 wants the connection closed.
            guard peer.isFast else { return violate(.unaskedFast, by: peer) }
        case .request(let block):
            // We choke everybody, and have nothing (BEP 6).
            guard peer.isFast else { return }
            guard gathering.mayRefuse(peer) else { return violate(.requestFlood, by: peer) }
            return peer.send(.reject(block), &agenda)
        default: break
        }
        if !gathering.keep(message, of: peer) { makeAnew(peer) }
    }

    mutating func receivedBitfield(_ bytes: [UInt8], from id: ConnectionID) {
        guard let peer = membership.peer(id) else { return }
        peer.heard(at: agenda.now)
        if !gathering.keep(bitfield: bytes, of: peer, &agenda) { makeAnew(peer) }
    }

    /// There is no room for more of what it says: the connection is made anew once the pieces are known.
    mutating func makeAnew(_ peer: PeerConnection) {
        close(peer, .notUseful)
        membership.rest(peer, at: agenda.now)
    }

    /// The extension handshake: who it is, where it listens, what it speaks, and whether it has the metadata.
    mutating func receivedExtensionHandshake(_ handshake: ExtensionHandshake, from id: ConnectionID) {
        guard let peer = membership.peer(id), peer.isExtended else { return }
        peer.heard(at: agenda.now)
        peer.extensions.change(to: handshake.ids)
        gathering.keep(handshake, of: peer)
        membership.introduced(peer, by: handshake, at: agenda.now)
        gathering.introduced(peer, size: handshake.metadataSize, peers, &agenda)
    }

    mutating func received(_ message: ExtensionMessage, from id: ConnectionID) {
        guard let peer = membership.peer(id) else { return }
        peer.heard(at: agenda.now)
        if peer.chatters(at: agenda.now) { return violate(.chatter, by: peer) }
        guard peer.isExtended, speaks(message.row) else { return }
        switch message {
        case .metadata(.request(let piece)):
            if let violation = metadata.requested(piece, by: peer, &agenda) { violate(violation, by: peer) }
        case .metadata(.reject(let piece)):
            gathering.rejected(piece, by: peer, &agenda)
            gathering.fill(peers, &agenda)
        // Of blocks we are asked by `admit`.
        case .metadata(.data), .metadata(.unknown): break
        case .exchange(let exchange):
            let isBelieved = membership.heard(
                exchange, from: peer, peers: peers, isComplete: isComplete, &agenda)
            if isBelieved { fillConnections() }
        case .lacks(let piece): if !gathering.keepLack(of: piece, of: peer) { makeAnew(peer) }
        }
    }

    // MARK: Metadata

    /// The blocks of the metadata that were on their way to a peer have left.
    mutating func metadataSent(to id: ConnectionID) {
        if let peer = membership.peer(id) { metadata.sent(to: peer, &agenda) }
    }

    mutating func arrived(
        _ piece: UInt32, totalSize: Int64, length: Int, _ digest: SHA1Digest, from id: ConnectionID
    ) -> MetadataPlace? {
        guard let peer = membership.peer(id) else { return nil }
        peer.heard(at: agenda.now)
        switch gathering.arrived(piece, totalSize: totalSize, length: length, digest, from: peer, &agenda) {
        case .keep(let place):
            gathering.goOn(after: peer, peers, &agenda)
            return place
        case .discard: gathering.goOn(after: peer, peers, &agenda)
        case .violation(let violation): violate(violation, by: peer)
        }
        return nil
    }

    mutating func verified(_ id: MetadataAssembly.ID, isPrivate: Bool) {
        guard let liars = gathering.verified(id, peers, &agenda) else { return }
        for liar in liars { ban(liar) }
        if isPrivate { return becamePrivate() }
        // Now we give it to others, and name its size (BEP 9).
        metadata = MetadataServing(byteCount: gathering.verifiedSize ?? 0)
        for peer in peers where peer.isExtended { peer.send(.handshake, &agenda) }
    }

    /// What a private torrent may not use goes at once, and nobody is given the metadata, as in every such torrent.
    private mutating func becamePrivate() {
        for peer in membership.learned(isPrivate: true, peers: peers, &agenda) { close(peer, .notUseful) }
    }

    mutating func rejected(_ id: MetadataAssembly.ID) {
        if let liar = gathering.rejected(id, peers, &agenda) { ban(liar) }
        gathering.fill(peers, &agenda)
    }

    mutating func mayUse(parts: Int) { gathering.mayUse(parts: parts, peers, &agenda) }

    mutating func memoryIsWanted() { gathering.memoryIsWanted(peers, &agenda) }

    // MARK: For the shell

    /// What we say of ourselves.
    package func extensionHandshake(listenPort: UInt16?) -> ExtensionHandshake {
        var ours = ExtensionHandshake.ours(
            listenPort: listenPort, requestQueue: configuration.limits.queuedRequests)
        for row in Self.spoken where speaks(row) { ours.ids[row] = row.rawValue }
        if metadata.isOn { ours.metadataSize = metadata.byteCount }
        return ours
    }

    /// The bytes of a `.sendExtension`, as they are now: a whole message, but for those of a block of the metadata,
    /// which the shell puts behind it. Nil if the peer does not speak that, or is gone.
    package func encoded(_ output: ExtensionOutput, for id: ConnectionID, listenPort: UInt16?) -> [UInt8]? {
        let size = metadata.byteCount
        let peer = membership.peer(id)
        var ours = extensionHandshake(listenPort: listenPort)
        ours.yourAddress = peer?.endpoint.address
        return peer?.encoded(output, ours: ours) {
            ExtensionMessage($0, metadataSize: size)
        }
    }
}
