package import SwarmEngine
package import TorrentCore

/// What became of a world.
package struct WorldReport {
    /// When each node had everything, counted from the world's begin; zero for who began so, nil for who never had.
    package internal(set) var completedAt: [Duration?]
    /// When those who began without held one whole copy among them, and what the seeders had sent by then, bytes.
    package internal(set) var spreadAt: Duration?
    package internal(set) var sentBySeeders: Int64 = 0
    /// Payload bytes that left each node, and that came to it.
    package internal(set) var uploaded: [Int64]
    package internal(set) var downloaded: [Int64]
    package internal(set) var wasted: [Int64]
    /// Pieces that each node holds at the end.
    package internal(set) var pieces: [Int]
    /// Nodes that somebody has banned, once each time.
    package internal(set) var banned: [Int] = []
    /// Connections that a brain ended because the other one broke the protocol.
    package internal(set) var violations: [Violation] = []
    /// What a brain asked of its shell that no brain may ask, in words.
    package internal(set) var faults: [String] = []
    /// Most bytes of open pieces at one node at any time.
    package internal(set) var mostOpenBytes = 0
    /// Every announce, in order.
    package internal(set) var announces: [Announce] = []
    /// A digest of all that every brain said, with its time: the same for the same plan, on every machine.
    package internal(set) var trace = TraceDigest()
    package internal(set) var events = 0
    /// What the brains wanted done, all of them together.
    package internal(set) var effects = 0
    package internal(set) var wakeUps = 0
    package internal(set) var endedAt = Duration.zero

    /// An announce that a brain asked for.
    package struct Announce: Hashable {
        package let node: Int
        package let event: AnnounceEvent
        package let at: Duration
    }

    /// The last and the mean time to completion of those nodes who began without.
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
