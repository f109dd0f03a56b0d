package import TorrentCore

/// A file as a `PayloadScanner` is to read it.
package struct ScanFile: Sendable {
    /// Below the folder; nil for padding, which reads as zeros.
    package let path: RelativePath?
    /// How many of its bytes are on disk, from the start on; nothing is read beyond.
    package let present: Int64

    /// A file of `length` bytes in the torrent, of which `present` are on disk; padding is always whole.
    package init(path: RelativePath?, length: Int64, present: Int64) {
        self.path = path
        self.present = path == nil ? length : min(present, length)
    }
}

/// What a `PayloadScanner` found.
package struct ScanResult: Sendable {
    /// Twenty bytes a piece, zeros for pieces that could not be read.
    package let digests: [UInt8]
    /// The pieces that were read whole.
    package let hashed: Bitfield
    /// Files that could not be opened or read, by position, in order; those not present are not among them.
    package let problems: [StorageError]

    /// The pieces that were read whole and pass the check that `metainfo` has for them.
    package func goodPieces(of metainfo: Metainfo) -> Bitfield {
        var good = Bitfield(count: hashed.count)
        for piece in metainfo.geometry.pieces {
            switch metainfo.check(of: piece) {
            case .sha1(let expected): good[piece] = digest(of: piece) == expected
            }
        }
        return good
    }

    /// Nil if the piece could not be read.
    package func digest(of piece: PieceIndex) -> SHA1Digest? {
        guard hashed[piece] else { return nil }
        return digests.withBytes { SHA1Digest($0, at: piece.position * 20) }
    }
}
