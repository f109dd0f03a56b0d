import Synchronization
import TorrentCore
import TorrentIO
import TrackerEngine

// The catalogue as all lanes, and whoever has the tracker in his process, see it.
extension SharedTracker {
    /// Lists a torrent and keeps it; on the catalogue's worker, for it takes its time.
    func publish(_ bytes: [UInt8], by publisher: IPAddress?) throws(CatalogueRefusal) -> Catalogue.Publication {
        guard configuration.catalogue.isOn else { throw .off }
        guard bytes.count <= configuration.catalogue.limits.torrentBytes else {
            throw .tooLarge(limit: configuration.catalogue.limits.torrentBytes)
        }
        let torrent = try CatalogueTorrent(parsing: bytes)
        let seconds = WallClock.secondsSince1970()
        let published = try tracker.withLock { tracker throws(CatalogueRefusal) in
            try tracker.publish(torrent, by: publisher, at: seconds)
        }
        guard published.isNew, let folder else { return published }
        do throws(StateFile.Failure) {
            try folder.keep(published.entry)
        } catch {
            _ = tracker.withLock { $0.catalogue.withdraw(torrent.infoHash) }
            throw .notStored(reason: error.reason, isDiskFull: error.isDiskFull)
        }
        for entry in published.removed { drop(entry, from: folder) }
        return published
    }

    /// Takes a torrent out of the list; false if it is not there. On the catalogue's worker.
    func withdraw(_ infoHash: InfoHash) -> Bool {
        guard let entry = tracker.withLock({ $0.catalogue.withdraw(infoHash) }) else { return false }
        if let folder { drop(entry, from: folder) }
        return true
    }

    private var folder: CatalogueFolder? { catalogueFolder.withLock { $0 } }

    private func drop(_ entry: Catalogue.Entry, from folder: CatalogueFolder) {
        do throws(StateFile.Failure) {
            try folder.drop(entry)
        } catch {
            configuration.onWarning?(.catalogueNotWritten(path: folder.path, reason: error.reason))
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
        tracker.withLock { $0.listed(entry, announcing: trackers, at: now) }
    }

    /// The page of the list that is asked for. Searching and sorting take no lock.
    func listing(_ query: CatalogueQuery, announcing trackers: [String], at now: Moment) -> CatalogueListing {
        let view = tracker.withLock { $0.catalogueView(sortedBy: query.key) }
        let page = view.page(query)
        let torrents = tracker.withLock { tracker in
            page.entries.map { tracker.listed($0, announcing: trackers, at: now) }
        }
        return CatalogueListing(
            torrents: torrents, total: page.total, offset: query.offset, limit: query.limit, changes: view.changes)
    }
}
