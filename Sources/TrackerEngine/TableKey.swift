import TorrentCore

/// Secret words that decide where torrents and peers lie in their tables, so that no stranger can aim at one place.
struct TableKey: Sendable, BitwiseCopyable {
    private let first: UInt64
    private let second: UInt64
    private let third: UInt64

    init(seed: UInt64) {
        var words = SplitMix64(seed: seed ^ 0x7461_626C_6520_6B65)
        first = words.next()
        second = words.next()
        third = words.next() | 1
    }

    @inline(__always)
    func hash(_ infoHash: InfoHash) -> UInt64 {
        let words = infoHash.bytes.words
        return hash(words.high, words.middle, words.low)
    }

    @inline(__always)
    func hash(_ high: UInt64, _ low: UInt64, _ rest: UInt32) -> UInt64 {
        Self.fold(Self.fold(high ^ first, low ^ second) ^ UInt64(rest), third)
    }

    @inline(__always)
    func hash(_ word: UInt64) -> UInt64 { Self.fold(Self.fold(word ^ first, second), third) }

    /// Both halves of the product, xored.
    @inline(__always)
    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}
