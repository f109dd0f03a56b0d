import TorrentCore

/// An address of one family, as a peer table keeps it.
protocol PeerAddress: Hashable, Sendable, BitwiseCopyable {
    /// Nil for the other family.
    init?(_ address: IPAddress)
    var address: IPAddress { get }
    /// Adds it in network order.
    func append(to bytes: inout [UInt8])
}

extension UInt32: PeerAddress {
    init?(_ address: IPAddress) {
        guard case .v4(let value) = address else { return nil }
        self = value
    }

    var address: IPAddress { .v4(self) }

    func append(to bytes: inout [UInt8]) { bytes.appendBigEndian(self) }
}

/// An IPv6 address, in reading order.
struct IPv6Words: PeerAddress {
    let high: UInt64
    let low: UInt64

    init?(_ address: IPAddress) {
        guard case .v6(let high, let low) = address else { return nil }
        self.high = high
        self.low = low
    }

    var address: IPAddress { .v6(high, low) }

    func append(to bytes: inout [UInt8]) {
        bytes.appendBigEndian(high)
        bytes.appendBigEndian(low)
    }
}

/// A peer of a swarm: 8 bytes for IPv4, 24 for IPv6. Whether it is a seeder is said by where it stands in its table.
struct PeerEntry<Address: PeerAddress>: Sendable, BitwiseCopyable {
    struct Key: Hashable, Sendable, BitwiseCopyable {
        let address: Address
        let port: UInt16
    }

    let address: Address
    let port: UInt16
    /// The minute of its last announce in the upper 15 bits; in the lowest, whether its download has been counted.
    private var seen: UInt16

    init(_ key: Key, at minute: Minute, isCounted: Bool = false) {
        address = key.address
        port = key.port
        seen = minute.bits << 1 | (isCounted ? 1 : 0)
    }

    var key: Key { Key(address: address, port: port) }

    var minute: Minute {
        get { Minute(bits: seen >> 1) }
        set { seen = newValue.bits << 1 | seen & 1 }
    }

    var isCounted: Bool {
        get { seen & 1 != 0 }
        set { seen = seen & ~1 | (newValue ? 1 : 0) }
    }
}

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
