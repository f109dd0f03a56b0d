import PeerEvents

/// What is told of connections and pieces beside the progress of a torrent, where somebody wants to see it: only what
/// has changed.
struct Sight {
    private var peers: [PeerFigures] = []
    private var pieces: PieceMap?

    /// Tells what `task` has of it. True if it has changed.
    mutating func tell(of task: TorrentTask) -> Bool {
        let options = task.context.options
        var hasChanged = false
        if options.detail > .connections {
            let now = task.peers
            if now != peers {
                task.work?.session.tellOtherReasons()
                peers = now
                hasChanged = true
                task.context.onEvent(.peers(task.infoHash, now))
            }
        }
        if options.showsPieces {
            let now = task.pieceMap
            // What is there no more needs no telling: progress says that nothing is at work.
            if let now, now != pieces {
                hasChanged = true
                task.context.onEvent(.pieces(task.infoHash, now))
            }
            pieces = now
        }
        return hasChanged
    }
}
