import TorrentCore

// Blocks that leave, and the finding out of how they should.

extension Swarm {
    /// A `.serve` has left for the network.
    mutating func blockSent(_ block: BlockRequest, to id: ConnectionID) {
        uplink.blockSent(block, at: agenda.now)
        reviewUplink()
        guard let peer = membership.peer(id) else { return }
        peer.served(at: agenda.now)
        uplink.blockSent(block, to: peer, expecting: membership.expectedCount, availability, &agenda)
    }

    /// What we had to say to this peer, requests among it, was kept so long by a block on its way there.
    mutating func messagesWaited(_ time: Duration, on id: ConnectionID) {
        if let peer = membership.peer(id) { download.messagesWaited(time, on: peer) }
    }

    /// Looks again at whether slots or turns fit. Who gives to us is asked as we are.
    mutating func reviewUplink() {
        let newcomers = membership.expectedCount
        switch uplink.review(expecting: newcomers, availability, &agenda) {
        case nil: break
        case .toTurns:
            uplink.beginTurns(expecting: newcomers, availability, &agenda)
            download.change(to: uplink.manner)
        case .toSlots:
            download.renewInterest(availability, &agenda)
            uplink.beginSlots(expecting: newcomers, availability, &agenda)
            download.change(to: uplink.manner)
            download.refillAll(availability, &agenda)
        }
    }
}
