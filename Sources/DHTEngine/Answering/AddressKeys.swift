import TorrentCore

// What is counted by address is counted by keyed hashes, so that nobody can aim at the place of another.

extension SipHash {
    /// A key for one purpose out of a secret; whoever sees hashes of one purpose learns nothing of another.
    init(secret: UInt64, purpose: StaticString) {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(secret)
        purpose.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
        let words = SHA1.digest(of: bytes).bytes.words
        self.init(key: (words.high, words.middle))
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
