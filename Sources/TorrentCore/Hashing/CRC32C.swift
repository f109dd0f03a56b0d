/// The checksum of Castagnoli (RFC 3720, B.4) that BEP 40 and BEP 42 use, a byte at a time: for few bytes now and then.
public enum CRC32C {
    private static let table: [UInt32] = (0..<256).map { byte in
        // The polynomial 1EDC6F41 with its bits in reverse.
        (0..<8).reduce(UInt32(byte)) { rest, _ in rest & 1 == 0 ? rest >> 1 : rest >> 1 ^ 0x82F6_3B78 }
    }

    /// Of bytes from first to last.
    public static func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { rest, byte in
            table[Int(UInt8(truncatingIfNeeded: rest) ^ byte)] ^ rest >> 8
        }
    }

    /// Of the bytes of a number, the most significant first.
    public static func checksum(of number: some FixedWidthInteger & UnsignedInteger) -> UInt32 {
        var rest = UInt32.max
        for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) {
            rest = table[Int(UInt8(truncatingIfNeeded: rest) ^ UInt8(truncatingIfNeeded: number >> shift))] ^ rest >> 8
        }
        return ~rest
    }
}
