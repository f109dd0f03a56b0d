/// The padding at the end of a stream, the same for SHA-1 and SHA-256 (FIPS 180-4, 5.1.1).
enum HashPadding {
    /// Most bytes that `append` adds: two blocks.
    static let longest = 128

    /// Appends the last of a stream of `byteCount` bytes, fewer than 64, and what closes it: one block or two.
    static func append(_ rest: UnsafeRawBufferPointer, byteCount: Int64, to blocks: inout [UInt8]) {
        let end = blocks.count + (rest.count < 56 ? 64 : 128)
        unsafe blocks.append(contentsOf: rest)
        blocks.append(0x80)
        blocks.append(contentsOf: repeatElement(0, count: end - 8 - blocks.count))
        blocks.appendBigEndian(byteCount &* 8)
    }
}
