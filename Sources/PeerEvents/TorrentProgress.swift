package import TorrentCore

/// One torrent at one moment. Bytes are payload bytes of this run, rates bytes a second.
package struct TorrentProgress: Sendable, Hashable {
    /// What the torrent is doing.
    package enum State: Sendable, Hashable {
        /// Comparing files with the hashes, fetching pieces, serving all that is there, or at its end.
        case checking, leeching, seeding, stopped
        /// By the user, until it is resumed.
        case paused
    }

    package var infoHash: InfoHash
    package var state: State
    /// Bytes of the whole payload.
    package var totalBytes: Int64
    /// Bytes received in this run.
    package var downloaded: Int64 = 0
    /// Bytes sent in this run.
    package var uploaded: Int64 = 0
    /// Bytes of pieces not yet verified and stored.
    package var left: Int64 = 0
    /// Bytes a second, over the last seconds.
    package var downloadRate: Double = 0
    /// Bytes a second, over the last seconds.
    package var uploadRate: Double = 0
    /// Connected, those that have everything included.
    package var peers = 0
    /// Those of `peers` that have everything.
    package var seeds = 0
    /// Where `peers` came from.
    package var sources = PeerOrigins()
    /// Why nothing moves, where nothing does.
    package var standstill: Standstill?
    /// How the last of the connections ended, where the standstill is `nobodyStays`: "it closed the connection".
    package var whyNobodyStays: String?
    /// Seconds until a tracker is asked again; nil if none will be.
    package var nextAnnounce: Double?

    package init(infoHash: InfoHash, state: State, totalBytes: Int64) {
        self.infoHash = infoHash
        self.state = state
        self.totalBytes = totalBytes
    }
}
