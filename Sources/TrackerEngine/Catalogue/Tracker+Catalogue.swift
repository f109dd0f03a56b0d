package import TorrentCore

// The catalogue beside the swarms.
extension Tracker {
    /// Says what listing a torrent would do: where there is no room, the oldest ones without peers go.
    package func plan(
        _ torrent: CatalogueTorrent, by publisher: IPAddress?, at seconds: Int64
    ) throws(CatalogueRefusal) -> Catalogue.Publication {
        try catalogue.plan(torrent, by: publisher, at: seconds) { counts(of: $0).peers > 0 }
    }

    /// Of the swarms of some entries, for an order by them.
    package func counts(of entries: ArraySlice<Catalogue.Entry>) -> [ScrapeCounts] {
        entries.map { counts(of: $0.torrent.infoHash) }
    }

    /// What is to be copied for a list.
    package func sight(of entry: Catalogue.Entry, at now: Moment) -> CatalogueSight {
        CatalogueSight(
            counts: counts(of: entry.torrent.infoHash), names: catalogue.names[entry.number],
            minute: clock.peek(now), lifetime: policy.lifetimeMinutes)
    }

    private func counts(of infoHash: InfoHash) -> ScrapeCounts {
        table.place(of: infoHash).map { table.swarm($0).counts } ?? ScrapeCounts()
    }

    /// Whether the tracker tells anybody of the torrent.
    package func serves(_ infoHash: InfoHash) -> Bool {
        !policy.isListedOnly || catalogue.number(of: infoHash) != nil
    }

    /// Notes what the asker is called, if its torrent is listed.
    mutating func noteName(_ asker: Endpoint, _ request: AnnounceRequest, of number: Int, at now: Moment) {
        guard request.event != .stopped else { return catalogue.forget(asker, of: number) }
        guard asker.port != 0 else { return }
        let peer = PeerNames.Peer(
            endpoint: asker, name: request.name, id: request.peerID, isSeeder: request.isSeeder,
            minute: clock.minute(at: now))
        catalogue.hear(peer, of: number, lifetime: policy.lifetimeMinutes)
    }
}

extension ScrapeCounts {
    fileprivate var peers: Int { complete + incomplete }
}
