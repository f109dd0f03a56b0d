import SwarmEngine
import TorrentCore
import TorrentIO

/// The parts of a session that have to do with others and not with content: who is connected, who they are, who is
/// looked up, the trackers, and the DHT. They outlive the session that fetches the metadata, and go to the one after
/// it.
struct SessionContacts {
    let links: SessionLinks
    let neighbours: Neighbours
    let lookups: PeerLookups
    let trackers: TrackerAnnounces
    let dht: DHTSearch
    /// Since when somebody could have told of a peer.
    let beganAt: Moment

    /// `reader` frames what comes through the links. `generator` is asked for what no other is to guess.
    init(
        of infoHash: InfoHash, tiers: [[TrackerURL]], reader: MessageReader, _ context: NodeContext,
        _ reactor: Reactor, using generator: inout SplitMix64
    ) {
        trackers = TrackerAnnounces(of: infoHash, tiers: tiers, context, reactor, using: &generator)
        links = SessionLinks(of: infoHash, context, reactor, reader: reader)
        neighbours = Neighbours(of: infoHash, context)
        lookups = PeerLookups(context.resolver, reactor)
        dht = DHTSearch(of: infoHash, context.dht, reactor)
        beganAt = reactor.now
    }

    /// From now on `session` hears of them.
    func belong(to session: some PeerSession) {
        links.owner = session
        neighbours.owner = session
        lookups.owner = session
        trackers.owner = session
        dht.owner = session
    }

    /// The torrent is private: strangers hear of it no longer (BEP 27).
    func becamePrivate() {
        dht.becamePrivate()
        links.becamePrivate()
    }

    /// The same, and what comes through connections that are at work is read by `reader` from now on.
    func move(to session: some PeerSession, reader: MessageReader) {
        belong(to: session)
        links.move(reader: reader)
    }
}
