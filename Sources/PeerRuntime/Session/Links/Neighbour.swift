import TorrentCore

/// Whom a connection, made or being made, leads to.
struct Neighbour {
    let endpoint: Endpoint
    let isIncoming: Bool
    /// When hands had been shaken, and the brain kept the connection.
    var connectedAt: Moment?
    /// What it calls itself (BEP 10).
    var client: String?

    var isConnected: Bool { connectedAt != nil }
}

/// A peer that was reached and was gone again at once.
struct ShortStay {
    let endpoint: Endpoint
    let why: String
}
