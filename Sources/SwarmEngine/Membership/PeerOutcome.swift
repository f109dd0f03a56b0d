/// What the end of a connection, or of an attempt at one, says of the peer.
enum PeerOutcome {
    /// Nothing against it.
    case harmless
    /// It was not there, or hung up, or fell silent.
    case failure
    /// It broke the protocol: that will hardly be better the next time.
    case misconduct

    /// How much it adds to what is held against the peer, in failures.
    var failures: Int {
        switch self {
        case .harmless: 0
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
        case .banned, .duplicate, .ourself, .notUseful, .stopping: .harmless
        }
    }
}
