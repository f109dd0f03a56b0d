/// How received bytes violate the peer protocol.
public enum WireError: Error, Hashable, Sendable {
    /// Fewer than the 68 bytes of a handshake.
    case handshakeTooShort(Int)
    /// Does not begin with 19 and "BitTorrent protocol" (BEP 3).
    case notBitTorrent
    /// A message of this id never has this length: bytes after the length prefix, the id included.
    case wrongLength(id: UInt8, length: Int)
    /// Longer than we are ready to read.
    case frameTooLong(id: UInt8, length: Int)
    /// The body of an extension handshake is no bencoded dictionary, or is above its limits (BEP 10).
    case badExtensionHandshake
    /// What came under this extension is none of its messages.
    case badExtensionMessage(PeerExtension)
}
