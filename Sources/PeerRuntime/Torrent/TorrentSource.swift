import ByteStrings
import PeerEvents
import TorrentCore
import TorrentIO

/// What a torrent is, and where its content belongs: all that is kept of one that is paused.
struct TorrentSource: Sendable {
    let metainfo: Metainfo
    let folder: ByteString
    let role: PeerRole
    /// The tracker of this process, which is asked first, if that is no other's business.
    let ownTracker: OwnTracker?

    var infoHash: InfoHash { metainfo.infoHash }

    /// Opens the folder; for a leecher, makes it.
    func open(_ openFiles: OpenFileCache) throws(PeerFailure) -> TorrentContent {
        try TorrentContent(metainfo, folder: folder, role: role, ownTracker: ownTracker, openFiles: openFiles)
    }
}
