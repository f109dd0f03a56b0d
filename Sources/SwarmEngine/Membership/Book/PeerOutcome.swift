/// What the end of a connection, or of an attempt, tells about the peer.
enum PeerOutcome {
    /// Nothing against it.
    case harmless
    /// Nothing against it, but it is of no use to try again at once: it has no room, or the fault is on our side.
    case postponed
    /// It could not be reached, or closed the connection, or fell silent.
    case failure
    /// It broke the protocol, and will most likely do so again.
    case misconduct

    /// As how many failures it counts.
    var failures: Int {
        switch self {
        case .harmless, .postponed: 0
        case .failure: 1
        case .misconduct: 3
        }
    }
}

extension CloseReason {
    var outcome: PeerOutcome {
        switch self {
        case .remoteClosed, .connectFailed, .handshakeFailed, .networkError, .idle, .wrongTorrent: .failure
        case .protocolViolation: .misconduct
        case .noWay, .putOff: .postponed
        case .banned, .duplicate, .ourself, .notUseful, .stopping, .tooMany, .notOfTracker: .harmless
        }
    }
}
