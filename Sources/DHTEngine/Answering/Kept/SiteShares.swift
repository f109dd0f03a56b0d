import TorrentCore

/// How much of what is kept (BEP 5, 44) came from each site: when there is no room, who has most gives way. Counted by
/// a keyed hash: two sites out of two thousand share a count, which nobody can choose, and the table never grows.
struct SiteShares {
    /// A newcomer, and what he would add.
    struct Newcomer {
        let slot: Int?
        let amount: Int
    }

    private var counts = [UInt32](repeating: 0, count: 2_048)
    private let hash: SipHash

    init(secret: UInt64) { hash = SipHash(secret: secret, purpose: "sites") }

    /// Where a site is counted. Nowhere if only some can reach it: those are people who know each other.
    func slot(of address: IPAddress) -> Int? {
        guard address.scope == .world else { return nil }
        return Int(truncatingIfNeeded: hash.hash(address.site, 0, 0)) & (counts.count - 1)
    }

    func newcomer(_ address: IPAddress, adding amount: Int = 1) -> Newcomer {
        Newcomer(slot: slot(of: address), amount: amount)
    }

    mutating func add(_ amount: Int, to slot: Int?) {
        guard let slot else { return }
        counts[slot] += UInt32(amount)
    }

    mutating func remove(_ amount: Int, from slot: Int?) {
        guard let slot else { return }
        counts[slot] -= UInt32(amount)
    }

    /// What a site has. Of a newcomer who has something already, what he would have: he gives way to himself.
    func share(of slot: Int?, beside newcomer: Newcomer) -> Int {
        guard let slot else { return 0 }
        let count = Int(counts[slot])
        return slot == newcomer.slot && count > 0 ? count + newcomer.amount : count
    }

    /// The same of the site that has most.
    func most(beside newcomer: Newcomer) -> Int {
        max(counts.max().map(Int.init) ?? 0, share(of: newcomer.slot, beside: newcomer))
    }
}
