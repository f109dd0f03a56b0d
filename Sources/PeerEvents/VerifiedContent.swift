package import ByteStrings

/// The outcome of the check of one torrent's content.
package struct VerifiedContent: Sendable, Hashable {
    package var pieces: Int
    package var goodPieces: Int
    package var goodBytes: Int64
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
