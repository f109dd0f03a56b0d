import CommandLineKit

/// Reads a code as the standard says (ISO/IEC 18004), from its modules alone: what is written here knows nothing of
/// how it was made. Nil where something does not hold.
struct QRReader {
    let size: Int
    private let isDark: (Int, Int) -> Bool

    init(_ code: QRCode) {
        size = code.size
        isDark = { code.isDark(row: $0, column: $1) }
    }

    /// Of rows of a drawing, the quiet zone taken away.
    init(rows: [[Bool]], quiet: Int) {
        size = rows[0].count - 2 * quiet
        isDark = { rows[$0 + quiet][$1 + quiet] }
    }

    private var version: Int { (size - 17) / 4 }

    /// Correction (1 is L, 0 is M) and mask: both copies of the format must say the same, without an error.
    var format: (correction: Int, mask: Int)? {
        let corner =
            [(0, 8), (1, 8), (2, 8), (3, 8), (4, 8), (5, 8), (7, 8), (8, 8), (8, 7)]
            + [(8, 5), (8, 4), (8, 3), (8, 2), (8, 1), (8, 0)]
        let apart = (1...8).map { (8, size - $0) } + (0..<7).map { (size - 7 + $0, 8) }
        let copies = [corner, apart].map { places in
            places.enumerated().reduce(0) { $0 | (isDark($1.element.0, $1.element.1) ? 1 << $1.offset : 0) }
        }
        // The words of the code are 32; one of them must be it.
        guard copies[0] == copies[1], let word = Self.formats.firstIndex(of: copies[0]), isDark(size - 8, 8) else {
            return nil
        }
        return (word >> 3, word & 7)
    }

    /// As the standard's table C.1 lists them, for each five bits.
    private static let formats = [
        0x5412, 0x5125, 0x5E7C, 0x5B4B, 0x45F9, 0x40CE, 0x4F97, 0x4AA0, 0x77C4, 0x72F3, 0x7DAA, 0x789D, 0x662F,
        0x6318, 0x6C41, 0x6976, 0x1689, 0x13BE, 0x1CE7, 0x19D0, 0x0762, 0x0255, 0x0D0C, 0x083B, 0x355F, 0x3068,
        0x3F31, 0x3A06, 0x24B4, 0x2183, 0x2EDA, 0x2BED,
    ]

    /// Table D.1, for 7 to 10.
    private static let versions = [0x07C94, 0x085BC, 0x09A99, 0x0A4D3]

    var saysItsVersion: Bool {
        guard version >= 7 else { return true }
        let word = Self.versions[version - 7]
        return (0..<18).allSatisfy { bit in
            let (long, short) = (bit / 3, size - 11 + bit % 3)
            let expected = word >> bit & 1 == 1
            return isDark(long, short) == expected && isDark(short, long) == expected
        }
    }

    /// Whether the three finders, with their frames, and the timing between them are where they belong.
    var hasItsPatterns: Bool {
        let finder = ["1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111"].map { Array($0) }
        for (top, left) in [(0, 0), (0, size - 7), (size - 7, 0)] {
            for row in -1...7 {
                for column in -1...7 where (0..<size).contains(top + row) && (0..<size).contains(left + column) {
                    let isInside = (0..<7).contains(row) && (0..<7).contains(column)
                    guard isDark(top + row, left + column) == (isInside && finder[row][column] == "1") else {
                        return false
                    }
                }
            }
        }
        return (8..<size - 8).allSatisfy { isDark(6, $0) == ($0 % 2 == 0) && isDark($0, 6) == ($0 % 2 == 0) }
    }

    private func isData(_ row: Int, _ column: Int) -> Bool {
        if row == 6 || column == 6 { return false }
        if row < 9 && (column < 9 || column >= size - 8) || row >= size - 8 && column < 9 { return false }
        if version >= 7, row < 6 && column >= size - 11 || column < 6 && row >= size - 11 { return false }
        let last = size - 7
        let centres = version == 1 ? [] : version < 7 ? [6, last] : [6, (last + 6) / 2, last]
        for down in centres {
            for right in centres
            where (down, right) != (6, 6) && (down, right) != (6, last) && (down, right) != (last, 6) {
                if abs(row - down) <= 2, abs(column - right) <= 2 { return false }
            }
        }
        return true
    }

