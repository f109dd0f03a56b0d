/// What stands at one place of bytes that need not be UTF-8: a whole character, or a byte that belongs to none.
public struct UTF8Element: Hashable, Sendable {
    /// The scalar's value; for a stray byte 0x110000, which is above all scalars, and the byte.
    public let value: UInt32
    /// Bytes.
    public let length: Int

    private static let strays: UInt32 = 0x11_0000

    /// Nil for a byte that belongs to no character.
    public var scalar: Unicode.Scalar? { Unicode.Scalar(value) }

    /// Looks at `bytes` from `position` on, which must be one of theirs. What the standard calls ill-formed (overlong
    /// forms, surrogates, what is cut off) is taken byte by byte.
    public init(in bytes: [UInt8], at position: Int) {
        let first = bytes[position]
        let (count, smallest): (Int, UInt32) =
            switch first {
            case 0..<0x80: (1, 0)
            case 0xC2...0xDF: (2, 0x80)
            case 0xE0...0xEF: (3, 0x800)
            case 0xF0...0xF4: (4, 0x1_0000)
            default: (0, 0)
            }
        guard count > 1 else {
            (value, length) = (count == 1 ? UInt32(first) : Self.strays + UInt32(first), 1)
            return
        }
        var scalar = UInt32(first) & (0x7F >> UInt32(count))
        var isWhole = position + count <= bytes.count
        if isWhole {
            for byte in bytes[position + 1..<position + count] {
                isWhole = isWhole && byte & 0xC0 == 0x80
                scalar = scalar << 6 | UInt32(byte & 0x3F)
            }
        }
        if isWhole, scalar >= smallest, Unicode.Scalar(scalar) != nil {
            (value, length) = (scalar, count)
        } else {
            (value, length) = (Self.strays + UInt32(first), 1)
        }
    }
}
