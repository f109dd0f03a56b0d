/// Minutes on a clock that comes round every 22 days. `TableClock` keeps everything in the tables younger than that.
struct Minute: Hashable, Sendable, BitwiseCopyable {
    /// 15 bits.
    let bits: UInt16

    private static let span = 1 << 15
    /// The longest time that can be told, minutes. What seems to be longer is a time that lies ahead.
    static let horizon = 0x7000
    /// Longer ago than this is all the same for what nobody shares any more, minutes: a little more than seven days.
    static let longAgo = 0x2800
    /// The longest that a peer may be silent, minutes: for one that is asked to announce itself once a day.
    static let longestLifetime = 0x1000

    init(bits: UInt16) { self.bits = bits & UInt16(Self.span - 1) }

    init(_ minutes: Int64) { self.init(bits: UInt16(truncatingIfNeeded: minutes)) }

    /// Minutes from `earlier` to this one; none if that lies ahead, as a lane may see it that read the clock before.
    func since(_ earlier: Minute) -> Int {
        let difference = (Int(bits) - Int(earlier.bits)) & (Self.span - 1)
        return difference > Self.horizon ? 0 : difference
    }

    /// So many minutes before this one, up to the horizon.
    func back(_ minutes: Int) -> Minute { Minute(Int64(Int(bits) - min(minutes, Self.horizon))) }
}
