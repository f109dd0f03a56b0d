/// Minutes, stored in 15 bits that wrap around every 22 days. `TableClock` keeps everything in the tables younger than
/// that.
struct Minute: Hashable, Sendable, BitwiseCopyable {
    /// 15 bits.
    let bits: UInt16

    private static let span = 1 << 15
    /// The longest difference that can be told, in minutes. What seems longer is a time in the future.
    static let horizon = 0x7000
    /// For swarms without peers, anything longer ago counts as this many minutes: a little more than seven days.
    static let longAgo = 0x2800
    /// The longest lifetime of a silent peer, in minutes: enough for one that announces itself once a day.
    static let longestLifetime = 0x1000

    init(bits: UInt16) { self.bits = bits & UInt16(Self.span - 1) }

    init(_ minutes: Int64) { self.init(bits: UInt16(truncatingIfNeeded: minutes)) }

    /// Minutes from `earlier` to this one; 0 if `earlier` is later, as a lane may find that read the clock before
    /// another.
    func since(_ earlier: Minute) -> Int {
        let difference = (Int(bits) - Int(earlier.bits)) & (Self.span - 1)
        return difference > Self.horizon ? 0 : difference
    }

    /// The minute `minutes` before this one, up to the horizon.
    func back(_ minutes: Int) -> Minute { Minute(Int64(Int(bits) - min(minutes, Self.horizon))) }
}
