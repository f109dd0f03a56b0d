import TorrentCore

/// So much a second, and a second's worth at once.
struct Allowance {
    private let nanosecondsEach: Int64
    /// When all of it may be used again.
    private var full = Moment.zero

    init(aSecond: Int) {
        nanosecondsEach = max(1, 1_000_000_000 / Int64(max(aSecond, 1)))
    }

    /// Whether there is so much, out of what a part of a second gives.
    func allows(_ amount: Int, within most: Duration = .seconds(1), at now: Moment) -> Bool {
        after(amount, at: now) - now <= most
    }

    /// Uses `amount` of it, if there is so much.
    mutating func take(_ amount: Int, within most: Duration = .seconds(1), at now: Moment) -> Bool {
        guard allows(amount, within: most, at: now) else { return false }
        full = after(amount, at: now)
        return true
    }

    private func after(_ amount: Int, at now: Moment) -> Moment {
        max(full, now) + .nanoseconds(Int64(amount) * nanosecondsEach)
    }
}
