package import TorrentCore

/// One place of a DHT that others can name: an id at an address.
package struct DHTDweller: Sendable {
    /// What is at a place.
    package enum Manner: UInt8, Sendable {
        /// It answers as a node of plain Kademlia does, out of a table that was drawn.
        case honest
        /// Nobody.
        case dead
        /// It answers with nodes from anywhere, and keeps announces to itself.
        case strays
        /// It answers with invented ids near what was asked for, and keeps announces to itself.
        case lures
        /// It names none but those who aim at the same torrent, and keeps announces to itself.
        case aims
        /// A `DHTNode`.
        case real
    }

    package var id: NodeID
    package let endpoint: Endpoint
    package var manner: Manner

    package var contact: DHTContact { DHTContact(id, endpoint) }
}

/// Who lives in a DHT, before anything happens.
package struct DHTCrowdPlan: Sendable, Hashable {
    /// Nodes that answer.
    package var nodes = 10_000
    /// Of what tables list, so much is dead.
    package var deadPart = 0.3
    /// Of the nodes that answer, so many lie: half of them stray, half of them lure.
    package var liarPart = 0.0
    /// What liars do besides.
    package var lies: DHTLies = []
    /// Of the honest ids, so many do not fit their address.
    package var unfittingPart = 0.15

    package init() {}
}
