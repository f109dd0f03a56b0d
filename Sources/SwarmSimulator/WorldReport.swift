package import SwarmEngine
package import TorrentCore

/// The results of a run.
package struct WorldReport {
    /// When each node was complete, from the beginning of the world; zero for seeders, nil for those that never were.
    package internal(set) var completedAt: [Duration?]
    /// When the leechers held one whole copy among them.
    package internal(set) var spreadAt: Duration?
    /// Payload bytes that the seeders had sent at `spreadAt`.
    package internal(set) var sentBySeeders: Int64 = 0
    /// Payload bytes that each node sent.
    package internal(set) var uploaded: [Int64]
    /// Payload bytes that each node received.
    package internal(set) var downloaded: [Int64]
    /// Payload bytes that each node received in vain.
    package internal(set) var wasted: [Int64]
    /// Pieces that each node holds at the end.
    package internal(set) var pieces: [Int]
    /// The banned nodes, once for each ban.
    package internal(set) var banned: [Int] = []
    /// The breaches of the protocol for which brains closed connections.
    package internal(set) var violations: [Violation] = []
    /// Effects that no brain may ask of its shell, as text.
    package internal(set) var faults: [String] = []
    /// The most bytes of open pieces that a node had at any time.
    package internal(set) var mostOpenBytes = 0
    /// Every announce, in order.
    package internal(set) var announces: [Announce] = []
    /// A digest of all effects and answers of all brains, with their times: the same for the same plan, on every
    /// machine.
    package internal(set) var trace = TraceDigest()
    /// What happened on lines, disks and trackers, and to nodes.
    package internal(set) var events = 0
    /// Effects of all brains together.
    package internal(set) var effects = 0
    /// How often a brain was told that its deadline has come.
    package internal(set) var wakeUps = 0
    /// From the beginning of the world.
    package internal(set) var endedAt = Duration.zero

    /// An announce that a brain asked for.
    package struct Announce: Hashable {
        /// Its position in the plan.
        package let node: Int
        package let event: AnnounceEvent
        /// From the beginning of the world.
        package let at: Duration
    }

    /// The last and the mean time until these nodes were complete, seconds; nil if one never was.
    package func times(of nodes: some Sequence<Int>) -> (last: Double, mean: Double)? {
        var sum = 0.0
        var last = 0.0
        var count = 0.0
        for node in nodes {
            guard let time = completedAt[node]?.inSeconds else { return nil }
            sum += time
            last = max(last, time)
            count += 1
        }
        return count > 0 ? (last, sum / count) : nil
    }
}
