import ByteStrings
import PeerEvents
import Synchronization
import TorrentCore
import TorrentIO

/// What a torrent is, and where its content belongs: all that is kept of one that is paused. For any thread.
final class TorrentPlan: Sendable {
    /// As the user named it.
    let folder: ByteString
    let role: PeerRole
    /// The tracker of this process, which is asked first, if that is no other's business.
    let ownTracker: OwnTracker?
    let infoHash: InfoHash
    private let known: Mutex<TorrentSource>

    init(_ source: TorrentSource, folder: ByteString, role: PeerRole, ownTracker: OwnTracker?) {
        infoHash = source.infoHash
        self.folder = folder
        self.role = role
        self.ownTracker = ownTracker
        known = Mutex(source)
    }

    /// With what has been learned since.
    var source: TorrentSource { known.withLock(\.self) }

    /// Nil as long as nobody has sent it.
    var metainfo: Metainfo? { known.withLock(\.metainfo) }

    /// The metainfo is known from now on.
    func learn(_ metainfo: Metainfo) { known.withLock { $0.learn(metainfo) } }

    /// For people: untrusted text.
    var name: String { known.withLock(\.name).description }

    /// Keeps other processes from its content in `folder`; nil if one is at work there.
    func lock(_ folder: ContentFolder, _ records: ResumeStore) -> RecordLock? {
        records.lock(infoHash, in: folder, at: metainfo?.movedPath, writing: role == .leech)
    }

    /// Opens the folder; for a leecher, makes it.
    func openFolder() throws(PeerFailure) -> ContentFolder { try TorrentContent.open(folder, role) }

    /// The same, and makes the metainfo's content of it.
    func open(_ metainfo: Metainfo, _ openFiles: OpenFileCache) throws(PeerFailure) -> TorrentContent {
        try TorrentContent(metainfo, folder: folder, role: role, ownTracker: ownTracker, openFiles: openFiles)
    }
}
