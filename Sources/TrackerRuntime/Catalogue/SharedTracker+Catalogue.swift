import Synchronization
import TorrentCore
import TorrentIO
import TrackerEngine

// The catalogue as all lanes, and whoever has the tracker in his process, see it.
extension SharedTracker {
    /// Keeps a torrent and lists it; on the catalogue's worker, for it takes its time.
    func publish(_ bytes: [UInt8], by publisher: IPAddress?) throws(CatalogueRefusal) -> Catalogue.Publication {
        guard configuration.catalogue.isOn else { throw .off }
        guard bytes.count <= configuration.catalogue.limits.torrentBytes else {
            throw .tooLarge(limit: configuration.catalogue.limits.torrentBytes)
        }
        let torrent = try CatalogueTorrent(parsing: bytes)
        let seconds = WallClock.secondsSince1970()
        // The worker alone changes the catalogue, so the plan holds until it is carried out. What is listed is on the
        // disk, and what makes room goes when it is.
        let publication = try tracker.withLock { tracker throws(CatalogueRefusal) in
            try tracker.plan(torrent, by: publisher, at: seconds)
        }
        guard publication.isNew else { return publication }
        if let folder { try keep(publication.entry, in: folder) }
        tracker.withLock { $0.catalogue.carryOut(publication) }
        if let folder { drop(publication.removed, from: folder) }
        return publication
    }

    private func keep(_ entry: Catalogue.Entry, in folder: CatalogueFolder) throws(CatalogueRefusal) {
        do throws(StateFile.Failure) {
            try folder.keep(entry)
        } catch {
            // Some of it may be on the disk, so that the number is used.
            tracker.withLock { $0.catalogue.skipNumbers(below: entry.number + 1) }
            throw .notStored(reason: error.reason, isDiskFull: error.isDiskFull)
        }
    }

    /// Takes a torrent out of the list; false if it is not there. On the catalogue's worker.
    func withdraw(_ infoHash: InfoHash) -> Bool {
        guard let entry = tracker.withLock({ $0.catalogue.withdraw(infoHash) }) else { return false }
        if let folder { drop([entry], from: folder) }
        return true
    }

    private var folder: CatalogueFolder? { catalogueFolder.withLock { $0 } }

    private func drop(_ entries: [Catalogue.Entry], from folder: CatalogueFolder) {
        for entry in entries {
            do throws(StateFile.Failure) {
                try folder.drop(entry)
            } catch {
                configuration.onWarning?(.catalogueNotWritten(path: folder.path, reason: error.reason))
            }
        }
    }

    /// Nil if it is not listed.
    func entry(_ key: CatalogueKey) -> Catalogue.Entry? {
        tracker.withLock { tracker in
            switch key {
            case .infoHash(let infoHash): tracker.catalogue[infoHash]
            case .number(let number): tracker.catalogue[number]
            }
        }
    }

    /// As lists show it.
    func listed(_ entry: Catalogue.Entry, announcing trackers: [String], at now: Moment) -> CatalogueEntry {
        entry.listed(tracker.withLock { $0.sight(of: entry, at: now) }, announcing: trackers)
    }

    /// The page of the list that is asked for. Searching and sorting take no lock of the tracker's, nor does making
    /// texts.
    func listing(_ query: CatalogueQuery, announcing trackers: [String], at now: Moment) -> CatalogueListing {
        let view = view(sortedBy: query.key, at: now)
        let page = view.page(query)
        let sights = tracker.withLock { tracker in page.entries.map { tracker.sight(of: $0, at: now) } }
        return CatalogueListing(
            torrents: zip(page.entries, sights).map { $0.listed($1, announcing: trackers) }, total: page.total,
            offset: query.offset, limit: query.limit, changes: view.changes)
    }

    /// Whoever asks while it is being sorted waits for that rather than sort it again.
    private func view(sortedBy key: CatalogueQuery.Key, at now: Moment) -> CatalogueView {
        catalogueOrders.withLock { orders in
            let (entries, changes) = tracker.withLock { ($0.catalogue.entries, $0.catalogue.changes) }
            if let order = orders.order(by: key, changes: changes, at: now) {
                return CatalogueView(entries, changes: changes, order)
            }
            let order = CatalogueOrder(entries, by: key, key.isOfCounts ? counts(of: entries) : [])
            orders.keep(order, by: key, changes: changes, at: now)
            return CatalogueView(entries, changes: changes, order)
        }
    }

    /// Looked up in stretches, between which others have the tracker.
    private func counts(of entries: [Catalogue.Entry]) -> [ScrapeCounts] {
        var counts: [ScrapeCounts] = []
        while counts.count < entries.count {
            let stretch = entries[counts.count..<min(entries.count, counts.count + Self.countsAtOnce)]
            counts += tracker.withLock { $0.counts(of: stretch) }
        }
        return counts
    }

    private static let countsAtOnce = 1_000
}
