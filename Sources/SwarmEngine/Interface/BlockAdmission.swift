package import TorrentCore

/// What the shell does with the bytes of a block whose header it has read.
package enum BlockAdmission: Hashable, Sendable, BitwiseCopyable {
    /// Read them into the buffer of their piece.
    case accept(BlockRequest)
    /// Read them and drop them: another peer was faster, the piece is stored already, or we cancelled.
    case discard
    /// The brain has closed the connection.
    case refuse
}
