extension Handshake {
    /// What every handshake begins with (BEP 3): the length of the name, then the name.
    static let opening = [UInt8(19)] + Array("BitTorrent protocol".utf8)

    /// From the first 68 bytes of a connection; later ones are ignored.
    public init(parsing bytes: RawSpan) throws(WireError) {
        for position in 0..<min(bytes.byteCount, Self.opening.count)
        where bytes.uint8(at: position) != Self.opening[position] {
            throw .notBitTorrent
        }
        guard bytes.byteCount >= Self.byteCount,
            let infoHash = InfoHash(bytes, at: 28), let peerID = PeerID(bytes, at: 48)
        else { throw .handshakeTooShort(bytes.byteCount) }
        self.init(infoHash: infoHash, peerID: peerID, reserved: ReservedBits(rawValue: bytes.uint64(at: 20)))
    }

    /// The 68 bytes.
    public func append(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: Self.opening)
        bytes.appendBigEndian(reserved.rawValue)
        infoHash.bytes.append(to: &bytes)
        peerID.bytes.append(to: &bytes)
    }
}
