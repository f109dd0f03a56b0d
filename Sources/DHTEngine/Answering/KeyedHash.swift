import TorrentCore

/// SipHash-2-4 of a few words: nobody without the key can tell what comes out, or find words that give the same
/// (Aumasson and Bernstein, 2012).
package struct KeyedHash: Sendable {
    private let first: UInt64
    private let second: UInt64

    package init(first: UInt64, second: UInt64) {
        (self.first, self.second) = (first, second)
    }

    /// A key for one purpose out of a secret; whoever sees hashes of one purpose learns nothing of another.
    package init(secret: UInt64, purpose: StaticString) {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(secret)
        purpose.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
        let words = SHA1.digest(of: bytes).bytes.words
        self.init(first: words.high, second: words.middle)
    }

    /// The hash of three words, as of their 24 bytes in little-endian order.
    package func callAsFunction(_ words: UInt64, _ more: UInt64 = 0, _ most: UInt64 = 0) -> UInt64 {
        var state = State(first, second)
        state.take(words)
        state.take(more)
        state.take(most)
        state.take(24 << 56)
        return state.finish()
    }

    private struct State {
        var a, b, c, d: UInt64

        init(_ first: UInt64, _ second: UInt64) {
            a = first ^ 0x736F_6D65_7073_6575
            b = second ^ 0x646F_7261_6E64_6F6D
            c = first ^ 0x6C79_6765_6E65_7261
            d = second ^ 0x7465_6462_7974_6573
        }

        mutating func take(_ word: UInt64) {
            d ^= word
            round()
            round()
            a ^= word
        }

        mutating func finish() -> UInt64 {
            c ^= 0xFF
            for _ in 0..<4 { round() }
            return a ^ b ^ c ^ d
        }

        private mutating func round() {
            a &+= b
            b = b << 13 | b >> 51
            b ^= a
            a = a << 32 | a >> 32
            c &+= d
            d = d << 16 | d >> 48
            d ^= c
            a &+= d
            d = d << 21 | d >> 43
            d ^= a
            c &+= b
            b = b << 17 | b >> 47
            b ^= c
            c = c << 32 | c >> 32
        }
    }
}

extension IPAddress {
    /// Two words that tell it from every other one.
    var words: (UInt64, UInt64) {
        switch self {
        case .v4(let bits): (0xFFFF << 32 | UInt64(bits), 0)
        case .v6(let high, let low): (high, low)
        }
    }

    /// What one customer has: an address of IPv4, the /64 of IPv6.
    var customer: UInt64 { words.0 }

    /// What one site has: the /24 of IPv4, the /48 of IPv6.
    var site: UInt64 {
        switch self {
        case .v4: words.0 >> 8
        case .v6(let high, _): high >> 16
        }
    }
}
