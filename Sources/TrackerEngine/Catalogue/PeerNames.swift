import TorrentCore

/// What the peers of one torrent are called.
struct PeerNames {
    struct Peer {
        let endpoint: Endpoint
        /// What it calls itself; untrusted.
        var name: String?
        var id: PeerID
        var isSeeder: Bool
        var minute: Minute
    }

    private(set) var peers: [Peer] = []

    mutating func remove(_ endpoint: Endpoint) {
        guard let position = peers.firstIndex(where: { $0.endpoint == endpoint }) else { return }
        peers.remove(at: position)
    }

    mutating func expire(_ now: Minute, lifetime: Int) {
        peers.removeAll { now.since($0.minute) > lifetime }
    }

    /// Notes a peer. Once there are `limit`, a seeder takes the place of the leecher that was silent for the longest,
    /// and a leecher none.
    mutating func hear(_ peer: Peer, limit: Int) {
        if let position = peers.firstIndex(where: { $0.endpoint == peer.endpoint }) {
            peers[position] = peer
        } else if peers.count < limit {
            peers.append(peer)
        } else if peer.isSeeder, let position = longestSilentLeecher(peer.minute) {
            peers[position] = peer
        }
    }

    private func longestSilentLeecher(_ now: Minute) -> Int? {
        peers.indices.filter { !peers[$0].isSeeder }.max { now.since(peers[$0].minute) < now.since(peers[$1].minute) }
    }

    /// The first names of seeders or leechers. A peer that is known by two addresses is named once.
    func names(ofSeeders isSeeder: Bool, _ now: Minute, lifetime: Int) -> [String] {
        var names: [String] = []
        var seen: [Peer] = []
        for peer in peers where peer.isSeeder == isSeeder && now.since(peer.minute) <= lifetime {
            guard names.count < CatalogueEntry.nameLimit else { break }
            if seen.contains(where: { $0.id == peer.id && $0.name == peer.name && $0.id != PeerID(.zero) }) { continue }
            seen.append(peer)
            names.append(peer.name ?? peer.id.clientName ?? "?")
        }
        return names
    }
}
