/// The first 68 bytes each way (BEP 3).
public struct Handshake: Hashable, Sendable, BitwiseCopyable {
    public let infoHash: InfoHash
    public let peerID: PeerID
    /// Which extensions the sender speaks, in eight bytes.
    public let reserved: ReservedBits

    /// 1 + 19 for the name of the protocol, 8 reserved, 20 and 20 for torrent and peer.
    public static let byteCount = 68

    public init(infoHash: InfoHash, peerID: PeerID, reserved: ReservedBits = .ours) {
        self.infoHash = infoHash
        self.peerID = peerID
        self.reserved = reserved
    }
}

/// The eight bytes in which a peer says what it can do.
public struct ReservedBits: OptionSet, Hashable, Sendable, BitwiseCopyable {
    /// The eight bytes, read big-endian.
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Speaks the fast extension (BEP 6): reserved[7] & 0x04.
    public static let fast = ReservedBits(rawValue: 0x04)
    /// Speaks the extension protocol (BEP 10): reserved[5] & 0x10.
    public static let extended = ReservedBits(rawValue: 0x10_0000)

    /// Has a node of the DHT (BEP 5): reserved[7] & 0x01.
    public static let dht = ReservedBits(rawValue: 0x01)

    /// What each of our handshakes says.
    public static let ours: ReservedBits = [.fast, .extended]
}
