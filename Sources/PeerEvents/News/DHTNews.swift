/// How our node of the DHT in one address family is, when that changes.
package struct DHTNews: Sendable, Hashable {
    /// By which addresses its nodes reach each other; each is a DHT of its own (BEP 32).
    package enum Family: String, Sendable {
        case ipv4, ipv6
    }

    /// What it is at.
    package enum State: Sendable, Hashable {
        /// It asks nodes where to begin.
        case joining
        /// It knows so many nodes.
        case ready(nodes: Int)
        /// Nobody answers; it tries again by itself.
        case alone(retriesIn: Duration)
        /// It has ended: there is no torrent any more that may use it.
        case off
    }

    package var family: Family
    package var state: State

    package init(_ family: Family, _ state: State) {
        self.family = family
        self.state = state
    }
}
