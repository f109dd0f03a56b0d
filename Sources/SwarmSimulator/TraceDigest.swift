import SwarmEngine
import TorrentCore

/// A digest over 64-bit words in their order, the same on every machine.
package struct TraceDigest: Hashable, Sendable {
    package private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    package init() {}

    /// One digest over those of several runs, in order.
    package init(of digests: [UInt64]) {
        for digest in digests { mix(digest) }
    }

    /// Every bit of `word` counts: the product carries low bits up, and the shift brings high ones down.
    package mutating func mix(_ word: UInt64) {
        let product = (value ^ word) &* 0x9E37_79B9_7F4A_7C15
        value = product ^ product >> 32
    }

    mutating func mix(_ number: some BinaryInteger) { mix(UInt64(truncatingIfNeeded: number)) }
    mutating func mix(_ flag: Bool) { mix(flag ? 1 as UInt64 : 0) }
    mutating func mix(_ moment: Moment) { mix(moment.nanoseconds) }

    mutating func mix(_ bytes: [UInt8]) {
        mix(bytes.count)
        for byte in bytes { mix(byte) }
    }

    mutating func mix(_ text: String?) {
        mix(text != nil)
        mix(Array((text ?? "").utf8))
    }

    mutating func mix(_ number: (some BinaryInteger)?) {
        mix(number != nil)
        mix(number ?? 0)
    }

    mutating func mix(_ id: ConnectionID) { mix(UInt64(id.generation) << 32 | UInt64(id.slot)) }

    mutating func mix(_ address: IPAddress) {
        switch address {
        case .v4(let number):
            mix(4)
            mix(number)
        case .v6(let high, let low):
            mix(6)
            mix(high)
            mix(low)
        }
    }

    mutating func mix(_ endpoint: Endpoint) {
        mix(endpoint.address)
        mix(endpoint.port)
    }

    mutating func mix(_ bytes: Bytes20) {
        mix(bytes.words.high)
        mix(bytes.words.middle)
        mix(bytes.words.low)
    }

    mutating func mix(_ block: WireBlock) {
        mix(block.piece)
        mix(block.begin)
        mix(block.length)
    }
}
