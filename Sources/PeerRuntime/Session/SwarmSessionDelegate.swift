import PeerEvents
import SwarmEngine
import TorrentCore
import TorrentIO

/// Whoever owns a session hears of what concerns the torrent as a whole.
protocol SwarmSessionDelegate: AnyObject {
    /// Every piece is stored, in this run or before it.
    func sessionCompleted(_ session: SwarmSession)
    /// Something changed that a person might want to see.
    func sessionMoved(_ session: SwarmSession)
    func session(_ session: SwarmSession, notice: PeerNotice)
    /// Content could not be read or stored, or is not what we hold any more.
    func session(_ session: SwarmSession, failed: StorageError)
    /// A piece has been verified and written, and is not flushed yet.
    func session(_ session: SwarmSession, stored piece: PieceIndex)
}
