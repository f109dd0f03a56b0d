import PeerEvents
import TorrentCore

/// What is told of connections and pieces beside the progress of a torrent, where somebody wants to see it: only what
/// has changed.
struct Sight {
    private var peers: [PeerFigures] = []
    private var counts = PieceMap.Counts()

    /// Tells what `task` has of it. True if it has changed.
    mutating func tell(of task: TorrentTask) -> Bool {
        let options = task.context.options
        var hasChanged = false
        if options.detail > .connections {
            let now = task.peers
            if now != peers {
                tellOtherReasons(now, of: task)
                peers = now
                hasChanged = true
                task.context.onEvent(.peers(task.infoHash, now))
            }
        }
        if options.showsPieces, let map = task.pieceMap, map.counts != counts {
            counts = map.counts
            hasChanged = true
            task.context.onEvent(.pieces(task.infoHash, map))
        }
        return hasChanged
    }

    /// Who is unchoked and stays so for another reason causes no message.
    private func tellOtherReasons(_ now: [PeerFigures], of task: TorrentTask) {
        var before: [Endpoint: Turn] = [:]
        for peer in peers { before[peer.endpoint] = peer.turn }
        for peer in now {
            guard let turn = peer.turn, let old = before[peer.endpoint], turn != old else { continue }
            let news = PeerNews(
                peer.endpoint, client: peer.client, origin: peer.origin, .keepsTurn(turn, gives: peer.taken.rate))
            task.context.onEvent(.peer(task.infoHash, news))
        }
    }
}
