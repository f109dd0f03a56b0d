package import TorrentCore

/// What to do with the bytes behind a piece header.
package enum BlockAdmission: Hashable, Sendable, BitwiseCopyable {
    case accept(BlockRequest)
    /// Read them and throw them away.
    case discard(DiscardReason)
    /// The brain has closed the connection.
    case refuse
}

/// Why a block is not wanted.
package enum DiscardReason: UInt8, Hashable, Sendable, BitwiseCopyable {
    /// Another peer was faster, the piece is there already, or we cancelled.
    case unwanted
}

/// Where an address came from, by how far it is trusted.
package enum PeerSource: UInt8, Hashable, Sendable, BitwiseCopyable {
    case user, tracker, incoming
}
