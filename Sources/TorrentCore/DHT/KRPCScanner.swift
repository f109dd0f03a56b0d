/// Where a value lies in a datagram.
struct KRPCValue: BitwiseCopyable {
    let kind: BencodeKind
    /// The first byte of its encoding, and one past the last.
    let start: UInt16
    let end: UInt16
    /// The first byte of a string, the first digit or sign of an integer, the first value within a list or dictionary.
    let content: UInt16

    var encoding: Range<Int> { Int(start)..<Int(end) }
    /// The bytes of a string.
    var string: Range<Int> { Int(content)..<Int(end) }
}

/// Walks over the bencode of a datagram (BEP 5) where it lies, and keeps nothing but positions.
struct KRPCScanner {
    /// Bytes of the longest datagram that is looked at; those of others may be longer than ours (BEP 32).
    static let longest = 4_096
    /// Lists and dictionaries within each other.
    static let depthLimit = 32
    /// Values of one message, keys too: 170 peers of a datagram of 1,500 bytes are far below.
    static let valueLimit = 1_024

    private(set) var position: Int
    private var values = 0

    init(at position: Int = 0) {
        self.position = position
    }

    /// The value at the position, checked with all that it holds; the position is past it then.
    mutating func value(in bytes: RawSpan) throws(KRPCError.Fault) -> KRPCValue {
        let value = try begin(in: bytes)
        guard value.kind == .list || value.kind == .dictionary else { return value }
        // One bit for each open container: whether it is a dictionary, and whether a key comes next.
        var depth = 1
        var dictionaries: UInt64 = value.kind == .dictionary ? 1 : 0
        var keys = dictionaries
        while depth > 0 {
            let bit: UInt64 = 1 << UInt64(depth - 1)
            let byte = try peek(in: bytes)
            if byte == UInt8(ascii: "e") {
                // A key without a value.
                guard dictionaries & bit == 0 || keys & bit != 0 else { throw .malformed(at: position) }
                position += 1
                depth -= 1
                continue
            }
            if dictionaries & bit != 0 {
                guard keys & bit == 0 || Self.isDigit(byte) else { throw .malformed(at: position) }
                keys ^= bit
            }
            let inner = try begin(in: bytes)
            guard inner.kind == .list || inner.kind == .dictionary else { continue }
            guard depth < Self.depthLimit else { throw .tooDeep }
            let next = bit << 1
            depth += 1
            dictionaries = inner.kind == .dictionary ? dictionaries | next : dictionaries & ~next
            keys = inner.kind == .dictionary ? keys | next : keys & ~next
        }
        return KRPCValue(kind: value.kind, start: value.start, end: UInt16(position), content: value.content)
    }

    /// Calls `body` with the bytes of each key of the outermost dictionary, and its value, checked with all it holds.
    static func forEachPair(
        of bytes: RawSpan, _ body: (Range<Int>, KRPCValue) -> Void
    ) throws(KRPCError.Fault) {
        var scanner = KRPCScanner()
        guard try scanner.peek(in: bytes) == UInt8(ascii: "d") else { throw .notDictionary }
        scanner.position = 1
        while case let byte = try scanner.peek(in: bytes), byte != UInt8(ascii: "e") {
            guard isDigit(byte) else { throw .malformed(at: scanner.position) }
            let key = try scanner.begin(in: bytes).string
            body(key, try scanner.value(in: bytes))
        }
    }

    /// Calls `body` with what is in a list, in order.
    static func forEach(
        in list: KRPCValue, _ bytes: RawSpan, _ body: (KRPCValue) throws(KRPCError.Fault) -> Void
    ) throws(KRPCError.Fault) {
        var scanner = KRPCScanner(at: Int(list.content))
        while scanner.position < Int(list.end) - 1 { try body(scanner.value(in: bytes)) }
    }

    /// Calls `body` with the bytes of each key of a dictionary, and its value.
    static func forEachPair(
        in dictionary: KRPCValue, _ bytes: RawSpan, _ body: (Range<Int>, KRPCValue) -> Void
    ) throws(KRPCError.Fault) {
        var scanner = KRPCScanner(at: Int(dictionary.content))
        while scanner.position < Int(dictionary.end) - 1 {
            let key = try scanner.begin(in: bytes).string
            body(key, try scanner.value(in: bytes))
        }
    }

    /// A string or integer whole, or the opening of what holds others.
    private mutating func begin(in bytes: RawSpan) throws(KRPCError.Fault) -> KRPCValue {
        values += 1
        guard values <= Self.valueLimit else { throw .tooManyValues }
        let start = position
        switch try peek(in: bytes) {
        case UInt8(ascii: "l"):
            position += 1
            return value(.list, from: start, content: position)
        case UInt8(ascii: "d"):
            position += 1
            return value(.dictionary, from: start, content: position)
        case UInt8(ascii: "i"):
            position += 1
            let content = position
            if try peek(in: bytes) == UInt8(ascii: "-") { position += 1 }
            let digits = position
            while Self.isDigit(try peek(in: bytes)) { position += 1 }
            guard position > digits, bytes.uint8(at: position) == UInt8(ascii: "e") else {
                throw .malformed(at: position)
            }
            position += 1
            return value(.integer, from: start, content: content)
        case let first where Self.isDigit(first):
            var length = Int(first - UInt8(ascii: "0"))
            position += 1
            while case let byte = try peek(in: bytes), byte != UInt8(ascii: ":") {
                guard Self.isDigit(byte), length <= Self.longest else { throw .malformed(at: position) }
                length = length * 10 + Int(byte - UInt8(ascii: "0"))
                position += 1
            }
            let content = position + 1
            guard length <= bytes.byteCount - content else { throw .malformed(at: start) }
            position = content + length
            return value(.string, from: start, content: content)
        default: throw .malformed(at: start)
        }
    }

    private func value(_ kind: BencodeKind, from start: Int, content: Int) -> KRPCValue {
        KRPCValue(kind: kind, start: UInt16(start), end: UInt16(position), content: UInt16(content))
    }

    private func peek(in bytes: RawSpan) throws(KRPCError.Fault) -> UInt8 {
        guard position < bytes.byteCount else { throw .malformed(at: position) }
        return bytes.uint8(at: position)
    }

    @inline(__always)
    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
}
