/// So many a second, and so many at once when none was used for a while.
package struct Allowance: Sendable {
    private let nanosecondsEach: Int64
    private let atOnce: Int64
    /// When all of it may be used again: each that is used moves it on.
    private var wholeAt = Moment.zero

    /// `atOnce` of nil is what a second gives.
    package init(aSecond: Int, atOnce: Int? = nil) {
        nanosecondsEach = max(1, 1_000_000_000 / Int64(max(aSecond, 1)))
        self.atOnce = Int64(max(atOnce ?? aSecond, 1))
    }

    /// Whether there is so much, out of a part of all.
    package func allows(_ amount: Int = 1, ofPart part: Double = 1, at now: Moment) -> Bool {
        used(at: now) + Int64(amount) * nanosecondsEach <= Int64(Double(atOnce * nanosecondsEach) * part)
    }

    /// Uses so much, if there is so much.
    package mutating func take(_ amount: Int = 1, ofPart part: Double = 1, at now: Moment) -> Bool {
        guard allows(amount, ofPart: part, at: now) else { return false }
        wholeAt = max(wholeAt, now) + .nanoseconds(Int64(amount) * nanosecondsEach)
        return true
    }

    /// How much there is.
    package func left(at now: Moment) -> Int { Int(atOnce - (used(at: now) + nanosecondsEach - 1) / nanosecondsEach) }

    /// As good as new: it can be forgotten.
    package func isWhole(at now: Moment) -> Bool { wholeAt <= now }

    /// When there is one.
    package var next: Moment { Moment(nanoseconds: wholeAt.nanoseconds - (atOnce - 1) * nanosecondsEach) }

    /// In nanoseconds of what is given.
    private func used(at now: Moment) -> Int64 { max(0, wholeAt.nanoseconds - now.nanoseconds) }
}
