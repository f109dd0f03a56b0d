import PeerEvents
import SwarmEngine
import TorrentCore
import TorrentIO

// What people see of a torrent at work: who is connected, and what is known of each piece.
extension TorrentTask {
    /// The connections that stand, oldest first; none while nothing is at work.
    var peers: [PeerFigures] {
        reactor.preconditionOnReactor()
        if let session = work?.session { return session.peers }
        return metadataSession?.neighbours.connected ?? []
    }

    /// Nil while it is not known which pieces are there.
    var pieceMap: PieceMap? {
        reactor.preconditionOnReactor()
        return work?.session.pieceMap
    }
}

extension SwarmSession {
    /// Who is unchoked, and stays so for another reason than before, causes no message.
    func tellOtherReasons() {
        for connection in brain.swarm.connectionList(at: reactor.now) {
            guard case .unchoked(let reason) = connection.standing else { continue }
            neighbours.keepsTurn(connection.id, reason, gives: connection.downloadRate)
        }
    }

    fileprivate var peers: [PeerFigures] {
        let pieces = content.geometry.pieceCount
        return brain.swarm.connectionList(at: reactor.now).map { connection in
            var figures = neighbours.figures(of: connection.id) ?? PeerFigures(connection.endpoint)
            figures.fill(with: connection, of: pieces)
            return figures
        }
    }

    fileprivate var pieceMap: PieceMap { PieceMap(brain.swarm.pieceStates) }
}
