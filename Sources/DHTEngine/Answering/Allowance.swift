import TorrentCore

/// So much a second, and a second's worth at once.
struct Allowance {
    private let nanosecondsEach: Int64
    /// When all of it may be used again.
    private var full = Moment.zero

    init(aSecond: Int) {
        nanosecondsEach = max(1, 1_000_000_000 / Int64(max(aSecond, 1)))
    }

    /// Uses `amount` of it, if there is so much.
    mutating func take(_ amount: Int, at now: Moment) -> Bool {
        let after = max(full, now) + .nanoseconds(Int64(amount) * nanosecondsEach)
        guard after - now <= .seconds(1) else { return false }
        full = after
        return true
    }
}
