package import TorrentCore

/// What the swarm of a listed torrent is like at one moment: copied under the tracker's lock, and made into text
/// without it.
package struct CatalogueSight: Sendable {
    let counts: ScrapeCounts
    let names: PeerNames?
    let minute: Minute
    let lifetime: Int
}

extension Catalogue.Entry {
    /// As lists show it, with links that name `trackers`.
    package func listed(_ sight: CatalogueSight, announcing trackers: [String]) -> CatalogueEntry {
        var listed = CatalogueEntry(
            number: number, infoHash: torrent.infoHash, name: torrent.name, length: torrent.length,
            files: torrent.fileCount, isPrivate: torrent.file.isPrivate, added: added,
            magnet: torrent.magnet(announcing: trackers))
        (listed.seeders, listed.leechers) = (sight.counts.complete, sight.counts.incomplete)
        listed.downloads = sight.counts.downloaded
        if let names = sight.names {
            listed.seeds = names.names(ofSeeders: true, sight.minute, lifetime: sight.lifetime)
            listed.others = names.names(ofSeeders: false, sight.minute, lifetime: sight.lifetime)
        }
        return listed
    }
}
