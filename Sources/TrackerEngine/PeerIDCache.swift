import TorrentCore

/// The ids of peers of those swarms in which somebody asked for dictionaries with ids (BEP 3), which next to no client
/// does (BEP 23): so the tables need not hold twenty bytes more for each peer.
///
/// A new id overwrites whatever has the same hash. So the size is fixed, nothing has to be removed, and an id that is
/// missing is left out of the answer, as readers of it expect.
struct PeerIDCache {
    private struct Entry: BitwiseCopyable {
        var hash: UInt64 = 0
        var id = PeerID(.zero)
    }

    /// Most peers whose ids are known: 2 MiB, allocated with the first request for ids.
    static var capacity: Int { 65_536 }

    private var entries: [Entry] = []
    private let key: TableKey

    init(key: TableKey) { self.key = key }

    mutating func note(_ id: PeerID, of peer: Endpoint, in infoHash: InfoHash) {
        if entries.isEmpty { entries = Array(repeating: Entry(), count: Self.capacity) }
        let hash = hash(peer, infoHash)
        entries[place(hash)] = Entry(hash: hash, id: id)
    }

    func id(of peer: Endpoint, in infoHash: InfoHash) -> PeerID? {
        guard !entries.isEmpty else { return nil }
        let hash = hash(peer, infoHash)
        let entry = entries[place(hash)]
        return entry.hash == hash ? entry.id : nil
    }

    private func place(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & (Self.capacity - 1) }

    private func hash(_ peer: Endpoint, _ infoHash: InfoHash) -> UInt64 {
        let swarm = key.hash(infoHash)
        return switch peer.address {
        case .v4(let address): key.hash(swarm, UInt64(address), UInt32(peer.port))
        case .v6(let high, let low): key.hash(swarm ^ key.hash(high), low, UInt32(peer.port) | 1 << 16)
        }
    }
}
