package import TorrentCore

// For whoever waits for peers.
extension DHTNode {
    /// When a torrent that is sought is looked up again; nil while it is being looked up, or is not sought.
    package func nextLookup(of infoHash: InfoHash) -> Moment? { seeking.nextLookup(of: infoHash) }
}
