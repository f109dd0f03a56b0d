/// The bytes of a code as it holds them: data in blocks, each with its correction, dealt out in turn.
enum QRCodewords {
    /// As many as the version has.
    static func of(_ bytes: [UInt8], _ version: QRVersion, _ correction: QRCode.Correction) -> [UInt8] {
        let data = data(bytes, version, version.dataCodewords(correction))
        let (count, correcting) = version.blocks(correction)
        let short = data.count / count
        // The last ones are longer by one where it does not come out even.
        let firstLong = count - data.count % count
        var blocks: [(data: ArraySlice<UInt8>, correction: [UInt8])] = []
        var start = 0
        for number in 0..<count {
            let end = start + short + (number < firstLong ? 0 : 1)
            blocks.append((data[start..<end], ReedSolomon.remainder(of: data[start..<end], count: correcting)))
            start = end
        }
        var dealt: [UInt8] = []
        for position in 0...short {
            for block in blocks where position < block.data.count {
                dealt.append(block.data[block.data.startIndex + position])
            }
        }
        for position in 0..<correcting {
            for block in blocks { dealt.append(block.correction[position]) }
        }
        return dealt
    }

    /// In byte mode, with a terminator and what fills it up.
    private static func data(_ bytes: [UInt8], _ version: QRVersion, _ capacity: Int) -> [UInt8] {
        var bits = BitQueue()
        bits.append(0b0100, count: 4)
        bits.append(bytes.count, count: version.lengthBits)
        for byte in bytes { bits.append(Int(byte), count: 8) }
        // Four bits where there is room; the length is of 8 or 16 bits, so that they also end a byte.
        if bits.bytes.count < capacity || bits.isOpen { bits.append(0, count: 4) }
        var data = bits.bytes
        var pad: UInt8 = 0xEC
        while data.count < capacity {
            data.append(pad)
            pad ^= 0xEC ^ 0x11
        }
        return data
    }

    /// Bits that become bytes, the first in the highest place.
    private struct BitQueue {
        private(set) var bytes: [UInt8] = []
        private var used = 8

        /// The last byte has room.
        var isOpen: Bool { used < 8 }

        mutating func append(_ value: Int, count: Int) {
            for shift in (0..<count).reversed() {
                if used == 8 {
                    bytes.append(0)
                    used = 0
                }
                if value >> shift & 1 == 1 { bytes[bytes.count - 1] |= 0x80 >> UInt8(used) }
                used += 1
            }
        }
    }
}

/// Correction after Reed and Solomon over the field of 256 elements with the polynomial 0x11D.
enum ReedSolomon {
    /// `count` bytes behind `data`, so that all of it has the roots 2^0 … 2^(count-1).
    static func remainder(of data: ArraySlice<UInt8>, count: Int) -> [UInt8] {
        let divisor = divisor(count)
        var rest = [UInt8](repeating: 0, count: count)
        for byte in data {
            let factor = byte ^ rest[0]
            rest.removeFirst()
            rest.append(0)
            for position in 0..<count { rest[position] ^= product(divisor[position], factor) }
        }
        return rest
    }

    /// The polynomial with these roots, from the highest power down, without the first, which is 1.
    private static func divisor(_ count: Int) -> [UInt8] {
        var polynomial = [UInt8](repeating: 0, count: count - 1) + [1]
        var root: UInt8 = 1
        for _ in 0..<count {
            for position in 0..<count {
                let next = position + 1 < count ? polynomial[position + 1] : 0
                polynomial[position] = product(polynomial[position], root) ^ next
            }
            root = product(root, 2)
        }
        return polynomial
    }

    static func product(_ left: UInt8, _ right: UInt8) -> UInt8 {
        var product = 0
        for shift in (0..<8).reversed() {
            product = product << 1 ^ (product >> 7) * 0x11D
            product ^= Int(right >> UInt8(shift) & 1) * Int(left)
        }
        return UInt8(product)
    }
}
