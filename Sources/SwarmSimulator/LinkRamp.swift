import TorrentCore

/// A connection that has to find its rate, as TCP does: so many bytes may be under way; that window opens by what is
/// acknowledged, halves when something is lost, and falls back to its first size after a pause.
package struct LinkRamp: Sendable {
    /// Bytes under way at first and at most.
    package var first: Int64 = 14_600
    package var most: Int64 = 4 << 20
    /// Of how many segments one is lost; 0: none.
    package var lossOneIn = 0

    package init() {}

    static let segment: Int64 = 1_460

    /// What one direction of a link knows.
    struct State {
        var window: Int64 = 0
        /// Where slow start ends.
        var threshold: Int64 = .max
        var underWay: Int64 = 0
        var lastSentAt = Moment.zero

        mutating func sent(_ bytes: Int64, at now: Moment) {
            underWay += bytes
            lastSentAt = now
        }
    }

    /// One parcel may always be under way; further ones as the window goes.
    func maySend(_ state: inout State, trip: Int64, at now: Moment) -> Bool {
        if state.window == 0 { state.window = first }
        let pause = max(200_000_000, 2 * trip)
        if state.underWay == 0, now.nanoseconds - state.lastSentAt.nanoseconds > pause {
            state.threshold = max(state.threshold == .max ? 0 : state.threshold, state.window * 3 / 4)
            state.window = min(state.window, first)
        }
        return state.underWay < state.window
    }

    func acknowledged(_ state: inout State, bytes: Int64) {
        state.underWay -= bytes
        let growth = state.window < state.threshold ? bytes : max(1, Self.segment * bytes / max(1, state.window))
        state.window = min(most, state.window + growth)
    }

    /// What is lost comes a round trip later.
    func delay(
        _ state: inout State, bytes: Int64, trip: Int64, _ generator: inout SplitMix64
    ) -> Int64 {
        // A parcel larger than the window takes a round trip for each time it fills it, though it left at once.
        var delay: Int64 = 0
        var window = state.window
        var rest = bytes - window
        while rest > 0 {
            window = window < state.threshold ? window * 2 : window + Self.segment
            rest -= window
            delay += trip
        }
        guard lossOneIn > 0 else { return delay }
        for _ in 0..<(bytes + Self.segment - 1) / Self.segment
        where Int.random(in: 0..<lossOneIn, using: &generator) == 0 {
            state.threshold = max(2 * Self.segment, state.window / 2)
            state.window = state.threshold
            delay = max(delay, trip) + (delay > 0 ? trip / 4 : 0)
        }
        return delay
    }
}
