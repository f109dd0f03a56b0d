package import TorrentCore

/// What to do with the bytes behind a piece header.
package enum BlockAdmission: Hashable, Sendable, BitwiseCopyable {
    case accept(BlockRequest)
    /// Read them and throw them away: another peer was faster, the piece is there already, or we cancelled.
    case discard
    /// The brain has closed the connection.
    case refuse
}
