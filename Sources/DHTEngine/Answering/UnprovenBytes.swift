import TorrentCore

/// Bytes to those who have not shown that they are where they say (BEP 5): so many a second, and a tenth of that to one
/// site, so that nobody uses them up for all others. Long answers are given out of the upper half only.
struct UnprovenBytes {
    /// A site has such a part of all.
    private static let sites = 10

    private var all: Allowance
    /// Counted by a keyed hash, so that the table never grows.
    private var shares: [Allowance]
    private let hash: SipHash

    init(aSecond: Int, secret: UInt64) {
        all = Allowance(aSecond: aSecond)
        shares = Array(repeating: Allowance(aSecond: max(1, aSecond / Self.sites)), count: 1_024)
        hash = SipHash(secret: secret, purpose: "unproven")
    }

    /// Uses so many bytes for an address, if they are there. Addresses that only some can reach share nothing but the
    /// whole: those are people who know each other.
    mutating func take(_ bytes: Int, for address: IPAddress, isLong: Bool, at now: Moment) -> Bool {
        let part = isLong ? 0.5 : 1
        guard all.allows(bytes, ofPart: part, at: now) else { return false }
        if address.scope == .world {
            let slot = Int(truncatingIfNeeded: hash.hash(address.site, 0, 0)) & (shares.count - 1)
            guard shares[slot].take(bytes, ofPart: part, at: now) else { return false }
        }
        return all.take(bytes, ofPart: part, at: now)
    }
}
