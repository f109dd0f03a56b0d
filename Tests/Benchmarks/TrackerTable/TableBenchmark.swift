import Glibc
import TorrentCore
import TrackerEngine

/// Fills a tracker in random order and says what it takes: memory, time an announce, the longest pause.
struct TableBenchmark {
    var torrents = 1_000_000
    var peers = 10
    var isIPv6 = false
    /// Announces that are timed once the table is full.
    var announces = 2_000_000
    /// How often all is done. A pause that is ours comes each time at the same place, one of the machine's does not.
    var runs = 3
    /// Measure the thread's processor time, which is none of what others take from it, instead of the time that passes.
    var countsProcessorTime = false

    struct Result {
        var name: String
        var value: Double
        var unit: String
    }

    private struct Watches {
        var fill: Stopwatch
        var again: Stopwatch
        var expiry: Stopwatch
    }

    var stopwatch: Stopwatch {
        Stopwatch(clock: countsProcessorTime ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC)
    }

    func run() -> [Result] {
        var (results, watches) = measure()
        for _ in 1..<max(1, runs) {
            let (_, other) = measure()
            watches.fill.keepCommonPeaks(with: other.fill)
            watches.again.keepCommonPeaks(with: other.again)
            watches.expiry.keepCommonPeaks(with: other.expiry)
        }
        results += [
            Result(name: "longest pause while filling", value: watches.fill.longest / 1e6, unit: "ms"),
            Result(name: "longest pause when full", value: watches.again.longest / 1e6, unit: "ms"),
            Result(name: "longest pause while all expire", value: watches.expiry.longest / 1e6, unit: "ms"),
        ]
        return results
    }

    private func measure() -> ([Result], Watches) {
        let before = Memory.resident
        var tracker = Tracker(policy: policy, seed: 1)
        var answer = PackedAnnounceResponse()
        var now = Moment(nanoseconds: 1_000_000_000_000)
        let order = Permutation(count: UInt64(torrents * peers), seed: 7)
        var fill = stopwatch
        // Tracked at one peer a torrent first, then all of them in an order that looks random.
        for torrent in 0..<torrents {
            announce(&tracker, torrent, 0, now, &answer, &fill)
        }
        let first = Memory.resident - before
        for step in 0..<torrents * peers {
            let pair = order[UInt64(step)]
            let (torrent, peer) = (Int(pair) % torrents, Int(pair) / torrents)
            if peer > 0 { announce(&tracker, torrent, peer, now, &answer, &fill) }
        }
        let full = Memory.resident - before
        let further = torrents * (peers - 1)
        let again = again(&tracker, now, &answer)
        var results = [
            Result(name: "a torrent with its first peer", value: Double(first) / Double(torrents), unit: "bytes"),
            Result(name: "a further peer", value: Double(full - first) / Double(max(1, further)), unit: "bytes"),
            Result(name: "all, a peer", value: Double(full) / Double(torrents * peers), unit: "bytes"),
            Result(name: "announce of a new peer", value: fill.mean, unit: "ns"),
            Result(name: "announce of a known peer", value: again.mean, unit: "ns"),
        ]
        now = now + .seconds(4_000)
        var expiry = stopwatch
        var rounds = 0
        while tracker.torrentCount > 0, rounds < 10_000_000 {
            expiry.start()
            tracker.expire(at: now, budget: 2_048)
            expiry.stop()
            rounds += 1
        }
        let left = Memory.resident - before
        results += [
            Result(name: "expiry, a peer", value: expiry.total / Double(torrents * peers), unit: "ns"),
            Result(name: "memory left behind", value: Double(left) / 1_048_576, unit: "MiB"),
        ]
        return (results, Watches(fill: fill, again: again, expiry: expiry))
    }

    var policy: TrackerPolicy {
        var policy = TrackerPolicy()
        policy.limits.torrents = max(policy.limits.torrents, torrents)
        policy.limits.peers = max(policy.limits.peers, torrents * peers)
        return policy
    }

