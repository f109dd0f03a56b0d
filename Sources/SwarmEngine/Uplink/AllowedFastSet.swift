package import TorrentCore

/// The pieces that a peer may ask for while it is choked, computed as BEP 6 says, so that all peers allow it the same.
package enum AllowedFastSet {
    /// The most pieces allowed, and never more than one in `share`, so that a peer cannot live on them alone.
    static let size = 10
    static let share = 8

    static func size(pieceCount: Int) -> Int { min(size, pieceCount / share) }

    /// The first `count` pieces for a peer at `address`; none for IPv6, for which the standard has no rule.
    package static func pieces(
        for address: IPAddress, infoHash: InfoHash, geometry: TorrentGeometry, count: Int
    ) -> [PieceIndex] {
        guard case .v4(let number) = address else { return [] }
        var pieces: [PieceIndex] = []
        var bytes: [UInt8] = []
        bytes.appendBigEndian(number & 0xFFFF_FF00)
        infoHash.bytes.append(to: &bytes)
        while pieces.count < min(count, geometry.pieceCount) {
            bytes = SHA1.digest(of: bytes).bytes.array
            for offset in stride(from: 0, to: 20, by: 4) where pieces.count < count {
                let index = bytes.withBytes { $0.uint32(at: offset) } % UInt32(geometry.pieceCount)
                let piece = geometry.piece(Int(index))
                if !pieces.contains(piece) { pieces.append(piece) }
            }
        }
        return pieces
    }
}
