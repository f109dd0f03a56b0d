import TorrentCore

/// How much each address has asked lately (BEP 5): whoever asks more than others may is not answered. One allowance an
/// address of IPv4; of IPv6 one for a /64, and a greater one for all of a /48, which one customer may have been given.
///
/// The table never grows. An address has its place in one of eight slots; a newcomer takes the one whose allowance is
/// nearest to being whole, which mostly is whole, and then nothing is forgotten.
struct SourceLimiter {
    private struct Source: BitwiseCopyable {
        var customer: UInt64 = 0
        /// When its allowance is whole again, nanoseconds.
        var whole = Int64.min
    }

    private static let slots = 8
    /// A /48 of IPv6 may ask as much as so many of IPv4.
    private static let customersASite: Int64 = 8

    private var sources: [Source]
    private let mask: Int
    private let hash: SipHash
    /// Nanoseconds that one question costs, and that may be owed.
    private let cost: Int64
    private let mostOwed: Int64

    init(_ limits: DHTLimits, secret: UInt64) {
        var sets = 1
        while sets * Self.slots < limits.watchedSources { sets *= 2 }
        sources = Array(repeating: Source(), count: sets * Self.slots)
        mask = sets - 1
        hash = SipHash(secret: secret, purpose: "sources")
        cost = 1_000_000_000 / Int64(max(1, limits.questionsASecond))
        mostOwed = cost * Int64(max(1, limits.questionsAtOnce))
    }

    /// Whether one more question of this address is looked at. Programs on our own machine may ask as much as they
    /// like: no packet that comes from elsewhere has such an address.
    mutating func admits(_ address: IPAddress, at now: Moment) -> Bool {
        guard !address.isLoopback else { return true }
        guard take(cost, of: address.customer, at: now) else { return false }
        // No /64 of the world has such a number.
        return address.isV4 || take(cost / Self.customersASite, of: address.site | 1 << 63, at: now)
    }

    private mutating func take(_ cost: Int64, of customer: UInt64, at now: Moment) -> Bool {
        let slot = slot(of: customer)
        let owed = max(sources[slot].whole, now.nanoseconds) + cost
        guard owed - now.nanoseconds <= mostOwed else { return false }
        sources[slot].whole = owed
        return true
    }

    /// Where this one is counted, from now on.
    private mutating func slot(of customer: UInt64) -> Int {
        let first = (Int(truncatingIfNeeded: hash.hash(customer, 0, 0)) & mask) * Self.slots
        var best = first
        for slot in first..<first + Self.slots {
            if sources[slot].customer == customer { return slot }
            if sources[slot].whole < sources[best].whole { best = slot }
        }
        sources[best] = Source(customer: customer)
        return best
    }
}
