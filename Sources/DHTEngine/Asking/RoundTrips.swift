import TorrentCore

/// How long the nodes that were asked lately took, and so how long to wait for the next one.
struct RoundTrips {
    static let remembered = 64
    /// What stands for nodes that we have not asked yet: a few of these answers are pretended at first.
    static let atFirst = UInt32(200_000)
    static let pretended = 8
    /// An answer counts for so long; BEP 5 names no time.
    static let memory = Duration.seconds(3)

    /// Whoever answers late on purpose makes us wait no longer than for so many usual answers.
    static let mostMedians = 4

    /// When a question that is sent now opens its slot, when nobody waits for it any more, and when it is forgotten.
    struct Times: Equatable {
        var slot: Duration
        var silent: Duration
        var forgotten: Duration
    }

    /// Microseconds, in the order in which they came, and sorted.
    private var ring: [UInt32]
    private var sorted: [UInt32]
    private var oldest = 0
    private(set) var isMeasured = false

    init() {
        ring = Array(repeating: Self.atFirst, count: Self.pretended)
        sorted = ring
        ring.reserveCapacity(Self.remembered)
        sorted.reserveCapacity(Self.remembered)
    }

    mutating func add(_ duration: Duration) {
        isMeasured = true
        let sample = UInt32(clamping: duration.wholeNanoseconds / 1_000)
        if ring.count < Self.remembered {
            ring.append(sample)
        } else {
            sorted.remove(at: position(of: ring[oldest]))
            ring[oldest] = sample
            oldest = (oldest + 1) % Self.remembered
        }
        sorted.insert(sample, at: position(of: sample))
    }

    func percentile(_ percent: Int) -> Duration {
        .microseconds(Int64(sorted[min(max(sorted.count * percent / 100, 0), sorted.count - 1)]))
    }

    /// The middle of them, once there are any.
    var median: Duration? { isMeasured ? percentile(50) : nil }

    func times(_ patience: DHTRules.Patience) -> Times {
        switch patience {
        case .measured(let percent, let margin):
            let usual = min(percentile(percent), percentile(50) * Self.mostMedians)
            let slot = min(usual + margin, Self.memory)
            return Times(slot: slot, silent: min(slot + slot, Self.memory), forgotten: Self.memory)
        case .fixed(let patience):
            return Times(slot: patience, silent: patience, forgotten: patience)
        }
    }

    /// The first place with a sample that is not smaller.
    private func position(of sample: UInt32) -> Int {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < sample { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
