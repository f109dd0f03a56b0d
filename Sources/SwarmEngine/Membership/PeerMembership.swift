import TorrentCore

/// A peer as a member of the swarm: where it listens, and when each side last sent something.
struct PeerMembership {
    /// Where it listens, if known: the key of its entry in the peer book.
    var listensAt: Endpoint?
    /// How we came to be connected.
    var source = PeerSource.incoming
    /// The name of its program (BEP 10): untrusted text.
    var client: String?
    /// Other addresses at which it was met while we were connected to it: they are left alone until it goes.
    var otherPlaces: [Endpoint] = []
    /// It has sent something behind its handshake.
    var hasSpoken = false
    var lastReceivedAt: Moment
    var lastSentAt: Moment
    /// When a block was last sent or received, or either side's interest changed.
    var usefulAt: Moment
    /// A block has been sent, or one that we wanted received: whatever ends the connection now, it was no failed
    /// attempt.
    var hasTraded = false
    /// What it has said since the last block that brings nothing.
    var chatter = Chatter()
    /// What it was told of other peers, and how it tells of them.
    var exchange = ExchangeRecord()
    /// Its connection has ended: nothing may be sent to it.
    var isGone = false

    init(listensAt: Endpoint?, at now: Moment) {
        self.listensAt = listensAt
        lastReceivedAt = now
        lastSentAt = now
        usefulAt = now
    }
}

// What all rooms may read and do.
extension PeerConnection {
    var isGone: Bool { membership.isGone }

    var contributor: Contributor {
        Contributor(connection: id, endpoint: endpoint, peerID: peerID, listensAt: membership.listensAt)
    }

    func send(_ message: PeerMessage, _ agenda: inout Agenda) {
        membership.lastSentAt = agenda.now
        agenda.effects.append(.send(id, message))
    }

    /// Under the extension protocol (BEP 10).
    func send(_ output: ExtensionOutput, _ agenda: inout Agenda) {
        membership.lastSentAt = agenda.now
        agenda.effects.append(.sendExtension(id, output))
    }

    /// It has sent something.
    func heard(at now: Moment) {
        membership.lastReceivedAt = now
        membership.hasSpoken = true
    }

    /// It has said something that brings nothing. True if that is too much of it.
    func chatters(at now: Moment) -> Bool { membership.chatter.isTooMuch(at: now) }

    /// We have sent it a block.
    func served(at now: Moment) {
        membership.lastSentAt = now
        traded(at: now)
    }

    /// A block has been sent, or one that we wanted received.
    func traded(at now: Moment) {
        membership.hasTraded = true
        membership.chatter.forget()
        membership.usefulAt = now
    }

    /// It has what we want, and lets us have it, or may do so soon.
    func mayGive(at now: Moment) -> Bool {
        guard isInteresting, !membership.hasTraded else { return isInteresting }
        return isChokingUs ? now - connectedAt < Self.timeToUnchoke : !isSnubbed
    }

    /// Nobody need wait longer for a first unchoke: a dozen choke rounds.
    private static let timeToUnchoke = Duration.seconds(120)

    /// Either side's interest has changed, or a block came that we did not want any more.
    func wasUseful(at now: Moment) { membership.usefulAt = now }
}
