package import ByteStrings
package import PeerEvents
package import TorrentCore

/// A torrent of a node at one moment.
package struct TorrentStatus: Sendable {
    package let infoHash: InfoHash
    /// Untrusted text.
    package let name: String
    /// What holds, or receives, what the torrent names.
    package let folder: ByteString
    package let role: PeerRole
    package let limits: TransferLimits
    /// Its state and its figures.
    package let progress: TorrentProgress
    /// It lives no longer: it has failed, or done all that it was to do.
    package let hasEnded: Bool
    /// Why it ended, if it failed.
    package let failure: PeerFailure?
}
