import TorrentCore

// The bytes of what is sent under the extension protocol (BEP 10).

extension PeerConnection {
    /// A whole message, but for the bytes of a block of metadata, which the shell puts behind it. Nil if the peer does
    /// not speak that, or `message` knows of nothing to be said.
    func encoded(
        _ output: ExtensionOutput, ours: @autoclosure () -> ExtensionHandshake,
        _ message: (ExtensionOutput) -> ExtensionMessage?
    ) -> [UInt8]? {
        var bytes: [UInt8] = []
        guard let row = output.row else {
            ExtendedMessage.append(id: ExtendedMessage.handshakeID, body: ours().encoded, to: &bytes)
            return bytes
        }
        guard let theirs = extensions.id(for: row), let message = message(output) else { return nil }
        message.append(as: theirs, to: &bytes)
        return bytes
    }
}

extension ExtensionMessage {
    /// What is to be said where the metadata has so many bytes. Nil for the handshake, which is no message of an
    /// extension, for blocks that there are not, and for peer exchange, which `Membership` knows.
    init?(_ output: ExtensionOutput, metadataSize: Int) {
        switch output {
        case .metadataRequest(let piece): self = .metadata(.request(piece: piece))
        case .metadataReject(let piece): self = .metadata(.reject(piece: piece))
        case .metadataData(let piece):
            guard let range = MetadataMessage.range(of: piece, in: metadataSize) else { return nil }
            self = .metadata(.data(piece: piece, totalSize: Int64(metadataSize), length: range.count))
        case .lacks(let piece): self = .lacks(piece.number)
        case .handshake, .exchange: return nil
        }
    }
}
