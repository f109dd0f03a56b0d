internal import ByteStrings
internal import CommandLineKit
internal import PeerEvents
internal import Synchronization
internal import TorrentCore
internal import TorrentIO

/// Does what is to be done for others as soon as it is known what a torrent is: invites them where a tracker runs here,
/// and writes the .torrent if that was asked for. For any thread.
final class TransferHost: Sendable {
    private let companion: CompanionTracker?
    private let saved: SavedTorrent?
    private let output: Output
    private let invitation = Mutex<Invitation?>(nil)
    /// The torrents of which it is known what they are.
    private let known = Mutex<[Metainfo]>([])

    init(_ companion: CompanionTracker?, _ saved: SavedTorrent?, _ output: Output) {
        self.companion = companion
        self.saved = saved
        self.output = output
    }

    /// To be called once, before the first torrent is known: others reach us at `listening`.
    func begin(at listening: [Endpoint]) {
        guard let companion else { return }
        invitation.withLock { $0 = Invitation(companion, listening) }
    }

    /// What was fetched, or kept by an earlier run, is welcome.
    func note(_ event: PeerEvent) {
        guard case .metadataComplete(let metainfo) = event else { return }
        companion?.tellName(of: metainfo)
        welcome(metainfo)
    }

    /// It is known what this torrent is.
    func welcome(_ metainfo: Metainfo) {
        known.withLock { $0.append(metainfo) }
        let invitation = invitation.withLock(\.self)
        invitation?.say(metainfo, beside: saved?.path, output)
        guard let saved else { return }
        let named = invitation?.torrent(metainfo)
        saved.save(named ?? metainfo, namesTracker: named != nil)
    }

    /// Says where each torrent's file or folder is, below `folder`; to scripts its `complete` says it.
    func sayPlace(in folder: ByteString) {
        guard !output.isJSON else { return }
        for metainfo in known.withLock(\.self) {
            output.result("\(folder.appending(ByteString((metainfo.movedPath ?? metainfo.name).bytes)))")
        }
    }
}
