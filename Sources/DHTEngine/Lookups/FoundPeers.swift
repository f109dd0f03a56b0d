import TorrentCore

/// The peers that a lookup has found, each of them once.
struct FoundPeers {
    private var seen: Set<Endpoint> = []
    private(set) var all: [Endpoint] = []

    /// Those that are new, as far as there is room.
    mutating func add(_ peers: [Endpoint], most: Int) -> [Endpoint] {
        var new: [Endpoint] = []
        for peer in peers where all.count < most && seen.insert(peer).inserted {
            all.append(peer)
            new.append(peer)
        }
        return new
    }
}
