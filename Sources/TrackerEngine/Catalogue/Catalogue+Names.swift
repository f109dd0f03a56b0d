import TorrentCore

// What the peers of listed torrents are called.
extension Catalogue {
    /// Torrents whose names are looked through in one call of `expireNames`.
    private static let expiryStretch = 64

    mutating func hear(_ peer: PeerNames.Peer, of number: Int, lifetime: Int) {
        var its = names[number] ?? PeerNames()
        nameCount -= its.peers.count
        if its.peers.count >= limits.names { its.expire(peer.minute, lifetime: lifetime) }
        its.hear(peer, limit: min(limits.names, its.peers.count + max(0, limits.namesOfAll - nameCount)))
        keep(its, of: number)
    }

    mutating func forget(_ endpoint: Endpoint, of number: Int) {
        guard var its = names[number] else { return }
        nameCount -= its.peers.count
        its.remove(endpoint)
        keep(its, of: number)
    }

    /// Drops names of peers that are silent, of some torrents at a time.
    mutating func expireNames(_ now: Minute, lifetime: Int) {
        guard nameCount > 0 else { return }
        for _ in 0..<min(Self.expiryStretch, entries.count) {
            expiryPosition = expiryPosition + 1 < entries.count ? expiryPosition + 1 : 0
            let number = entries[expiryPosition].number
            guard var its = names[number] else { continue }
            nameCount -= its.peers.count
            its.expire(now, lifetime: lifetime)
            keep(its, of: number)
        }
    }

    private mutating func keep(_ its: PeerNames, of number: Int) {
        nameCount += its.peers.count
        names[number] = its.peers.isEmpty ? nil : its
    }
}
