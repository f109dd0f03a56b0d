package import TorrentCore

// What goes over the extension protocol (BEP 10): which extensions we speak, who hears of what comes, and what is sent.
// Another extension is added here, beside its row in `PeerExtension`.

extension Swarm {
    /// What our handshake names. A message of any other row is let pass.
    var spoken: [PeerExtension] { [] }

    /// The extension handshake: who it is, where it listens, how much it queues, what it speaks.
    mutating func receivedExtensionHandshake(_ handshake: ExtensionHandshake, from id: ConnectionID) {
        guard let peer = membership.peer(id) else { return }
        peer.heard(at: agenda.now)
        peer.extensions.change(to: handshake.ids)
        if handshake.isUploadOnly || handshake.spreads { availability.toldToFetchNothing(peer) }
        download.introduced(peer, by: handshake)
        membership.introduced(peer, by: handshake, at: agenda.now)
        // Neither will ever give the other anything (BEP 21).
        if peer.pieces.isUploadOnly, isComplete { close(peer, .notUseful) }
    }

    mutating func received(_ message: ExtensionMessage, from id: ConnectionID) {
        guard let peer = membership.peer(id) else { return }
        peer.heard(at: agenda.now)
        guard peer.isExtended, spoken.contains(message.row) else { return }
        switch message {
        case .metadata, .exchange, .lacks: break
        }
    }

    // MARK: For the shell

    /// What we say of ourselves.
    package func extensionHandshake(listenPort: UInt16?) -> ExtensionHandshake {
        let queue = configuration.limits.queuedRequests
        var ours = ExtensionHandshake.ours(listenPort: listenPort, requestQueue: queue)
        ours.ids = ExtensionIDs(ours: spoken)
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
        var bytes: [UInt8] = []
        guard let row = output.row else {
            let ours = extensionHandshake(listenPort: listenPort)
            ExtendedMessage.append(id: ExtendedMessage.handshakeID, body: ours.encoded, to: &bytes)
            return bytes
        }
        guard let theirs = peer.extensions.id(for: row), let message = message(output, for: peer) else { return nil }
        message.append(as: theirs, to: &bytes)
        return bytes
    }

    /// What is to be said; nil for the handshake, and for what we have nothing of.
    private func message(_ output: ExtensionOutput, for peer: PeerConnection) -> ExtensionMessage? {
        switch output {
        case .handshake, .exchange, .metadataData: nil
        case .metadataRequest(let piece): .metadata(.request(piece: piece))
        case .metadataReject(let piece): .metadata(.reject(piece: piece))
        case .lacks(let piece): .lacks(piece.number)
        }
    }
}
