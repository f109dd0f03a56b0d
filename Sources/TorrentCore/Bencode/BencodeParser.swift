/// Walks bencode (BEP 3) once, without recursion, and notes where each value lies.
struct BencodeParser {
    private let bytes: [UInt8]
    private let limits: BencodeLimits
    private let isTolerant: Bool
    private(set) var position = 0
    private(set) var entries: [BencodeDocument.Entry] = []
    private(set) var irregularities: BencodeIrregularities = []
    private var open: [Container] = []

    /// A list or dictionary whose end has not been seen.
    private struct Container {
        let entry: Int
        let isDictionary: Bool
        var count = 0
        /// The newest key, and whether all keys so far were in ascending order.
        var lastKey: Range<Int>?
        var isSorted = true
        /// In a dictionary: the next value is a key.
        var expectsKey: Bool { isDictionary && count.isMultiple(of: 2) }
    }

    init(_ bytes: [UInt8], limits: BencodeLimits, isTolerant: Bool) throws(BencodeError) {
        guard bytes.count <= limits.byteCount else {
            throw .inputTooLong(bytes: bytes.count, limit: limits.byteCount)
        }
        self.bytes = bytes
        self.limits = limits
        self.isTolerant = isTolerant
        // A torrent of many files has a value in some six bytes. Memory that is not touched costs nothing, and a table
        // that grows is copied again and again.
        entries.reserveCapacity(min(limits.items, bytes.count / 5 + 8))
    }

    /// One value, with all it holds, from the start on.
    mutating func parse(allowsTrailing: Bool) throws(BencodeError) {
        repeat {
            guard position < bytes.count else { throw .unexpectedEnd(at: position) }
            let byte = bytes[position]
            if byte == UInt8(ascii: "e"), !open.isEmpty {
                try closeContainer()
                continue
            }
            guard entries.count < limits.items else { throw .tooManyItems(limit: limits.items, at: position) }
            if let last = open.indices.last {
                if open[last].expectsKey, !byte.isDigit { throw .keyNotString(at: position) }
                open[last].count += 1
            }
            switch byte {
            case UInt8(ascii: "i"): try parseInteger()
            case UInt8(ascii: "l"): try openContainer(isDictionary: false)
            case UInt8(ascii: "d"): try openContainer(isDictionary: true)
            case UInt8(ascii: "0")...UInt8(ascii: "9"): try parseString()
            default: throw .unexpectedByte(byte, at: position)
            }
        } while !open.isEmpty
        guard allowsTrailing || position == bytes.count else {
            throw .trailingBytes(count: bytes.count - position, at: position)
        }
    }

