/// The peers of a swarm that has outgrown its block: four sets, each in buckets by hash.
final class LargeSwarm {
    // IPv4 seeders, IPv4 leechers, then the same of IPv6.
    var sets = [PeerSet](repeating: PeerSet(), count: 4)
    /// Peers that are near, IPv4 and IPv6.
    var near = [0, 0]

    static func set(_ family: Int, isSeeder: Bool) -> Int { family * 2 + (isSeeder ? 0 : 1) }

    func seeders(_ family: Int) -> Int { sets[family * 2].count }
    func leechers(_ family: Int) -> Int { sets[family * 2 + 1].count }
    func peers(_ family: Int) -> Int { seeders(family) + leechers(family) }

    /// Bytes that its peers would take in a block.
    var usedPeerBytes: Int { peers(0) * PeerEntryV4.byteCount + peers(1) * PeerEntryV6.byteCount }
}

/// Buckets of peers by linear hashing: they become more, and fewer, one at a time. Empty ones have no block.
struct PeerSet: Sendable {
    struct Bucket: BitwiseCopyable {
        var reference: BlockSlab.Reference = 0
        var count: UInt32 = 0
    }

    var buckets: [Bucket] = []
    /// Peers in all of them.
    var count = 0

    /// The bucket for a hash.
    func address(_ hash: UInt64) -> Int {
        let round = 1 << (Int.bitWidth - (buckets.count - 1).leadingZeroBitCount)
        let place = Int(truncatingIfNeeded: hash) & (round - 1)
        return place < buckets.count ? place : place & (round / 2 - 1)
    }

    /// The bucket from which the last one was split.
    var buddyOfLast: Int {
        let last = buckets.count - 1
        return last & ~(1 << (Int.bitWidth - 1 - last.leadingZeroBitCount))
    }
}
