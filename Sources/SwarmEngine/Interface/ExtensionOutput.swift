package import TorrentCore

/// What is to be sent under the extension protocol (BEP 10). Trivial, like all effects: the bytes come from `encoded`,
/// and the shell sends nothing where that answers nil, for the peer has turned the extension off meanwhile.
package enum ExtensionOutput: Hashable, Sendable, BitwiseCopyable {
    /// Our extension handshake.
    case handshake
    /// What has changed since the last one among those whom we are connected with (BEP 11).
    case exchange
    /// Asks for this block of the metadata (BEP 9).
    case metadataRequest(UInt32)
    /// We do not give this block of the metadata.
    case metadataReject(UInt32)
    /// This block of the metadata, whose bytes the shell puts behind what it is given.
    case metadataData(UInt32)
    /// We have this piece no more (BEP 54).
    case lacks(PieceIndex)

    /// The extension under which it is sent; nil for the handshake, which has no id of its own.
    package var row: PeerExtension? {
        switch self {
        case .handshake: nil
        case .exchange: .exchange
        case .metadataRequest, .metadataReject, .metadataData: .metadata
        case .lacks: .lacks
        }
    }
}
