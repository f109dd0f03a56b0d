package import PeerEvents
import Synchronization
package import TorrentCore
import TorrentIO

// For whoever looks: answered on the reactor of the torrent. Once the node has stopped, nothing is answered any more.
extension PeerNode {
    /// The connections of a torrent, oldest first: `reply` is called once, on any thread. None if the torrent is not
    /// there, or is not at work.
    package func peers(of infoHash: InfoHash, reply: @escaping @Sendable ([PeerFigures]) -> Void) {
        ask(infoHash, { reply($0?.peers ?? []) })
    }

    /// What is known of each piece of a torrent: `reply` is called once, on any thread. Nil if the torrent is not
    /// there, is being checked or paused, or is known by a magnet link alone.
    package func pieces(of infoHash: InfoHash, reply: @escaping @Sendable (PieceMap?) -> Void) {
        ask(infoHash, { reply($0?.pieceMap) })
    }

    private func ask(_ infoHash: InfoHash, _ body: @escaping @Sendable (TorrentTask?) -> Void) {
        let entry = state.withLock { $0.table[infoHash] }
        guard let entry, entry.ending == nil else { return body(nil) }
        entry.task.reactor.perform { body(entry.task) }
    }
}