    /// Blocks of each version from 1 to 10: (blocks, data codewords of the first, correcting codewords), for L and M.
    private static let blocks: [[(Int, Int, Int)]] = [
        [
            (1, 19, 7), (1, 34, 10), (1, 55, 15), (1, 80, 20), (1, 108, 26), (2, 68, 18), (2, 78, 20), (2, 97, 24),
            (2, 116, 30), (4, 68, 18),
        ],
        [
            (1, 16, 10), (1, 28, 16), (1, 44, 26), (2, 32, 18), (2, 43, 24), (4, 27, 16), (4, 31, 18), (4, 38, 22),
            (5, 36, 22), (5, 43, 26),
        ],
    ]

    /// The text, if nothing in the code is wrong.
    var text: [UInt8]? {
        guard hasItsPatterns, saysItsVersion, let (correction, mask) = format, correction < 2 else { return nil }
        let codewords = codewords(mask)
        let (count, shortest, correcting) = Self.blocks[correction == 1 ? 0 : 1][version - 1]
        let long = codewords.count - count * (shortest + correcting)
        var blocks = Array(repeating: [UInt8](), count: count)
        var next = codewords[...]
        for place in 0...shortest {
            for block in 0..<count where place < shortest || block >= count - long {
                blocks[block].append(next.removeFirst())
            }
        }
        let data = blocks.flatMap(\.self)
        for _ in 0..<correcting { for block in 0..<count { blocks[block].append(next.removeFirst()) } }
        guard next.isEmpty, blocks.allSatisfy({ Self.isWhole($0, correcting) }) else { return nil }
        return Self.payload(data, lengthBits: version < 10 ? 8 : 16)
    }

    private func codewords(_ mask: Int) -> [UInt8] {
        var bits: [Bool] = []
        var right = size - 1
        var rows = Array((0..<size).reversed())
        while right > 0 {
            if right == 6 { right -= 1 }
            for row in rows {
                for column in [right, right - 1] where isData(row, column) {
                    bits.append(isDark(row, column) != Self.inverts(mask, row, column))
                }
            }
            rows.reverse()
            right -= 2
        }
        return (0..<bits.count / 8).map { byte in (0..<8).reduce(0) { $0 << 1 | (bits[8 * byte + $1] ? 1 : 0) } }
    }

    private static func inverts(_ mask: Int, _ i: Int, _ j: Int) -> Bool {
        [
            (i + j) % 2, i % 2, j % 3, (i + j) % 3, (i / 2 + j / 3) % 2, (i * j) % 2 + (i * j) % 3,
            ((i * j) % 2 + (i * j) % 3) % 2, ((i + j) % 2 + (i * j) % 3) % 2,
        ][mask] == 0
    }

    /// Every syndrome is zero: the block, as a polynomial, has the roots 2^0, 2^1, …
    private static func isWhole(_ block: [UInt8], _ correcting: Int) -> Bool {
        (0..<correcting).allSatisfy { power in
            block.reduce(0) { sum, byte in Int(byte) ^ (sum == 0 ? 0 : powers[(logs[sum] + power) % 255]) } == 0
        }
    }

    private static let powers: [Int] = {
        var powers = [1]
        for _ in 1..<255 {
            let next = powers[powers.count - 1] << 1
            powers.append(next > 255 ? next ^ 0x11D : next)
        }
        return powers
    }()

    private static let logs: [Int] = {
        var logs = Array(repeating: 0, count: 256)
        for (power, value) in powers.enumerated() { logs[value] = power }
        return logs
    }()

    /// In byte mode, with a terminator where there is room for one and the two pads in turn behind it.
    private static func payload(_ data: [UInt8], lengthBits: Int) -> [UInt8]? {
        let bits = data.flatMap { byte in (0..<8).map { byte >> UInt8(7 - $0) & 1 } }
        func number(_ start: Int, _ count: Int) -> Int { bits[start..<start + count].reduce(0) { $0 << 1 | Int($1) } }
        let length = number(4, lengthBits)
        let start = 4 + lengthBits
        guard number(0, 4) == 0b0100, start + 8 * length <= bits.count else { return nil }
        let end = start + 8 * length
        guard bits[end..<min(bits.count, end + 4)].allSatisfy({ $0 == 0 }) else { return nil }
        let padding = data.dropFirst((end + 4 + 7) / 8)
        guard zip(padding, 0...).allSatisfy({ $0 == ($1 % 2 == 0 ? 0xEC : 0x11) }) else { return nil }
        return (0..<length).map { UInt8(number(start + 8 * $0, 8)) }
    }
}
