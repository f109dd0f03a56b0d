package import TorrentCore

/// What the node wants done. Carrying it out never calls the node.
package enum DHTEffect: Hashable, Sendable {
    /// Send this datagram.
    case send([UInt8], to: Endpoint)
    /// Peers of a torrent that is sought, as soon as they are known, from the node at `by`.
    case peersFound(InfoHash, [Endpoint], by: IPAddress)
    /// Nodes of the other family, which its node may have use for (BEP 32).
    case otherFamily([Endpoint])
    /// There is nobody to ask: look up the names of the bootstrap nodes, and tell them as `nodesNamed`. Said again,
    /// ever less often, while that stays so.
    case wantsBootstrap
    /// The node is now in this state: for people.
    case became(DHTState)
    /// Enough nodes in different nets say that they see us at this address (BEP 42). The id fits it already.
    case externalAddress(IPAddress)
    /// One step of an inquiry, as it happens.
    case step(DHTInquiryID, DHTStep)
    /// An inquiry has ended.
    case ended(DHTInquiryID, DHTOutcome)
}

/// How a node is.
package enum DHTState: Hashable, Sendable {
    /// It has not begun, or has ended.
    case off
    /// It asks nodes where to begin, and none has answered yet.
    case joining
    /// It knows nodes that answer.
    case ready(nodes: Int)
    /// Nobody answers; it tries again by itself at this time.
    case alone(retriesAt: Moment)
}

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

/// How a node is doing, for people and tests.
package struct DHTFigures: Hashable, Sendable {
    package var id: NodeID
    package var state = DHTState.off
    /// Nodes in the table, and those of them that answered within 15 minutes.
    package var nodes = 0
    /// See `nodes`.
    package var goodNodes = 0
    /// Nodes that wait for a place in it.
    package var spareNodes = 0
    /// What is kept for others.
    package var kept = Kept()
    /// Torrents that are sought.
    package var sought = 0
    /// Lookups that run.
    package var lookups = 0
    /// Lookups that wait for their turn.
    package var waiting = 0
    /// What went to and fro.
    package var traffic = Traffic()
    /// What the nodes asked lately took, at the median.
    package var roundTrip: Duration?
    /// A guess at how many nodes there are, from how close the closest are.
    package var estimatedNodes: Int?

    package init(id: NodeID) { self.id = id }

    /// What a node keeps for others.
    package struct Kept: Hashable, Sendable {
        /// Torrents of which peers are kept, and those of them all.
        package var torrents = 0
        /// See `torrents`.
        package var peers = 0
        /// Items (BEP 44).
        package var items = 0
        /// Bytes that those take.
        package var itemBytes = 0

        package init() {}
    }

    /// What a node asked, and was asked.
    package struct Traffic: Hashable, Sendable {
        /// Questions of ours, and what became of them.
        package var asked = 0
        /// See `asked`.
        package var answered = 0
        /// See `asked`.
        package var timedOut = 0
        /// Questions of others, those of them that were answered, and those that were too many.
        package var heard = 0
        /// See `heard`.
        package var served = 0
        /// See `heard`.
        package var limited = 0
        /// Datagrams that said nothing to us.
        package var useless = 0
        /// Payload of all datagrams.
        package var sentBytes = 0
        /// The same of those that came.
        package var receivedBytes = 0

        package init() {}
    }
}
