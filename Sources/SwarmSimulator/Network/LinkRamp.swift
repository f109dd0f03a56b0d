import TorrentCore

/// A connection that has to find its rate, as TCP does. A window limits the bytes under way: it grows with each
/// acknowledgement, halves after a loss, and falls back to its first size after a pause.
package struct LinkRamp: Sendable {
    /// The window at first, bytes.
    package var first: Int64 = 14_600
    /// The window grows no further than this, bytes.
    package var most: Int64 = 4 << 20
    /// One segment in so many is lost; 0: none.
    package var lossOneIn = 0

    package init() {}

    static let segment: Int64 = 1_460

    /// The state of one direction of a link.
    struct State {
        var window: Int64 = 0
        /// The window at which slow start ends, bytes.
        var threshold: Int64 = .max
        var underWay: Int64 = 0
        var lastSentAt = Moment.zero

        mutating func sent(_ bytes: Int64, at now: Moment) {
            underWay += bytes
            lastSentAt = now
        }
    }

    /// One parcel may always be under way; further ones as long as the window is not full. Times in nanoseconds.
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

    /// How much later than the line allows a parcel arrives, nanoseconds: a lost segment costs a round trip.
    func delay(
        _ state: inout State, bytes: Int64, trip: Int64, _ generator: inout SplitMix64
    ) -> Int64 {
        // A parcel larger than the window takes another round trip for each further window, though the world sends it
        // at once.
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
