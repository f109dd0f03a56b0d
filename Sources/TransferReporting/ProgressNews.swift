package import PeerEvents
internal import TorrentCore

/// Lets progress through only if it differs from the last one of its torrent.
package struct ProgressNews {
    private var last: [InfoHash: TorrentProgress] = [:]

    package init() {}

    /// Those of `all` in which something other than the time has changed.
    package mutating func absorb(_ all: [TorrentProgress]) -> [TorrentProgress] {
        all.filter { progress in
            var timeless = progress
            timeless.nextAnnounce = nil
            defer { last[progress.infoHash] = timeless }
            return last[progress.infoHash] != timeless
        }
    }
}
