/// The size of a code, and how its codewords are shared out (ISO/IEC 18004, tables 1 and 9).
struct QRVersion: Sendable, Equatable {
    /// 1 to 10, as far as we go.
    let number: Int

    static let largest = 10

    /// Modules a side.
    var size: Int { 17 + 4 * number }

    /// The smallest one for so many bytes.
    static func smallest(for bytes: Int) -> QRVersion? {
        (1...largest).lazy.map { QRVersion(number: $0) }.first { $0.holds(bytes, .low) }
    }

    func holds(_ bytes: Int, _ correction: QRCode.Correction) -> Bool {
        // Four bits of the mode, and the length.
        4 + lengthBits + 8 * bytes <= 8 * dataCodewords(correction)
    }

    /// Bits that say how many bytes follow.
    var lengthBits: Int { number < 10 ? 8 : 16 }

    private static let codewords = [26, 44, 70, 100, 134, 172, 196, 242, 292, 346]

    /// Data and correction.
    var codewords: Int { Self.codewords[number - 1] }

    /// Blocks, and correcting codewords of each.
    private static let low = [
        (1, 7), (1, 10), (1, 15), (1, 20), (1, 26), (2, 18), (2, 20), (2, 24), (2, 30), (4, 18),
    ]
    private static let medium = [
        (1, 10), (1, 16), (1, 26), (2, 18), (2, 24), (4, 16), (4, 18), (4, 22), (5, 22), (5, 26),
    ]

    func blocks(_ correction: QRCode.Correction) -> (count: Int, correcting: Int) {
        correction == .low ? Self.low[number - 1] : Self.medium[number - 1]
    }

    func dataCodewords(_ correction: QRCode.Correction) -> Int {
        let blocks = blocks(correction)
        return codewords - blocks.count * blocks.correcting
    }

    private static let lastCentre = [0, 18, 22, 26, 30, 34, 38, 42, 46, 50]

    /// Rows, and columns, in which the alignment patterns have their centres.
    var alignmentCentres: [Int] {
        guard number > 1 else { return [] }
        let last = Self.lastCentre[number - 1]
        return number < 7 ? [6, last] : [6, (6 + last) / 2, last]
    }
}
