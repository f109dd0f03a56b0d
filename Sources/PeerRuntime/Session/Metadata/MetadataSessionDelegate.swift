import PeerEvents
import TorrentCore
import TorrentIO

/// Whoever owns a session that fetches metadata hears of what concerns the torrent as a whole.
protocol MetadataSessionDelegate: AnyObject {
    /// The metadata is there, and its hash is right. Told once, maybe while the session is being stopped; else it holds
    /// its connections until it is, or another one takes over.
    func session(_ session: MetadataSession, found: MetadataSession.Finding)
    /// Something changed that a person might want to see.
    func sessionMoved(_ session: MetadataSession)
    func session(_ session: MetadataSession, notice: PeerNotice)
}
