/// SipHash-2-4 (Aumasson and Bernstein, 2012): a short keyed hash. Nobody without the key can tell what comes out, or
/// find inputs that give the same.
package struct SipHash: Sendable, BitwiseCopyable {
    @usableFromInline let key: (UInt64, UInt64)

    @inlinable
    package init(key: (UInt64, UInt64)) {
        self.key = key
    }

    package func hash(_ bytes: [UInt8]) -> UInt64 {
        var state = State(key)
        let whole = bytes.count / 8 * 8
        var last = UInt64(bytes.count & 255) << 56
        for offset in stride(from: 0, to: whole, by: 8) { state.take(Self.word(bytes[offset..<offset + 8])) }
        last |= Self.word(bytes[whole...])
        state.take(last)
        return state.finished()
    }

    /// The hash of sixteen bytes that are given as two words in the order of the bytes, least significant first.
    @inlinable
    package func hash(_ first: UInt64, _ second: UInt64) -> UInt64 {
        var state = State(key)
        state.take(first)
        state.take(second)
        state.take(16 << 56)
        return state.finished()
    }

    /// The hash of 24 bytes, given in the same way.
    @inlinable
    package func hash(_ first: UInt64, _ second: UInt64, _ third: UInt64) -> UInt64 {
        var state = State(key)
        state.take(first)
        state.take(second)
        state.take(third)
        state.take(24 << 56)
        return state.finished()
    }

    private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    @usableFromInline
    struct State {
        @usableFromInline var (a, b, c, d): (UInt64, UInt64, UInt64, UInt64)

        @inlinable
        init(_ key: (UInt64, UInt64)) {
            a = key.0 ^ 0x736F_6D65_7073_6575
            b = key.1 ^ 0x646F_7261_6E64_6F6D
            c = key.0 ^ 0x6C79_6765_6E65_7261
            d = key.1 ^ 0x7465_6462_7974_6573
        }

        @inlinable
        @inline(__always)
        mutating func take(_ word: UInt64) {
            d ^= word
            round()
            round()
            a ^= word
        }

        @inlinable
        @inline(__always)
        mutating func finished() -> UInt64 {
            c ^= 0xFF
            for _ in 0..<4 { round() }
            return a ^ b ^ c ^ d
        }

        @inlinable
        @inline(__always)
        mutating func round() {
            a &+= b
            b = Self.rotated(b, 13) ^ a
            a = Self.rotated(a, 32)
            c &+= d
            d = Self.rotated(d, 16) ^ c
            a &+= d
            d = Self.rotated(d, 21) ^ a
            c &+= b
            b = Self.rotated(b, 17) ^ c
            c = Self.rotated(c, 32)
        }

        @inlinable
        static func rotated(_ word: UInt64, _ bits: UInt64) -> UInt64 { word << bits | word >> (64 - bits) }
    }
}
