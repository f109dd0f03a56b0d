import TorrentCore

/// A peer as a member of the swarm: where it can be found again, and when there was a sign of life.
struct PeerMembership {
    /// Where it listens, as far as we know: the key of its entry in the peer book.
    var listensAt: Endpoint?
    /// What it calls itself (BEP 10): untrusted text.
    var client: String?
    var lastReceivedAt: Moment
    var lastSentAt: Moment
    /// When it was last of use to us or we to it.
    var usefulAt: Moment
    /// Its connection has ended: nothing is said to it any more.
    var isGone = false

    init(listensAt: Endpoint?, at now: Moment) {
        self.listensAt = listensAt
        lastReceivedAt = now
        lastSentAt = now
        usefulAt = now
    }
}

// What all rooms may know and say of it.
extension PeerConnection {
    var isGone: Bool { membership.isGone }

    var contributor: Contributor {
        Contributor(connection: id, endpoint: endpoint, peerID: peerID, listensAt: membership.listensAt)
    }

    func send(_ message: PeerMessage, _ agenda: inout Agenda) {
        membership.lastSentAt = agenda.now
        agenda.effects.append(.send(id, message))
    }

    /// Something has come from it.
    func heard(at now: Moment) { membership.lastReceivedAt = now }

    /// A block of ours has left to it.
    func served(at now: Moment) {
        membership.lastSentAt = now
        membership.usefulAt = now
    }

    /// It has just been of use to us or we to it, or it became clear that it may be.
    func wasUseful(at now: Moment) { membership.usefulAt = now }
}
