/// A bit a piece: which pieces a peer has. On the wire the first piece is the highest bit of the first byte (BEP 3).
public struct Bitfield: Hashable, Sendable {
    public let count: Int
    /// How many bits are set, kept up to date.
    public private(set) var setCount: Int
    // Bit p lives in words[p / 64], counted from the highest bit, so that words in big-endian order are the wire form.
    // Bits past `count` are always zero.
    private var words: [UInt64]

    /// All bits set, or none.
    public init(count: Int, filled: Bool = false) {
        precondition(count >= 0)
        self.count = count
        setCount = filled ? count : 0
        words = Array(repeating: filled ? .max : 0, count: (count + 63) / 64)
        if filled, !count.isMultiple(of: 64) { words[words.count - 1] = ~(UInt64.max >> UInt64(count % 64)) }
    }

    /// From its wire form; nil if the length is wrong. Spare bits at the end, which BEP 3 wants to be zero, count for
    /// nothing: some programs set them.
    public init?(wire: RawSpan, count: Int) {
        guard wire.byteCount == (count + 7) / 8 else { return nil }
        self.init(count: count)
        for position in 0..<wire.byteCount {
            var byte = wire.uint8(at: position)
            if position == count / 8 { byte &= ~(UInt8.max >> UInt8(count % 8)) }
            words[position / 8] |= UInt64(byte) << UInt64(56 - position % 8 * 8)
            setCount += byte.nonzeroBitCount
        }
    }

    /// Whether a wire form is that of all pieces: looks no further than the first that is missing.
    package static func isFull(wire: RawSpan, count: Int) -> Bool {
        guard wire.byteCount == (count + 7) / 8 else { return false }
        for position in 0..<count / 8 where wire.uint8(at: position) != .max { return false }
        let spare = UInt8.max >> UInt8(count % 8)
        return count.isMultiple(of: 8) || wire.uint8(at: count / 8) | spare == .max
    }

    /// The wire form: (count + 7) / 8 bytes, spare bits zero.
    public var wire: [UInt8] {
        (0..<(count + 7) / 8).map { UInt8(truncatingIfNeeded: words[$0 / 8] >> UInt64(56 - $0 % 8 * 8)) }
    }

    public var isEmpty: Bool { setCount == 0 }
    public var isFull: Bool { setCount == count }

    /// The words behind it, for bulk work: piece 0 is the highest bit of word 0.
    public var wordCount: Int { words.count }
    /// Bits 64 x `position` and on, the first of them the highest.
    public func word(_ position: Int) -> UInt64 { words[position] }

    /// Traps if `position` is no piece; for what strangers say use `PieceIndex`.
    public subscript(position: Int) -> Bool {
        get {
            precondition(position >= 0 && position < count)
            return words[position >> 6] & (1 << UInt64(63 - position & 63)) != 0
        }
        set {
            precondition(position >= 0 && position < count)
            let bit: UInt64 = 1 << UInt64(63 - position & 63)
            guard (words[position >> 6] & bit != 0) != newValue else { return }
            words[position >> 6] ^= bit
            setCount += newValue ? 1 : -1
        }
    }

    /// Whether the peer has `piece`, which must be one of this torrent.
    public subscript(piece: PieceIndex) -> Bool {
        get { self[piece.position] }
        set { self[piece.position] = newValue }
    }

    /// Calls `body` with each set position, lowest first.
    public func forEachSet(_ body: (Int) -> Void) {
        for (index, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                let bit = rest.leadingZeroBitCount
                body(index << 6 + bit)
                rest &= ~(1 << UInt64(63 - bit))
            }
        }
    }
}
