/// The modules of a code while it is made, and which of them are no data.
struct QRMatrix {
    let version: QRVersion
    let size: Int
    private(set) var modules: [Bool]
    /// Patterns by which a code is found, and what says how to read it.
    private var isFixed: [Bool]

    /// With its patterns, and nothing else.
    init(_ version: QRVersion) {
        self.version = version
        size = version.size
        modules = Array(repeating: false, count: size * size)
        isFixed = modules
        drawTiming()
        for (row, column) in [(3, 3), (3, size - 4), (size - 4, 3)] { drawFinder(row, column) }
        drawAlignment()
        drawVersion()
        // Room for the format, which depends on the mask.
        drawFormat(0)
    }

    subscript(row: Int, column: Int) -> Bool { modules[row * size + column] }

    private mutating func fix(_ row: Int, _ column: Int, _ isDark: Bool) {
        guard (0..<size).contains(row), (0..<size).contains(column) else { return }
        modules[row * size + column] = isDark
        isFixed[row * size + column] = true
    }

    // MARK: Patterns

    private mutating func drawTiming() {
        for place in 0..<size {
            fix(6, place, place % 2 == 0)
            fix(place, 6, place % 2 == 0)
        }
    }

    /// With the light frame around it.
    private mutating func drawFinder(_ row: Int, _ column: Int) {
        for down in -4...4 {
            for right in -4...4 {
                let ring = max(abs(down), abs(right))
                fix(row + down, column + right, ring != 2 && ring != 4)
            }
        }
    }

    private mutating func drawAlignment() {
        let centres = version.alignmentCentres
        guard let last = centres.last else { return }
        for row in centres {
            // None where a finder is.
            for column in centres where ![(6, 6), (6, last), (last, 6)].contains(where: { $0 == (row, column) }) {
                for down in -2...2 {
                    for right in -2...2 { fix(row + down, column + right, max(abs(down), abs(right)) != 1) }
                }
            }
        }
    }

    /// From version 7 on, twice, its number in 6 bits with 12 of a BCH code.
    private mutating func drawVersion() {
        guard version.number >= 7 else { return }
        let bits = BCH.appended(to: version.number, count: 12, divisor: 0x1F25)
        for place in 0..<18 {
            let isDark = bits >> place & 1 == 1
            fix(place / 3, size - 11 + place % 3, isDark)
            fix(size - 11 + place % 3, place / 3, isDark)
        }
    }

    /// Fifteen bits, twice: around the upper left finder, and beside the two others.
    private mutating func drawFormat(_ bits: Int) {
        for place in 0..<15 {
            let isDark = bits >> place & 1 == 1
            switch place {
            case 0...5: fix(place, 8, isDark)
            case 6: fix(7, 8, isDark)
            case 7: fix(8, 8, isDark)
            case 8: fix(8, 7, isDark)
            default: fix(8, 14 - place, isDark)
            }
            place < 8 ? fix(8, size - 1 - place, isDark) : fix(size - 15 + place, 8, isDark)
        }
        fix(size - 8, 8, true)
    }

    // MARK: Data

    /// In pairs of columns from the right, up and down in turn, around whatever is fixed.
    mutating func place(_ codewords: [UInt8]) {
        var bit = 0
        var isUpward = true
        for right in stride(from: size - 1, through: 1, by: -2) {
            // The column of the timing pattern belongs to no pair.
            let right = right <= 6 ? right - 1 : right
            for step in 0..<size {
                let row = isUpward ? size - 1 - step : step
                for column in [right, right - 1] where !isFixed[row * size + column] {
                    // A few places are left over in some versions, and stay light.
                    guard bit < codewords.count * 8 else { continue }
                    modules[row * size + column] = codewords[bit / 8] >> UInt8(7 - bit % 8) & 1 == 1
                    bit += 1
                }
            }
            isUpward.toggle()
        }
    }

    /// Inverts what the mask says, and writes down which it is.
    mutating func apply(_ mask: QRMask, _ correction: QRCode.Correction) {
        for row in 0..<size {
            for column in 0..<size where !isFixed[row * size + column] && mask.inverts(row, column) {
                modules[row * size + column].toggle()
            }
        }
        let format = (correction == .low ? 0b01 : 0b00) << 3 | mask.number
        drawFormat(BCH.appended(to: format, count: 10, divisor: 0x537) ^ 0x5412)
    }
}

/// Codes after Bose, Chaudhuri and Hocquenghem, for the few bits that say how to read the others.
enum BCH {
    /// `value`, and behind it `count` bits that make all of it divisible.
    static func appended(to value: Int, count: Int, divisor: Int) -> Int {
        var rest = value << count
        while rest >> count != 0 {
            let excess = Int.bitWidth - 1 - rest.leadingZeroBitCount - count
            rest ^= divisor << excess
        }
        return value << count | rest
    }
}
