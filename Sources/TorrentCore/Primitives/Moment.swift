/// A point on a clock that never goes back. Engines get it as an argument and never ask for it.
public struct Moment: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// Nanoseconds since an origin of the clock's own choice.
    public let nanoseconds: Int64

    public static let zero = Moment(nanoseconds: 0)
    /// Later than anything: there is no deadline.
    public static let distantFuture = Moment(nanoseconds: .max)

    @inlinable
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    public static func < (left: Moment, right: Moment) -> Bool { left.nanoseconds < right.nanoseconds }

    public static func + (moment: Moment, duration: Duration) -> Moment {
        let (sum, overflow) = moment.nanoseconds.addingReportingOverflow(duration.wholeNanoseconds)
        return Moment(nanoseconds: overflow ? .max : sum)
    }

    public static func - (moment: Moment, duration: Duration) -> Moment {
        Moment(nanoseconds: moment.nanoseconds - duration.wholeNanoseconds)
    }

    public static func - (later: Moment, earlier: Moment) -> Duration {
        .nanoseconds(later.nanoseconds - earlier.nanoseconds)
    }
}

extension Duration {
    /// Cut to whole nanoseconds; 292 years at the most.
    public var wholeNanoseconds: Int64 { Int64(clamping: attoseconds / 1_000_000_000) }

    /// As a fraction, for rates.
    public var inSeconds: Double { Double(wholeNanoseconds) / 1e9 }
}
