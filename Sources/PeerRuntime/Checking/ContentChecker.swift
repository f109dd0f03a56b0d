package import TorrentCore
import TorrentIO

/// Says what of a torrent is in a folder, by hashing all that is there.
///
/// Follows no link below the folder and reads regular files alone. Changes nothing.
package struct ContentChecker: Sendable {
    private let metainfo: Metainfo
    private let folder: String
    private let threads: Int

    /// `folder` holds what the torrent names: its file, or its folder.
    package init(metainfo: Metainfo, folder: String, threads: Int = ProcessLimits.processors) {
        self.metainfo = metainfo
        self.folder = folder
        self.threads = threads
    }

    /// Blocks; meanwhile `progress` is told on this thread, a few times a second, how many bytes of the payload are
    /// done (read, or known to be missing), and `isCancelled` asked.
    package func run(
        progress: (Int64) -> Void, isCancelled: () -> Bool
    ) throws(CheckError) -> ContentReport {
        throw .cancelled
    }
}
