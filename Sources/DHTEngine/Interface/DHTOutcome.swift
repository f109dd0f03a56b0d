package import TorrentCore

/// One question of an inquiry, and what came of it.
package struct DHTStep: Hashable, Sendable {
    /// What became of the question.
    package enum Result: Hashable, Sendable {
        /// It answered, after so long, and named so many nodes and peers.
        case answered(after: Duration, nodes: Int, peers: Int)
        /// It answered with an error.
        case refused(code: Int)
        /// It has not answered in time.
        case silent
        /// It took the announce.
        case stored(after: Duration)
    }

    /// Nil for a node that nobody has named by its id yet.
    package var id: NodeID?
    package var endpoint: Endpoint
    /// How many nodes lie between it and our table: 1 for those that we knew.
    package var hops: Int
    /// Whether its id fits its address, or need not.
    package var isFitting: Bool
    package var result: Result

    package init(id: NodeID?, endpoint: Endpoint, hops: Int, isFitting: Bool, result: Result) {
        self.id = id
        self.endpoint = endpoint
        self.hops = hops
        self.isFitting = isFitting
        self.result = result
    }
}

/// What came of an inquiry.
package struct DHTOutcome: Hashable, Sendable {
    /// The closest that answered, the nearest first.
    package var closest: [DHTContact] = []
    /// Peers of the torrent, each once.
    package var peers: [Endpoint] = []
    /// Nodes that were asked, announces left out.
    package var queries = 0
    /// Nodes that answered.
    package var answers = 0
    /// Of the longest way to one of the closest.
    package var hops = 0
    /// Until the first peers were there.
    package var firstPeers: Duration?
    /// Until the end.
    package var took = Duration.zero
    /// Nodes that took the announce.
    package var stored = 0

    package init() {}
}
