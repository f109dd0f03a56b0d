package import ByteStrings

/// The outcome of the check of one torrent's content.
package struct VerifiedContent: Sendable, Hashable {
    /// Pieces of the torrent.
    package var pieces: Int
    /// Those that are there with the right hash.
    package var goodPieces: Int
    /// Bytes of the good pieces.
    package var goodBytes: Int64
    /// Bytes of the whole payload.
    package var totalBytes: Int64
    /// True if a resume record was trusted, and nothing had to be hashed.
    package var fromResumeRecord: Bool
    /// Paths of files that are missing or short, as the metainfo has them; the first hundred.
    package var missingFiles: [ByteString]

    package init(
        pieces: Int, goodPieces: Int, goodBytes: Int64, totalBytes: Int64, fromResumeRecord: Bool,
        missingFiles: [ByteString] = []
    ) {
        self.pieces = pieces
        self.goodPieces = goodPieces
        self.goodBytes = goodBytes
        self.totalBytes = totalBytes
        self.fromResumeRecord = fromResumeRecord
        self.missingFiles = missingFiles
    }
}
