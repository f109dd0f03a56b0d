// Places in the space of names: how near they are to each other, and new ones.

extension NodeID {
    /// Leading bits in which two places are the same, 0 to 160: the more, the nearer.
    public func commonBits(with other: NodeID) -> Int {
        let distance = distance(to: other).words
        if distance.high != 0 { return distance.high.leadingZeroBitCount }
        if distance.middle != 0 { return 64 + distance.middle.leadingZeroBitCount }
        return 128 + distance.low.leadingZeroBitCount
    }

    /// Any place.
    public static func random(using generator: inout some RandomNumberGenerator) -> NodeID {
        NodeID(
            Bytes20(
                high: generator.next(), middle: generator.next(), low: UInt32(truncatingIfNeeded: generator.next())))
    }

    /// Any place that has the first `bits` bits of `other`, 0 to 160; whether it has more of them is left to chance.
    public static func random(
        sharing bits: Int, with other: NodeID, using generator: inout some RandomNumberGenerator
    ) -> NodeID {
        // Shifts by as many bits as there are, or more, leave nothing.
        let mask: (UInt64, UInt64, UInt32) = (
            ~(UInt64.max >> UInt64(max(bits, 0))), bits <= 64 ? 0 : ~(UInt64.max >> UInt64(bits - 64)),
            bits <= 128 ? 0 : ~(UInt32.max >> UInt32(bits - 128))
        )
        let (chance, kept) = (random(using: &generator).bytes.words, other.bytes.words)
        return NodeID(
            Bytes20(
                high: kept.high & mask.0 | chance.high & ~mask.0,
                middle: kept.middle & mask.1 | chance.middle & ~mask.1,
                low: kept.low & mask.2 | chance.low & ~mask.2))
    }

    /// The place that differs in one bit; 0 is the first one, 159 the last.
    public func flipped(bit: Int) -> NodeID {
        let words = bytes.words
        return NodeID(
            Bytes20(
                high: words.high ^ (bit < 64 ? 1 << UInt64(63 - bit) : 0),
                middle: words.middle ^ (64..<128 ~= bit ? 1 << UInt64(127 - bit) : 0),
                low: words.low ^ (bit >= 128 ? 1 << UInt32(159 - bit) : 0)))
    }
}

// MARK: Names that fit an address (BEP 42)

extension NodeID {
    /// Whether a node at this address may have this name, so that nobody can choose where in the space he is. Addresses
    /// that not all the world can reach fit any name.
    public func fits(_ address: IPAddress) -> Bool {
        guard address.scope == .world else { return true }
        let prefix = Self.prefix(of: address, chance: UInt8(truncatingIfNeeded: bytes.words.low))
        return bytes.words.high >> 43 == UInt64(prefix >> 11)
    }

    /// A name for a node at this address: 21 bits of it follow from the address and the last byte.
    public static func fitting(
        _ address: IPAddress, using generator: inout some RandomNumberGenerator
    ) -> NodeID {
        let any = random(using: &generator)
        guard address.scope == .world else { return any }
        let words = any.bytes.words
        let prefix = UInt64(prefix(of: address, chance: UInt8(truncatingIfNeeded: words.low)) >> 11)
        return NodeID(
            Bytes20(high: prefix << 43 | words.high & (1 << 43 - 1), middle: words.middle, low: words.low))
    }

    /// The checksum whose first 21 bits a name has to have. Of the last byte of the name, three bits count.
    private static func prefix(of address: IPAddress, chance: UInt8) -> UInt32 {
        // The sooner a bit of the address comes, the less of it counts: who owns a whole network gets few names for it.
        switch address {
        case .v4(let bits): CRC32C.checksum(of: bits & 0x030F_3FFF | UInt32(chance & 7) << 29)
        case .v6(let high, _): CRC32C.checksum(of: high & 0x0103_070F_1F3F_7FFF | UInt64(chance & 7) << 61)
        }
    }
}
