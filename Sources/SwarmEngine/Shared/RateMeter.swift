import TorrentCore

/// Bytes a second over the last few seconds, counted in twenty slices of the window.
struct RateMeter {
    /// Everything ever counted.
    private(set) var total: Int64 = 0
    private let slice: Int64
    private var slices = [Int](repeating: 0, count: Self.sliceCount)
    /// Number of the slice that was counted in last, and of the first one.
    private var latest: Int64 = .min
    private var first: Int64 = 0

    private static let sliceCount = 20

    init(window: Duration) {
        slice = max(1, window.wholeNanoseconds / Int64(Self.sliceCount))
    }

    mutating func add(_ bytes: Int, at now: Moment) {
        total += Int64(bytes)
        let number = now.nanoseconds / slice
        if latest == .min {
            first = number
        } else if number > latest {
            for passed in 1...min(number - latest, Int64(Self.sliceCount)) { slices[Self.place(latest + passed)] = 0 }
        }
        latest = max(latest, number)
        slices[Self.place(latest)] += bytes
    }

    /// Over the window, or over the time since the first byte if that is shorter.
    func rate(at now: Moment) -> Double {
        guard latest != .min else { return 0 }
        let number = now.nanoseconds / slice
        let oldest = number - Int64(Self.sliceCount) + 1
        guard latest >= oldest else { return 0 }
        var sum = 0
        for counted in max(oldest, first, latest - Int64(Self.sliceCount) + 1)...latest {
            sum += slices[Self.place(counted)]
        }
        let width = min(Int64(Self.sliceCount), number - first + 1)
        return Double(sum) / (Double(width * slice) / 1e9)
    }

    private static func place(_ number: Int64) -> Int {
        Int(truncatingIfNeeded: ((number % Int64(sliceCount)) + Int64(sliceCount)) % Int64(sliceCount))
    }
}
