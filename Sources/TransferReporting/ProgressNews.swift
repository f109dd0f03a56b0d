package import PeerRuntime
internal import TorrentCore

/// Lets through only the progress that says something else than the last one of its torrent.
package struct ProgressNews {
    private var last: [InfoHash: TorrentProgress] = [:]

    package init() {}

    /// Those of `all` of which something has changed, time apart.
    package mutating func absorb(_ all: [TorrentProgress]) -> [TorrentProgress] {
        all.filter { progress in
            var timeless = progress
            timeless.nextAnnounce = nil
            defer { last[progress.infoHash] = timeless }
            return last[progress.infoHash] != timeless
        }
    }
}
