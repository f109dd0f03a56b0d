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
