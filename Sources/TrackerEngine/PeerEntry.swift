import TorrentCore

/// A peer as a table stores it: address, port, and sixteen bits of marks. Its position says whether it is a seeder.
protocol PeerEntry: Sendable, BitwiseCopyable {
    /// Its size in bytes.
    static var byteCount: Int { get }
    /// The offset of entry number `position` in the block of a small swarm: IPv4 from the front, IPv6 from the back.
    static func offset(of position: Int, in blockBytes: Int) -> Int
    /// 0 for IPv4, 1 for IPv6.
    static var family: Int { get }

    /// Nil if the endpoint is of the other family.
    init?(_ endpoint: Endpoint, _ marks: PeerMarks)
    init(_ block: MemoryBlock, at offset: Int)
    func store(in block: MemoryBlock, at offset: Int)
    /// The position of the same peer among `count` consecutive entries from `offset` on; nil if it is not there.
    func position(in block: MemoryBlock, at offset: Int, count: Int) -> Int?
    /// The same address and port.
    func isSame(as other: Self) -> Bool
    func hash(_ key: TableKey) -> UInt64
    var marks: PeerMarks { get set }
    var endpoint: Endpoint { get }
}

extension PeerEntry {
    /// On this machine or in a private network: the rest of the world knows it by another address, if at all.
    var isNear: Bool { endpoint.address.reach != .world }

    func position(in block: MemoryBlock, at offset: Int, count: Int) -> Int? {
        (0..<count).first { isSame(as: Self(block, at: offset + $0 * Self.byteCount)) }
    }
}

/// When a peer was heard last, in the upper 15 bits; in the lowest, whether its download has been counted.
struct PeerMarks: Hashable, Sendable, BitwiseCopyable {
    var bits: UInt16

    init(bits: UInt16) { self.bits = bits }

    init(_ minute: Minute, isCounted: Bool = false) { bits = minute.bits << 1 | (isCounted ? 1 : 0) }

    var minute: Minute {
        get { Minute(bits: bits >> 1) }
        set { bits = newValue.bits << 1 | bits & 1 }
    }

    var isCounted: Bool {
        get { bits & 1 != 0 }
        set { bits = bits & ~1 | (newValue ? 1 : 0) }
    }
}

/// An IPv4 peer in one word: address, port, marks.
struct PeerEntryV4: PeerEntry {
    private var word: UInt64

    static var byteCount: Int { 8 }
    static var family: Int { 0 }
    @inline(__always)
    static func offset(of position: Int, in blockBytes: Int) -> Int { SwarmBlock.headerBytes + position * byteCount }

    init?(_ endpoint: Endpoint, _ marks: PeerMarks) {
        guard case .v4(let address) = endpoint.address else { return nil }
        word = UInt64(address) << 32 | UInt64(endpoint.port) << 16 | UInt64(marks.bits)
    }

    @inline(__always)
    init(_ block: MemoryBlock, at offset: Int) { word = block.load(offset, as: UInt64.self) }

    @inline(__always)
    func store(in block: MemoryBlock, at offset: Int) { block.store(word, at: offset) }

    @inline(__always)
    func isSame(as other: PeerEntryV4) -> Bool { (word ^ other.word) >> 16 == 0 }

    @inline(__always)
    func position(in block: MemoryBlock, at offset: Int, count: Int) -> Int? {
        block.position(of: word, mask: ~0xFFFF, at: offset, count: count)
    }

    func hash(_ key: TableKey) -> UInt64 { key.hash(word >> 16) }

    var marks: PeerMarks {
        get { PeerMarks(bits: UInt16(truncatingIfNeeded: word)) }
        set { word = word & ~0xFFFF | UInt64(newValue.bits) }
    }

    /// Its six bytes on the wire in front, then two that do not count.
    var compact: UInt64 { word.bigEndian }
    /// As it lies in a table.
    @inline(__always)
    init(word: UInt64) { self.word = word }

    var address: UInt32 { UInt32(truncatingIfNeeded: word >> 32) }
    var port: UInt16 { UInt16(truncatingIfNeeded: word >> 16) }
    var endpoint: Endpoint { Endpoint(.v4(address), port: port) }
}

/// An IPv6 peer, twenty bytes in the table.
struct PeerEntryV6: PeerEntry {
    private let high: UInt64
    private let low: UInt64
    // Port, marks.
    private var rest: UInt32

    static var byteCount: Int { 20 }
    static var family: Int { 1 }
    static func offset(of position: Int, in blockBytes: Int) -> Int { blockBytes - (position + 1) * byteCount }

    init?(_ endpoint: Endpoint, _ marks: PeerMarks) {
        guard case .v6(let high, let low) = endpoint.address else { return nil }
        self.high = high
        self.low = low
        rest = UInt32(endpoint.port) << 16 | UInt32(marks.bits)
    }

    init(_ block: MemoryBlock, at offset: Int) {
        high = block.load(offset, as: UInt64.self)
        low = block.load(offset + 8, as: UInt64.self)
        rest = block.load(offset + 16, as: UInt32.self)
    }

    func store(in block: MemoryBlock, at offset: Int) {
        block.store(high, at: offset)
        block.store(low, at: offset + 8)
        block.store(rest, at: offset + 16)
    }

    func isSame(as other: PeerEntryV6) -> Bool {
        high == other.high && low == other.low && (rest ^ other.rest) >> 16 == 0
    }

    func hash(_ key: TableKey) -> UInt64 { key.hash(high, low, rest >> 16) }

    var marks: PeerMarks {
        get { PeerMarks(bits: UInt16(truncatingIfNeeded: rest)) }
        set { rest = rest & ~0xFFFF | UInt32(newValue.bits) }
    }

    var endpoint: Endpoint { Endpoint(.v6(high, low), port: UInt16(truncatingIfNeeded: rest >> 16)) }
}
