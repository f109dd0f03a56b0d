import PeerEvents
import SwarmEngine
import TorrentCore

/// Whom a connection, made or being made, leads to.
struct Neighbour {
    let endpoint: Endpoint
    let isIncoming: Bool
    /// How we came to know it.
    var origin: PeerOrigin?
    /// When hands had been shaken, and the brain kept the connection.
    var connectedAt: Moment?
    /// What it calls itself (BEP 10).
    var client: String?
    /// Why it may ask us for blocks, as people were told last; nil while it may not.
    var turn: UnchokeReason?
    /// An attempt that counts among those of the node: see `SharedAttempts`.
    var attempt: SharedAttempts.Attempt?
    /// How often it has said that it has a node of the DHT (BEP 5).
    var nodesNamed = 0

    /// Once is enough, and it may be at another port by now.
    static let mostNodesNamed = 2

    var isConnected: Bool { connectedAt != nil }
}

extension PeerOrigin {
    /// The same as people are told it.
    init(_ source: PeerSource) {
        switch source {
        case .user, .link: self = .named
        case .incoming: self = .incoming
        case .tracker: self = .tracker
        case .exchange: self = .exchange
        case .dht: self = .dht
        case .lan: self = .lan
        }
    }
}

extension PeerOrigins {
    init(_ counts: SourceCounts) {
        self.init()
        for source in PeerSource.allCases { self[PeerOrigin(source)] += counts[source] }
    }
}

/// A peer that was reached and was gone again at once.
struct ShortStay {
    let endpoint: Endpoint
    let why: String
}
