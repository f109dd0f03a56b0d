package import TorrentCore

/// One message between a torrent and another peer, in either direction.
package struct PeerWord: Sendable, Hashable {
    /// What was said.
    package enum Kind: Sendable, Hashable {
        /// The first that either side says (BEP 3).
        case handshake(Handshake)
        case message(PeerMessage)
        /// Which pieces the sender has: so many; nil where that is not known.
        case bitfield(Int?)
        /// Which extensions the sender speaks, and more about it (BEP 10).
        case extensionHandshake(ExtensionHandshake)
        /// Something under an extension that both speak.
        case extended(ExtensionMessage)
        case block(WireBlock)
    }

    package var endpoint: Endpoint
    /// We said it.
    package var isOurs: Bool
    package var kind: Kind

    package init(_ endpoint: Endpoint, isOurs: Bool, _ kind: Kind) {
        self.endpoint = endpoint
        self.isOurs = isOurs
        self.kind = kind
    }
}
