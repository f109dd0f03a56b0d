import TorrentCore

/// Minutes on a clock that comes round every 22 days, which is long past the lifetime of a peer.
struct Minute: Hashable, Sendable, BitwiseCopyable {
    /// 15 bits.
    let bits: UInt16

    init(bits: UInt16) { self.bits = bits & 0x7FFF }

    init(_ moment: Moment) { self.init(bits: UInt16(truncatingIfNeeded: moment.nanoseconds / 60_000_000_000)) }

    /// Minutes from `earlier` to this one.
    func since(_ earlier: Minute) -> Int { Int(bits &- earlier.bits & 0x7FFF) }

    /// So many minutes before this one.
    func back(_ minutes: Int) -> Minute { Minute(bits: bits &- UInt16(truncatingIfNeeded: min(minutes, 0x7FFF))) }

    /// The longest time that can be told, minutes.
    static let horizon = 0x7000
}
