package import TorrentCore

// The catalogue beside the swarms.
extension Tracker {
    /// Lists a torrent; where there is no room, the oldest ones without peers go.
    package mutating func publish(
        _ torrent: CatalogueTorrent, by publisher: IPAddress?, at seconds: Int64
    ) throws(CatalogueRefusal) -> Catalogue.Publication {
        // Taken out for the call, which looks at the swarms.
        var catalogue = Catalogue()
        swap(&catalogue, &self.catalogue)
        defer { swap(&catalogue, &self.catalogue) }
        return try catalogue.publish(torrent, by: publisher, at: seconds) { counts(of: $0).peers > 0 }
    }

    /// What a list in the order of `key` is made of.
    package func catalogueView(sortedBy key: CatalogueQuery.Key = .number) -> CatalogueView {
        let needsCounts = key == .seeders || key == .leechers || key == .downloads
        let counts = needsCounts ? catalogue.entries.map { self.counts(of: $0.torrent.infoHash) } : []
        return CatalogueView(entries: catalogue.entries, changes: catalogue.changes, counts: counts)
    }

    /// An entry as lists show it, with links that name `trackers`.
    package func listed(_ entry: Catalogue.Entry, announcing trackers: [String], at now: Moment) -> CatalogueEntry {
        let torrent = entry.torrent
        let counts = self.counts(of: torrent.infoHash)
        var listed = CatalogueEntry(
            number: entry.number, infoHash: torrent.infoHash, name: torrent.name, length: torrent.length,
            files: torrent.fileCount, isPrivate: torrent.file.isPrivate, added: entry.added,
            magnet: torrent.magnet(announcing: trackers))
        (listed.seeders, listed.leechers) = (counts.complete, counts.incomplete)
        listed.downloads = counts.downloaded
        if let names = catalogue.names[entry.number] {
            let minute = clock.peek(now)
            listed.seeds = names.names(ofSeeders: true, minute, lifetime: policy.lifetimeMinutes)
            listed.others = names.names(ofSeeders: false, minute, lifetime: policy.lifetimeMinutes)
        }
        return listed
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
