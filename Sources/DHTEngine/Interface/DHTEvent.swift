package import TorrentCore

/// One thing that happened; datagrams come by a call of their own, `DHTNode.received`.
package enum DHTEvent: Hashable, Sendable {
    // MARK: Life

    /// The node begins: it asks the nodes that it remembers, and wants others if there are none.
    case start
    /// The node ends: it sends nothing more.
    case stop
    /// The time `nextDeadline` has come.
    case deadlineReached
    /// Others see us at this public address: the id is to fit it.
    case externalAddress(IPAddress)
    /// The machine has other addresses or another way out now, or the network is there again: what was given up is
    /// tried anew.
    case networkChanged

    // MARK: Nodes

    /// Somebody who matters to us named these: they are asked, and are in the table when they have answered.
    case nodesNamed([Endpoint], by: DHTNaming)
    /// A datagram to this address found nobody.
    case notDelivered(Endpoint)

    // MARK: Torrents

    /// From now on look for peers of this torrent, again and again, and announce us unless there is nothing to say.
    /// Said again it changes what is announced.
    case seek(InfoHash, DHTAnnouncement?)
    /// The torrent is short of peers: look again soon, if it is not too soon.
    case hurry(InfoHash)
    /// No longer.
    case forget(InfoHash)

    // MARK: By hand

    /// Something that is done once: `ended` tells what came of it.
    case inquire(DHTInquiryID, DHTInquiry)
    /// The inquiry is of no interest any more.
    case dropInquiry(DHTInquiryID)
}

/// Who names a node.
package enum DHTNaming: UInt8, Hashable, Sendable, CaseIterable {
    /// The user, or a list of well-known ones: where to begin.
    case bootstrap
    /// The `nodes` of a torrent (BEP 5).
    case torrent
    /// A peer that we are connected to, in its `port` message (BEP 5).
    case peer
    /// A node of the other family (BEP 32).
    case otherFamily
}

/// What an announce says of us (BEP 5).
package struct DHTAnnouncement: Hashable, Sendable {
    /// Where we listen for peers.
    package var port: UInt16
    /// The port is the one that the announce comes from: so it is while TCP and UDP have one number, also behind NAT.
    package var impliesPort: Bool

    package init(port: UInt16, impliesPort: Bool) {
        self.port = port
        self.impliesPort = impliesPort
    }
}

/// Which inquiry is meant; the shell counts them.
package struct DHTInquiryID: Hashable, Sendable {
    /// Its count.
    package let number: Int
    package init(_ number: Int) { self.number = number }
}

/// What is done once, for people and tests.
package enum DHTInquiry: Hashable, Sendable {
    /// Is a node there?
    case ping(Endpoint)
    /// Which nodes are closest to that place?
    case nodes(near: NodeID)
    /// Who has that torrent?
    case peers(of: InfoHash)
    /// Say to the closest nodes that we have it.
    case announce(InfoHash, DHTAnnouncement)
}
