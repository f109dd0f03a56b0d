package import TorrentCore

/// All that decides how a world runs.
package struct WorldPlan: Sendable {
    /// Bytes.
    package var pieceLength = 262_144
    /// The last of them may be shorter: see `shortBy`.
    package var pieceCount = 64
    /// How many bytes shorter the last piece is.
    package var shortBy = 0
    /// By their positions they are numbered everywhere else.
    package var nodes: [NodePlan] = []
    /// Decides all that is left to chance.
    package var seed: UInt64 = 1
    /// Connections of a node.
    package var maxConnections = 50
    /// The announce interval of the only tracker.
    package var interval = Duration.seconds(1_800)
    /// The only tracker is down until this time.
    package var trackerFrom = Duration.zero
    /// Several trackers in tiers. If empty, there is one tracker, as the two properties above say.
    package var trackers: [[TrackerPlan]] = []
    /// Peers come only from trackers and the user (BEP 27).
    package var isPrivate = false
    /// The world ends here at the latest.
    package var horizon = Duration.seconds(3_600)
    /// How long the world goes on after all awaited nodes are complete.
    package var runsOnFor = Duration.zero
    /// All peers share 127.0.0.1 and differ by port.
    package var isOnLoopback = false
    /// Peers in an answer of a tracker, `deadAddresses` not counted.
    package var peersPerAnswer = 50
    /// The trackers know all nodes from the beginning, not only those that have announced themselves.
    package var trackerKnowsAll = false
    /// The answer of a tracker may contain the node that asked.
    package var trackerNamesAsker = false
    /// Addresses without a node, at the end of each answer of a tracker.
    package var deadAddresses: [Endpoint] = []
    /// How connections find their rate; nil: they have the full rate of the line at once.
    package var ramp: LinkRamp?
    /// How the network treats datagrams. Nothing in the world sends any so far.
    package var datagrams = DatagramConduct()
    /// The header of a block arrives some time before its last byte, and the block is admitted then.
    package var blocksTakeTime = false
    /// The world waits for free riders, too, to be complete.
    package var waitsForFreeRiders = true

    package init(nodes: [NodePlan]) {
        self.nodes = nodes
    }

    /// The tracker of a world with no `trackers`.
    var onlyTracker: TrackerPlan {
        var tracker = TrackerPlan()
        tracker.interval = interval
        tracker.downUntil = trackerFrom
        return tracker
    }
}
