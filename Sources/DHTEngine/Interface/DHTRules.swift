/// How a node looks up. What each is worth was measured: see the page Performance.
package struct DHTRules: Hashable, Sendable {
    /// How long a queried node keeps its place among those that are being asked.
    package enum Patience: Hashable, Sendable {
        /// As long as the nodes that were asked lately took, at this percentile, and a bit.
        case measured(percentile: Int, margin: Duration)
        /// So long, whatever they took.
        case fixed(Duration)
    }

    /// Nodes in flight at the front of a lookup, and while nobody has answered yet.
    package var inFlight = 4
    /// See `inFlight`.
    package var inFlightAtFirst = 7
    /// A slot opens after so long.
    package var patience = Patience.measured(percentile: 80, margin: .milliseconds(20))
    /// How many of the closest have to have answered, and are announced to.
    package var closest = 8
    /// Places in the table: of the farthest half of the space, of the quarter after it, …; the last one for all others.
    package var bucketSizes = [128, 64, 32, 16, 8]
    /// An id has to fit its address (BEP 42).
    package var checksIDs = true
    /// Nodes whose id does not fit that one lookup asks all the same, and announces to if they are among the closest.
    package var unfittingAsked = 7
    /// Of one answer, so many nodes that nobody has proven may be in flight or silent.
    package var unprovenAnAnswer = 4
    /// When a third of the answers are half refused, so many closest have to answer instead.
    package var closestInAlarm = 32

    package init() {}
}
