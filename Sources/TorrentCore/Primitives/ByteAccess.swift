// Numbers to and from bytes in network order. This file holds the one unsafe load of the parsers; the span checks its
// bounds, and every bit pattern is a valid integer.

extension RawSpan {
    /// The byte at `offset`.
    @inlinable
    public func uint8(at offset: Int) -> UInt8 {
        unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    /// The big-endian number in the two bytes from `offset` on.
    @inlinable
    public func uint16(at offset: Int) -> UInt16 {
        unsafe UInt16(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    /// The big-endian number in the four bytes from `offset` on.
    @inlinable
    public func uint32(at offset: Int) -> UInt32 {
        unsafe UInt32(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    /// The big-endian number in the eight bytes from `offset` on.
    @inlinable
    public func uint64(at offset: Int) -> UInt64 {
        unsafe UInt64(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// A copy of the bytes in `range`.
    public func array(_ range: Range<Int>) -> [UInt8] {
        let part = extracting(range)
        return unsafe part.withUnsafeBytes { unsafe Array($0) }
    }

    /// A copy of all bytes.
    public var array: [UInt8] { array(0..<byteCount) }
}

extension [UInt8] {
    /// Lends the bytes to `body`, without a copy.
    @inlinable
    public func withBytes<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(span.bytes)
    }

    /// The bytes of `value`, most significant first.
    @inlinable
    public mutating func appendBigEndian(_ value: some FixedWidthInteger) {
        let size = MemoryLayout.size(ofValue: value)
        append(addingCapacity: size) { output in
            unsafe output.withUnsafeMutableBufferPointer { bytes, count in
                unsafe UnsafeMutableRawBufferPointer(bytes).storeBytes(of: value.bigEndian, as: type(of: value))
                count = size
            }
        }
    }

    /// Appends `count` bytes that `write` fills in, in one go.
    @inline(__always)
    mutating func append(count: Int, _ write: (UnsafeMutableRawBufferPointer) -> Void) {
        append(addingCapacity: count) { output in
            unsafe output.withUnsafeMutableBufferPointer { bytes, written in
                precondition(bytes.count >= count, "there is room for what is written")
                unsafe write(UnsafeMutableRawBufferPointer(bytes))
                written = count
            }
        }
    }

    /// The decimal digits of `number`, without a `String` on the way.
    mutating func append(decimal number: Int64) {
        if number < 0 { append(UInt8(ascii: "-")) }
        var power: UInt64 = 1
        while number.magnitude / power >= 10 { power *= 10 }
        while power > 0 {
            append(UInt8(ascii: "0") + UInt8(number.magnitude / power % 10))
            power /= 10
        }
    }

    /// Bytes from pairs of hexadecimal digits of either case; nil if it is anything else.
    public init?(hex: some StringProtocol) {
        let digits = Array(hex.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        self = []
        reserveCapacity(digits.count / 2)
        for pair in stride(from: 0, to: digits.count, by: 2) {
            guard let high = UInt8(hexDigit: digits[pair]), let low = UInt8(hexDigit: digits[pair + 1]) else {
                return nil
            }
            append(high << 4 | low)
        }
    }

    /// Two lowercase hexadecimal digits a byte.
    public var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(count * 2)
        for byte in self {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension UInt8 {
    /// The value of an ASCII hexadecimal digit.
    @inline(__always)
    init?(hexDigit: UInt8) {
        // Without branches: the digits of an info hash cannot be predicted.
        let digit = hexDigit &- UInt8(ascii: "0")
        let letter = (hexDigit | 0x20) &- UInt8(ascii: "a")
        let value = digit < 10 ? digit : letter < 6 ? letter + 10 : 0xFF
        guard value < 16 else { return nil }
        self = value
    }
}

extension UnsafeMutableRawBufferPointer {
    /// Writes the bytes of `value` from `offset` on, most significant first.
    @inline(__always)
    func store(bigEndian value: some FixedWidthInteger, at offset: Int) {
        unsafe storeBytes(of: value.bigEndian, toByteOffset: offset, as: type(of: value))
    }
}
