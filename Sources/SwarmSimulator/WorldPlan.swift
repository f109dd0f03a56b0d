package import TorrentCore

/// A whole world to be run.
package struct WorldPlan: Sendable {
    package var pieceLength = 262_144
    package var pieceCount = 64
    /// Bytes that the last piece lacks.
    package var shortBy = 0
    package var nodes: [NodePlan] = []
    package var seed: UInt64 = 1
    package var maxConnections = 50
    /// How often the tracker wants to hear from each.
    package var interval = Duration.seconds(1_800)
    /// The tracker is down until then.
    package var trackerFrom = Duration.zero
    /// Several trackers in tiers; if there are none, there is one that goes by the two above.
    package var trackers: [[TrackerPlan]] = []
    /// Peers come from trackers alone, and from the user's hand (BEP 27).
    package var isPrivate = false
    /// The world ends here at the latest.
    package var horizon = Duration.seconds(3_600)
    /// So long it goes on after all who are waited for have everything.
    package var runsOnFor = Duration.zero
    /// All peers share 127.0.0.1 and differ by port.
    package var onLoopback = false
    /// The seeders leave nothing to chance: everybody is told to everybody.
    package var peersPerAnswer = 50
    /// The tracker tells of everybody from the first moment on, not only of those who have announced before.
    package var trackerKnowsAll = false
    /// Who asks a tracker is told of itself as well.
    package var trackerNamesAsker = false
    /// Addresses with nobody behind them, which every answer of a tracker ends with.
    package var deadAddresses: [Endpoint] = []
    /// How the links behave beyond latency; nil: they carry at once what the line can.
    package var ramp: LinkRamp?
    /// The head of a block comes in some time before its last byte, and is let in or not when it does.
    package var blocksTakeTime = false
    /// Free riders are left out of what the world waits for.
    package var waitsForFreeRiders = true

    package init(nodes: [NodePlan]) {
        self.nodes = nodes
    }

    /// The one that is there if no others are.
    var onlyTracker: TrackerPlan {
        var tracker = TrackerPlan()
        tracker.interval = interval
        tracker.downUntil = trackerFrom
        return tracker
    }
}

/// How one of several trackers behaves.
package struct TrackerPlan: Sendable {
    /// Between these times no answer comes.
    package var downFrom = Duration.zero
    package var downUntil = Duration.zero
    /// Between these times it says no, and perhaps after what time to ask again.
    package var refusesFrom = Duration.zero
    package var refusesUntil = Duration.zero
    package var retryIn: Duration?
    /// How often it wants to hear from each, and how often each may ask.
    package var interval = Duration.seconds(1_800)
    package var minimum: Duration?

    package init() {}

    func isDown(at time: Duration) -> Bool { downFrom <= time && time < downUntil }
    func refuses(at time: Duration) -> Bool { refusesFrom <= time && time < refusesUntil }
}

/// What a tracker says to an announce.
enum TrackerAnswer {
    case nothing
    case refusal(retryIn: Duration?)
    case peers([Endpoint])
}