    func announce(
        _ tracker: inout Tracker, _ torrent: Int, _ peer: Int, _ now: Moment, _ answer: inout PackedAnnounceResponse,
        _ watch: inout Stopwatch
    ) {
        let mixed = Permutation.mix(UInt64(torrent))
        let infoHash = InfoHash(
            Bytes20(high: mixed, middle: Permutation.mix(mixed), low: UInt32(truncatingIfNeeded: mixed)))
        let name = Permutation.mix(UInt64(torrent * peers + peer) ^ 0x5555)
        let address: IPAddress =
            isIPv6 ? .v6(0x2001 << 48 | name >> 16, name) : .v4(0x0800_0000 | UInt32(truncatingIfNeeded: name >> 40))
        let request = AnnounceRequest(
            infoHash: infoHash, peerID: PeerID(.zero), port: UInt16(truncatingIfNeeded: name) | 1,
            left: Int64(name % 3), numberWanted: 20)
        let origin = RequestOrigin(connection: address, packetBytes: 1_212)
        watch.start()
        try? tracker.announce(request, from: origin, at: now, answer: &answer)
        watch.stop()
    }

    private func again(_ tracker: inout Tracker, _ now: Moment, _ answer: inout PackedAnnounceResponse) -> Stopwatch {
        var watch = stopwatch
        for step in 0..<announces {
            let pair = Permutation.mix(UInt64(step)) % UInt64(torrents * peers)
            announce(&tracker, Int(pair) % torrents, Int(pair) / torrents, now, &answer, &watch)
        }
        return watch
    }
}

/// Sums times and keeps the longest of each stretch, in nanoseconds, less what looking at the clock takes.
struct Stopwatch {
    let clock: clockid_t
    private(set) var total = 0.0
    // The longest time among each so many.
    private var peaks: [Double] = []
    private var count = 0
    private var began = 0.0

    private static let stretch = 1_024

    init(clock: clockid_t) { self.clock = clock }

    var mean: Double { count == 0 ? 0 : max(0, total / Double(count) - overhead) }

    var longest: Double { peaks.max() ?? 0 }

    /// Has each stretch count no more than in another run of the same.
    mutating func keepCommonPeaks(with other: Stopwatch) {
        for position in peaks.indices where position < other.peaks.count {
            peaks[position] = min(peaks[position], other.peaks[position])
        }
    }

    private var overhead: Double {
        var watch = Stopwatch(clock: clock)
        for _ in 0..<100_000 {
            watch.start()
            watch.stop()
        }
        return watch.total / 100_000
    }

    private func read() -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }

    mutating func start() { began = read() }

    mutating func stop() {
        let time = read() - began
        total += time
        if count % Self.stretch == 0 {
            peaks.append(time)
        } else {
            peaks[peaks.count - 1] = max(peaks[peaks.count - 1], time)
        }
        count += 1
    }
}

/// The process's memory that is not in files.
enum Memory {
    /// Bytes. The sums in `statm` are off by up to some hundred KiB, these are not.
    static var resident: Int {
        guard let file = fopen("/proc/self/smaps_rollup", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 200)
        while fgets(&line, 200, file) != nil {
            let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(
                separator: " ")
            if words.first == "Anonymous:", words.count > 1, let kibibytes = Int(words[1]) { return kibibytes * 1_024 }
        }
        return 0
    }
}

/// 0..<count in an order that looks random, each once: a Feistel net, walked until it falls into the range.
struct Permutation {
    let count: UInt64
    let seed: UInt64
    private let half: UInt64

    init(count: UInt64, seed: UInt64) {
        self.count = count
        self.seed = seed
        var bits: UInt64 = 2
        while bits < 62, 1 << bits < count { bits += 2 }
        half = bits / 2
    }

    subscript(step: UInt64) -> UInt64 {
        let mask: UInt64 = 1 << half - 1
        var number = step
        repeat {
            var (left, right) = (number >> half, number & mask)
            for round: UInt64 in 0..<4 {
                (left, right) = (right, left ^ (Self.mix(right &+ seed &* 31 &+ round &* 0x1234_567) & mask))
            }
            number = left << half | right
        } while number >= count
        return number
    }

    static func mix(_ value: UInt64) -> UInt64 {
        var generator = SplitMix64(seed: value)
        return generator.next()
    }
}
