/// The SHA-256 of something: thirty-two bytes by value.
public struct SHA256Digest: Hashable, Sendable, BitwiseCopyable, CustomStringConvertible {
    /// FIPS 180-4's H0 to H7.
    private let a, b, c, d, e, f, g, h: UInt32

    init(_ words: (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32)) {
        (a, b, c, d, e, f, g, h) = words
    }

    /// Thirty-two bytes.
    public var array: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        for word in [a, b, c, d, e, f, g, h] { bytes.appendBigEndian(word) }
        return bytes
    }

    /// Sixty-four lowercase hexadecimal digits.
    public var hex: String { array.hex }

    public var description: String { hex }
}
