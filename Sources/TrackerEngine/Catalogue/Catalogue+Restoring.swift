import TorrentCore

extension Catalogue {
    /// What an earlier run has left, looked at from the newest to the oldest as long as there is room: where that run
    /// ended between keeping a torrent and removing what had made room for it, the latter is among the oldest.
    package struct Remains {
        private let limits: CatalogueLimits
        // Newest first.
        fileprivate var entries: [Entry] = []
        private var infoHashes: Set<InfoHash> = []
        private var bytes = 0

        package init(_ limits: CatalogueLimits) { self.limits = limits }

        /// Whether a file of so many bytes may find room, so that it is worth reading.
        package func mayTake(_ fileBytes: Int) -> Bool {
            entries.count < limits.torrents && fileBytes <= limits.torrentBytes && bytes + fileBytes <= limits.bytes
        }

        /// False if there is no room, or if its number or its torrent is that of a newer one.
        package mutating func take(_ entry: Entry) -> Bool {
            let torrent = entry.torrent
            guard entry.number > 0, entry.number < entries.last?.number ?? Catalogue.mostNumber,
                mayTake(torrent.file.bytes.count), bytes + torrent.cost <= limits.bytes,
                infoHashes.insert(torrent.infoHash).inserted
            else { return false }
            entries.append(entry)
            bytes += torrent.cost
            return true
        }
    }

    /// Goes on from where an earlier run ended; for a catalogue in which nothing has been listed.
    package mutating func restore(_ remains: Remains) {
        precondition(nextNumber == 1, "an earlier run is restored first")
        for entry in remains.entries.reversed() { insert(entry) }
    }
}
