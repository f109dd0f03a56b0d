import TorrentCore

/// Draws what a DHT leaves to chance.
struct DHTDraw {
    var chance: SplitMix64

    init(seed: UInt64) { chance = SplitMix64(seed: seed) }

    mutating func happens(_ part: Double) -> Bool { Double.random(in: 0..<1, using: &chance) < part }

    mutating func index(below count: Int) -> Int { Int.random(in: 0..<count, using: &chance) }

    mutating func index(in range: Range<Int>) -> Int { Int.random(in: range, using: &chance) }

    mutating func id() -> NodeID {
        NodeID(
            Bytes20(
                high: chance.next(), middle: chance.next(), low: UInt32(truncatingIfNeeded: chance.next())))
    }

    /// An address that could be anybody's.
    mutating func address() -> IPAddress {
        while true {
            let address = IPAddress.v4(UInt32(truncatingIfNeeded: chance.next()))
            if address.scope == .world { return address }
        }
    }

    mutating func endpoint() -> Endpoint {
        Endpoint(address(), port: UInt16.random(in: 1_024...49_151, using: &chance))
    }

    /// An id as BEP 42 wants it, by arithmetic of its own, so that no mistake of the engine is shared.
    mutating func id(fitting address: IPAddress) -> NodeID {
        guard case .v4(let bits) = address else { return id() }
        let low = UInt32(truncatingIfNeeded: chance.next())
        let masked = bits & 0x030F_3FFF | (low & 7) << 29
        var bytes: [UInt8] = []
        bytes.appendBigEndian(masked)
        let prefix = UInt64(CRC32C.checksum(bytes)) << 32
        let mask: UInt64 = 0xFFFF_F800_0000_0000
        return NodeID(Bytes20(high: prefix & mask | chance.next() & ~mask, middle: chance.next(), low: low))
    }

    /// So many different numbers of `range`, or all of it.
    mutating func sample(_ count: Int, of range: Range<Int>) -> [Int] {
        guard range.count > count else { return Array(range) }
        var taken: [Int] = []
        while taken.count < count {
            let number = Int.random(in: range, using: &chance)
            if !taken.contains(number) { taken.append(number) }
        }
        return taken
    }

    /// An exponential time around a mean.
    mutating func wait(mean: Duration) -> Duration {
        mean * -logarithm(Double.random(in: 0.000_001..<1, using: &chance))
    }

    private func logarithm(_ value: Double) -> Double { value.naturalLogarithm }
}

extension Double {
    /// By halving and a series, so that it is the same on every machine.
    var naturalLogarithm: Double {
        let exponent = Double(self.exponent)
        let ratio = (significand - 1) / (significand + 1)
        var (power, sum) = (ratio, 0.0)
        for term in stride(from: 1.0, through: 39, by: 2) {
            sum += power / term
            power *= ratio * ratio
        }
        return 2 * sum + exponent * 0.693_147_180_559_945_3
    }
}
