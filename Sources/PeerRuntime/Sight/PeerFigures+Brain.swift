import PeerEvents
import SwarmEngine
import TorrentCore

extension PeerFigures {
    /// Adds what the brain knows of the connection; the torrent has so many `pieces`.
    mutating func fill(with figures: ConnectionFigures, of pieces: Int) {
        id = figures.peerID
        havePieces = figures.pieces
        self.pieces = pieces
        given = Flow(bytes: figures.uploaded, rate: figures.uploadRate)
        taken = Flow(bytes: figures.downloaded, rate: figures.downloadRate)
        wantsOurs = figures.isInterestedInUs
        isWanted = figures.isInteresting
        chokesUs = figures.isChokingUs
        switch figures.standing {
        case .unchoked(let reason): turn = reason
        case .choked(let reason): wait = reason
        }
    }
}
