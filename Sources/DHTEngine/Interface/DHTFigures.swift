package import TorrentCore

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
