// ASCII words and numbers within bytes, read in place: a server makes no String of a request.

extension RawSpan {
    /// Whether the bytes of `range` are exactly `word`.
    func matches(_ range: Range<Int>, _ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard range.count == count else { return false }
        guard count >= 4 else {
            for step in 0..<count where uint8(at: range.lowerBound + step) != word.byte(step) { return false }
            return true
        }
        // Four bytes at a time; the last four may overlap those before.
        var step = 0
        while step + 4 < count {
            if uint32(at: range.lowerBound + step) != word.fourBytes(step) { return false }
            step += 4
        }
        return uint32(at: range.upperBound - 4) == word.fourBytes(count - 4)
    }

    /// The same, with the case of letters left out; `word` is lowercase.
    func matchesLowercased(_ range: Range<Int>, _ word: StaticString) -> Bool {
        guard range.count == word.utf8CodeUnitCount else { return false }
        for step in 0..<range.count where uint8(at: range.lowerBound + step).lowercased != word.byte(step) {
            return false
        }
        return true
    }

    /// Whether the comma-separated list in `range` has `word`, which is lowercase (RFC 9110, 5.6.1).
    func listHas(_ range: Range<Int>, _ word: StaticString) -> Bool {
        var start = range.lowerBound
        for position in range.lowerBound...range.upperBound
        where position == range.upperBound || uint8(at: position) == UInt8(ascii: ",") {
            if matchesLowercased(trimmed(start..<position), word) { return true }
            start = position + 1
        }
        return false
    }

    /// `range` without the spaces and tabs at its ends.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (lower, upper) = (range.lowerBound, range.upperBound)
        while lower < upper, uint8(at: lower).isBlank { lower += 1 }
        while upper > lower, uint8(at: upper - 1).isBlank { upper -= 1 }
        return lower..<upper
    }

    /// The decimal number in `range`, cut to `Int64.max`; nil unless it is digits alone, at most twenty.
    func decimal(_ range: Range<Int>) -> Int64? {
        guard !range.isEmpty, range.count <= 20 else { return nil }
        var value: Int64 = 0
        for position in range {
            let digit = uint8(at: position) &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            let (scaled, over) = value.multipliedReportingOverflow(by: 10)
            let (sum, past) = scaled.addingReportingOverflow(Int64(digit))
            value = over || past ? .max : sum
        }
        return value
    }

    /// The first position of `byte` in `range`, looked for eight bytes at a time.
    @inline(__always)
    func firstIndex(of byte: UInt8, in range: Range<Int>) -> Int? {
        let pattern = UInt64(byte) &* 0x0101_0101_0101_0101
        var position = range.lowerBound
        while position + 8 <= range.upperBound {
            // A matching byte is zero after this, and its top bit is set below; a false match can only come after a
            // true one.
            let word = uint64(at: position).byteSwapped ^ pattern
            let marks = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
            if marks != 0 { return position + marks.trailingZeroBitCount / 8 }
            position += 8
        }
        while position < range.upperBound {
            if uint8(at: position) == byte { return position }
            position += 1
        }
        return nil
    }
}

extension StaticString {
    /// The byte at `position`, which the caller has checked against `utf8CodeUnitCount`.
    fileprivate func byte(_ position: Int) -> UInt8 { unsafe utf8Start[position] }

    /// The four bytes from `position` on, checked likewise, as a big-endian number.
    fileprivate func fourBytes(_ position: Int) -> UInt32 {
        unsafe UInt32(bigEndian: UnsafeRawPointer(utf8Start + position).loadUnaligned(as: UInt32.self))
    }
}

extension UInt8 {
    var lowercased: UInt8 { self >= 0x41 && self <= 0x5A ? self | 0x20 : self }
    var isBlank: Bool { self == 0x20 || self == 0x09 }

    package var isLetterOrDigit: Bool {
        switch lowercased {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        default: false
        }
    }
}

extension [UInt8] {
    /// Adds the bytes of a literal, without making a `String`.
    public mutating func append(ascii word: StaticString) {
        unsafe append(contentsOf: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    /// Adds a number in decimal digits, without making a `String`.
    @inlinable
    public mutating func append(decimal number: some FixedWidthInteger) {
        if number < 0 { append(UInt8(ascii: "-")) }
        append(digitsOf: UInt64(number.magnitude))
    }

    @usableFromInline
    mutating func append(digitsOf number: UInt64) {
        var (digits, rest) = (1, number / 10)
        while rest > 0 { (digits, rest) = (digits + 1, rest / 10) }
        append(addingCapacity: digits) { output in
            unsafe output.withUnsafeMutableBufferPointer { bytes, count in
                var rest = number
                for position in (0..<digits).reversed() {
                    unsafe bytes[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                    rest /= 10
                }
                count = digits
            }
        }
    }
}
