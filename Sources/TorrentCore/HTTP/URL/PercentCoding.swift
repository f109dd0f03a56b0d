internal import ByteStrings

/// Bytes in a URL's query: letters, digits and `-._~` as they are, all others as `%XX` (RFC 3986). Info hashes
/// and peer ids of an announce are written so (BEP 3).
enum PercentCoding {
    static func append(_ bytes: [UInt8], to output: inout [UInt8]) {
        let digits: StaticString = "0123456789ABCDEF"
        for byte in bytes {
            if isUnreserved(byte) {
                output.append(byte)
            } else {
                output.append(UInt8(ascii: "%"))
                output.append(unsafe digits.utf8Start[Int(byte >> 4)])
                output.append(unsafe digits.utf8Start[Int(byte & 15)])
            }
        }
    }

    /// A URL as text: unchanged if it is UTF-8, else with its bytes above ASCII percent-coded.
    static func url(_ bytes: some Sequence<UInt8>) -> String {
        let bytes = ByteString(bytes)
        return bytes.text ?? String(decoding: codingHigh(bytes.bytes), as: UTF8.self)
    }

    /// Bytes above ASCII coded, all others as they are.
    static func codingHigh(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        for byte in bytes {
            if byte < 0x80 { output.append(byte) } else { append([byte], to: &output) }
        }
        return output
    }

    static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// The byte at `position`, coded or not, which is moved past it; nil if `%` is not followed by two hexadecimal
    /// digits. A `+` stays a `+`: peers code bytes, not forms.
    @inline(__always)
    static func next(in bytes: RawSpan, at position: inout Int, end: Int) -> UInt8? {
        let byte = bytes.uint8(at: position)
        position += 1
        guard byte == UInt8(ascii: "%") else { return byte }
        guard position + 2 <= end, let high = UInt8(hexDigit: bytes.uint8(at: position)),
            let low = UInt8(hexDigit: bytes.uint8(at: position + 1))
        else { return nil }
        position += 2
        return high << 4 | low
    }

    /// Exactly twenty bytes, decoded in place; nil for anything else.
    static func bytes20(in bytes: RawSpan, _ range: Range<Int>) -> Bytes20? {
        var position = range.lowerBound
        guard let high = word(of: 8, in: bytes, at: &position, end: range.upperBound),
            let middle = word(of: 8, in: bytes, at: &position, end: range.upperBound),
            let low = word(of: 4, in: bytes, at: &position, end: range.upperBound), position == range.upperBound
        else { return nil }
        return Bytes20(high: high, middle: middle, low: UInt32(truncatingIfNeeded: low))
    }

    /// The next `count` bytes as one number, the first of them its highest.
    @inline(__always)
    private static func word(of count: Int, in bytes: RawSpan, at position: inout Int, end: Int) -> UInt64? {
        var word: UInt64 = 0
        for _ in 0..<count {
            guard position < end, let byte = next(in: bytes, at: &position, end: end) else { return nil }
            word = word << 8 | UInt64(byte)
        }
        return word
    }

    /// All bytes of `range`, decoded; nil if one is malformed.
    static func decoded(_ bytes: RawSpan, _ range: Range<Int>) -> [UInt8]? {
        var output: [UInt8] = []
        var position = range.lowerBound
        while position < range.upperBound {
            guard let byte = next(in: bytes, at: &position, end: range.upperBound) else { return nil }
            output.append(byte)
        }
        return output
    }

    /// Decodes bytes that came from elsewhere; unchanged if one is malformed.
    static func decoded(_ bytes: [UInt8]) -> [UInt8] {
        bytes.withBytes { decoded($0, 0..<$0.byteCount) } ?? bytes
    }
}
