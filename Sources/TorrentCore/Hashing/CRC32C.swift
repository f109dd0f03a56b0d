/// The checksum of Castagnoli (RFC 3720, B.4) that BEP 40 uses, a byte at a time: for a few bytes now and then.
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
}
