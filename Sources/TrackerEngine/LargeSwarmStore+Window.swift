import TorrentCore

extension LargeSwarmStore {
    /// At most so many peers of each set are looked at for one answer: the search ends there if most cannot be given to
    /// the asker.
    static var mostLookedAt: Int { 8_192 }

    /// Calls `body` with peers of a set in a row, from a random one on and round about, until it has taken `wanted`.
    func window<Entry: PeerEntry>(
        _ swarm: LargeSwarm, _ set: Int, wanted: Int, using chance: inout SplitMix64, _ body: (Entry) -> Bool
    ) {
        let peers = swarm.sets[set]
        guard peers.count > 0, wanted > 0 else { return }
        var (bucket, entry) = start(peers, using: &chance)
        var left = min(peers.count, Self.mostLookedAt)
        var taken = 0
        while true {
            let count = Int(peers.buckets[bucket].count)
            if count > 0 {
                let block = block(of: peers.buckets[bucket])
                while entry < count {
                    if body(Entry(block, at: Self.entryOffset(entry, Entry.self))) { taken += 1 }
                    left -= 1
                    if left == 0 || taken == wanted { return }
                    entry += 1
                }
            }
            entry = 0
            bucket = bucket + 1 == peers.buckets.count ? 0 : bucket + 1
        }
    }

    /// A peer picked uniformly: a random position in a random bucket, tried until there is one.
    private func start(_ peers: PeerSet, using chance: inout SplitMix64) -> (bucket: Int, entry: Int) {
        let widest = max(8, 2 * peers.count / peers.buckets.count)
        var bucket = 0
        for _ in 0..<8 {
            let word = chance.next()
            bucket = Int(truncatingIfNeeded: ((word >> 32) &* UInt64(peers.buckets.count)) >> 32)
            let entry = Int(truncatingIfNeeded: ((word & 0xFFFF_FFFF) &* UInt64(widest)) >> 32)
            if entry < Int(peers.buckets[bucket].count) { return (bucket, entry) }
        }
        return (bucket, 0)
    }

    /// Calls `body` with each peer of a bucket.
    func forEachPeer<Entry: PeerEntry>(_ swarm: LargeSwarm, _ set: Int, _ bucket: Int, _ body: (Entry) -> Void) {
        let found = swarm.sets[set].buckets[bucket]
        guard found.count > 0 else { return }
        let block = block(of: found)
        for entry in 0..<Int(found.count) { body(Entry(block, at: Self.entryOffset(entry, Entry.self))) }
    }
}
