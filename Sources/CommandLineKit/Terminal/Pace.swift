/// Lets something happen at most once in a while.
package struct Pace: Sendable {
    private let interval: Duration
    private var next: Duration?

    package init(every interval: Duration) {
        self.interval = interval
    }

    /// True, once, if the interval has passed. `now` is the time since any fixed origin.
    package mutating func isDue(at now: Duration) -> Bool {
        if let next, now < next { return false }
        next = now + interval
        return true
    }
}
