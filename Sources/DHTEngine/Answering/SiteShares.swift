import TorrentCore

/// How much of what is kept (BEP 5, 44) came from each site, so that none fills it all. Counted by a keyed hash: two
/// sites out of two thousand share a count, which nobody can choose, and the table never grows.
struct SiteShares {
    private var counts = [UInt32](repeating: 0, count: 2_048)
    private let hash: KeyedHash
    /// The most of one site.
    private let limit: Int

    init(limit: Int, secret: UInt64) {
        self.limit = limit
        hash = KeyedHash(secret: secret, purpose: "sites")
    }

    /// Whether a site may have `amount` more. Addresses that only some can reach are of people who know each other.
    func allows(_ amount: Int, from address: IPAddress) -> Bool {
        guard address.scope == .world else { return true }
        return Int(counts[slot(of: address)]) + amount <= limit
    }

    mutating func add(_ amount: Int, from address: IPAddress) {
        guard address.scope == .world else { return }
        counts[slot(of: address)] += UInt32(amount)
    }

    mutating func remove(_ amount: Int, from address: IPAddress) {
        guard address.scope == .world else { return }
        counts[slot(of: address)] -= UInt32(amount)
    }

    private func slot(of address: IPAddress) -> Int {
        Int(truncatingIfNeeded: hash(address.site)) & (counts.count - 1)
    }
}
