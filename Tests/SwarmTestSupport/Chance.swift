package import TorrentCore

/// Where drawn events come from: a seed, or bytes that a fuzzer makes up.
package enum Chance: Sendable {
    case seeded(SplitMix64)
    /// The bytes, and how many of them were used.
    case bytes([UInt8], used: Int)

    /// A number from 0 to below `sides`, of at most two bytes; 0 when there are none left.
    package mutating func roll(_ sides: Int) -> Int {
        switch self {
        case .seeded(var generator):
            let number = Int.random(in: 0..<sides, using: &generator)
            self = .seeded(generator)
            return number
        case .bytes(let bytes, let used):
            let count = sides > 256 ? 2 : 1
            guard used + count <= bytes.count else {
                self = .bytes(bytes, used: bytes.count)
                return 0
            }
            self = .bytes(bytes, used: used + count)
            return bytes[used..<used + count].reduce(0) { $0 << 8 | Int($1) } % sides
        }
    }

    /// One of the elements; nil if there is none.
    package mutating func element<Element>(of list: [Element]) -> Element? {
        list.isEmpty ? nil : list[roll(list.count)]
    }

    /// Nothing is left to be drawn.
    package var isExhausted: Bool {
        if case .bytes(let bytes, let used) = self { used >= bytes.count } else { false }
    }
}
