import PeerEvents
import SwarmEngine

extension Turn {
    /// The same as people are told it.
    init(_ reason: UnchokeReason) {
        switch reason {
        case .reciprocal: self = .reciprocal
        case .optimistic: self = .optimistic
        case .newcomer: self = .newcomer
        case .seeding: self = .seeding
        case .spreading: self = .spreading
        }
    }
}

extension Wait {
    /// The same as people are told it.
    init(_ reason: ChokeReason) {
        switch reason {
        case .notYet: self = .notYet
        case .outranked: self = .outranked
        case .turnOver: self = .turnOver
        case .askedNothing: self = .askedNothing
        case .wantsNothing: self = .wantsNothing
        case .snubs: self = .snubs
        case .stalled: self = .stalled
        case .rearranged: self = .rearranged
        }
    }
}

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
        case .unchoked(let reason): turn = Turn(reason)
        case .choked(let reason): wait = Wait(reason)
        }
    }
}

extension PieceMap.State {
    /// The same as people are told it.
    init(_ state: PieceState) {
        switch state {
        case .have: self = .have
        case .partial: self = .partial
        case .inFlight: self = .inFlight
        case .rare: self = .rare
        case .common: self = .common
        case .nowhere: self = .nowhere
        }
    }
}