    private mutating func append(_ kind: BencodeKind, from start: Int, detail: Int64) {
        let next = UInt32(truncatingIfNeeded: entries.count + 1)
        entries.append(
            BencodeDocument.Entry(
                kind: kind, start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: position),
                next: next, detail: detail))
    }

    private mutating func openContainer(isDictionary: Bool) throws(BencodeError) {
        guard open.count < limits.depth else { throw .tooDeep(limit: limits.depth, at: position) }
        open.append(Container(entry: entries.count, isDictionary: isDictionary))
        append(isDictionary ? .dictionary : .list, from: position, detail: 0)
        position += 1
    }

    private mutating func closeContainer() throws(BencodeError) {
        let container = open.removeLast()
        if container.isDictionary, !container.count.isMultiple(of: 2) { throw .valueMissing(at: position) }
        position += 1
        entries[container.entry].end = UInt32(truncatingIfNeeded: position)
        entries[container.entry].next = UInt32(truncatingIfNeeded: entries.count)
        entries[container.entry].detail = Int64(container.count)
        if !container.isSorted {
            irregularities.insert(.unsortedKeys)
            try checkUnique(container)
        }
    }

    private mutating func parseInteger() throws(BencodeError) {
        let start = position
        position += 1
        var isNegative = false
        if position < bytes.count, bytes[position] == UInt8(ascii: "-") {
            isNegative = true
            position += 1
        }
        let digits = position
        // Counted downwards, since the lowest 64-bit number is one further from zero than the highest.
        var value: Int64 = 0
        while position < bytes.count, bytes[position].isDigit {
            let (scaled, over) = value.multipliedReportingOverflow(by: 10)
            let (sum, under) = scaled.subtractingReportingOverflow(Int64(bytes[position] - UInt8(ascii: "0")))
            guard !over, !under else { throw .integerOutOfRange(at: start) }
            value = sum
            position += 1
        }
        guard position < bytes.count else { throw .unexpectedEnd(at: position) }
        guard position > digits else { throw .integerNotCanonical(at: start) }
        if bytes[digits] == UInt8(ascii: "0"), position - digits > 1 || isNegative {
            guard isTolerant else { throw .integerNotCanonical(at: start) }
            irregularities.insert(.paddedNumbers)
        }
        guard bytes[position] == UInt8(ascii: "e") else { throw .unexpectedByte(bytes[position], at: position) }
        guard isNegative || value != .min else { throw .integerOutOfRange(at: start) }
        position += 1
        append(.integer, from: start, detail: isNegative ? value : -value)
    }

    private mutating func parseString() throws(BencodeError) {
        let start = position
        var length = 0
        while position < bytes.count, bytes[position].isDigit {
            // Above the input limit it is wrong anyway: stop before it overflows.
            guard length <= limits.byteCount else { break }
            length = length * 10 + Int(bytes[position] - UInt8(ascii: "0"))
            position += 1
        }
        guard position < bytes.count else { throw .unexpectedEnd(at: position) }
        if bytes[start] == UInt8(ascii: "0"), position - start > 1 {
            guard isTolerant else { throw .lengthNotCanonical(at: start) }
            irregularities.insert(.paddedNumbers)
        }
        guard length <= limits.byteCount else {
            throw .stringBeyondEnd(length: length, available: bytes.count - position, at: start)
        }
        guard bytes[position] == UInt8(ascii: ":") else { throw .unexpectedByte(bytes[position], at: position) }
        position += 1
        guard length <= bytes.count - position else {
            throw .stringBeyondEnd(length: length, available: bytes.count - position, at: start)
        }
        let content = position..<position + length
        position += length
        append(.string, from: start, detail: Int64(content.lowerBound))
        // It has been counted already, so an odd count means that this one is a key.
        if let last = open.indices.last, open[last].isDictionary, !open[last].count.isMultiple(of: 2) {
            try noteKey(content, at: start, in: last)
        }
    }

    private mutating func noteKey(_ key: Range<Int>, at start: Int, in container: Int) throws(BencodeError) {
        if let before = open[container].lastKey {
            switch compare(before, key) {
            case 0: try noteRepeated(key, at: start)
            case 1: open[container].isSorted = false
            default: break
            }
        }
        open[container].lastKey = key
    }

    /// -1, 0 or 1 as two stretches of the input compare bytewise.
    private func compare(_ left: Range<Int>, _ right: Range<Int>) -> Int {
        for step in 0..<min(left.count, right.count) {
            let (a, b) = (bytes[left.lowerBound + step], bytes[right.lowerBound + step])
            if a != b { return a < b ? -1 : 1 }
        }
        return left.count == right.count ? 0 : left.count < right.count ? -1 : 1
    }

    /// Sorted keys are unique if each is greater than the one before; others are sorted here to find out.
    private mutating func checkUnique(_ container: Container) throws(BencodeError) {
        var keys: [(content: Range<Int>, start: Int)] = []
        keys.reserveCapacity(container.count / 2)
        var at = container.entry + 1
        while at < entries.count {
            keys.append((Int(entries[at].detail)..<Int(entries[at].end), Int(entries[at].start)))
            at = Int(entries[at + 1].next)
        }
        keys.sort { compare($0.content, $1.content) < 0 }
        for (left, right) in zip(keys, keys.dropFirst()) where compare(left.content, right.content) == 0 {
            try noteRepeated(right.content, at: max(left.start, right.start))
        }
    }

    private mutating func noteRepeated(_ key: Range<Int>, at start: Int) throws(BencodeError) {
        guard isTolerant else { throw .duplicateKey(Array(bytes[key]), at: start) }
        irregularities.insert(.repeatedKeys)
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
}
