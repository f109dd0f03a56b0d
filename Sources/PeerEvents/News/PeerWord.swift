package import TorrentCore

/// One message between a torrent and another peer, in either direction.
package struct PeerWord: Sendable, Hashable {
    /// What was said.
    package enum Kind: Sendable, Hashable {
        case message(PeerMessage)
        /// Which pieces the sender has.
        case bitfield
        /// Which extensions the sender speaks (BEP 10).
        case extensionHandshake
        /// Something under an extension that both speak.
        case extended(PeerExtension)
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
