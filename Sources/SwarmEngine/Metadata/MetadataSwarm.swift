package import TorrentCore

/// The brain of a torrent of which only the info hash is known, as after a magnet link: it finds peers, fetches the
/// metadata from them (BEP 9), and keeps them and what they say until a `Swarm` can take over.
///
/// It is told what happens, and says what is to be done, as `Swarm` is and does. Its `Membership` is that of a `Swarm`,
/// and goes over to it; `Gathering` owns the metadata. Of that the brain sees no byte: the shell keeps them where
/// `admit` says, and hashes the whole.
package struct MetadataSwarm: ~Copyable {
    package let configuration: MetadataConfiguration
    var membership: Membership
    var gathering: Gathering
    /// Those who are connected, in the order in which they came.
    private(set) var peers: [PeerConnection] = []
    /// Gives nothing before the metadata is there.
    var metadata = MetadataServing(byteCount: 0)
    var agenda: Agenda

    /// A brain that has not begun: it waits for `.start`. `now` is the first moment that it knows.
    package init(_ configuration: MetadataConfiguration, at now: Moment) {
        self.configuration = configuration
        agenda = Agenda(seed: configuration.seed)
        gathering = Gathering(limit: configuration.metadataLimit)
        membership = Membership(
            of: configuration.infoHash, as: configuration.ourID, limits: configuration.limits,
            trackerTiers: configuration.trackerTiers, isPrivate: false,
            asksOwnTracker: configuration.asksOwnTracker,
            admitsUnnamed: configuration.admitsUnnamed,
            places: OurPlaces(port: configuration.listenPort, interfaces: configuration.interfaces),
            exchange: Exchange(isOn: configuration.exchangesPeers, tells: false), at: now, using: &agenda.generator)
    }

    /// Started, and not yet stopped.
    package var isRunning: Bool { agenda.isRunning }
    /// Bytes of the metadata, once its hash is the info hash.
    package var verifiedSize: Int? { gathering.verifiedSize }

    /// Parts of memory that are in use, and that may come to be; see `MetadataRoom`.
    package var memory: (inUse: Int, ofUse: Int) { (gathering.partsInUse, gathering.partsOfUse) }

    // MARK: Life

    mutating func start() {
        guard agenda.start() else { return }
        membership.schedule.start(at: agenda.now)
        membership.announceDue(&agenda)
        fillConnections()
    }

    /// Closes everything and announces `stopped` where we were known.
    mutating func stop() {
        guard agenda.stop() else { return }
        gathering.dropAll(peers, &agenda)
        membership.stop(&agenda)
        for peer in peers {
            membership.closed(peer)
            agenda.effects.append(.close(peer.id, .stopping))
        }
        peers = []
    }

    /// Becomes the brain of the torrent: connections, peers, trackers, and what was heard. Called when the metadata is
    /// there, from wherever, and what is on disk has been looked at. Only while it is running. `mayOpen` is as if the
    /// event of that name were taken first: where torrents share memory, no piece is opened before that.
    package consuming func promoted(
        _ configuration: SwarmConfiguration, mayOpen: Int? = nil, at now: Moment, effects: inout SwarmEffects
    ) -> Swarm {
        precondition(isRunning, "who has stopped does not go on")
        agenda.open(at: now, &effects)
        for peer in peers where peer.hasSaidTooMuch { makeAnew(peer) }
        gathering.dropAll(peers, &agenda)
        agenda.close(&effects)
        let early = peers.map { (peer: $0, messages: gathering.handOver($0)) }
        return Swarm(configuration, members: membership, mayOpen: mayOpen, early, at: now, effects: &effects)
    }

    // MARK: The list of peers

    mutating func add(_ peer: PeerConnection) { peers.append(peer) }

    mutating func remove(_ peer: PeerConnection) { peers.removeAll { $0 === peer } }
}
