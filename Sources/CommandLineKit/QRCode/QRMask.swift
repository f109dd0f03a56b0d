/// Which modules of the data are inverted, so that no picture looks like a pattern.
struct QRMask: Sendable {
    let number: Int

    static let all = (0..<8).map { QRMask(number: $0) }

    func inverts(_ row: Int, _ column: Int) -> Bool {
        switch number {
        case 0: (row + column) % 2 == 0
        case 1: row % 2 == 0
        case 2: column % 3 == 0
        case 3: (row + column) % 3 == 0
        case 4: (row / 2 + column / 3) % 2 == 0
        case 5: row * column % 2 + row * column % 3 == 0
        case 6: (row * column % 2 + row * column % 3) % 2 == 0
        default: ((row + column) % 2 + row * column % 3) % 2 == 0
        }
    }
}

/// How much in a picture may mislead a reader (ISO/IEC 18004, 7.8.3).
enum QRPenalty {
    static func of(_ matrix: QRMatrix) -> Int {
        var penalty = squares(matrix) + imbalance(matrix)
        for line in 0..<matrix.size {
            penalty += ofLine((0..<matrix.size).map { matrix[line, $0] })
            penalty += ofLine((0..<matrix.size).map { matrix[$0, line] })
        }
        return penalty
    }

    /// Five and more of a colour in a row, and what looks like a finder.
    private static func ofLine(_ line: [Bool]) -> Int {
        var penalty = 0
        var run = 0
        for place in line.indices {
            run = place > 0 && line[place] == line[place - 1] ? run + 1 : 1
            if run == 5 { penalty += 3 } else if run > 5 { penalty += 1 }
        }
        for start in 0...(line.count - finder.count) where line[start..<start + finder.count].elementsEqual(finder) {
            // Four light ones before or behind it; beyond the edge it is light.
            let before = line[max(0, start - 4)..<start]
            let behind = line[start + finder.count..<min(line.count, start + finder.count + 4)]
            if !before.contains(true) { penalty += 40 }
            if !behind.contains(true) { penalty += 40 }
        }
        return penalty
    }

    private static let finder = [true, false, true, true, true, false, true]

    /// Of two by two.
    private static func squares(_ matrix: QRMatrix) -> Int {
        var count = 0
        for row in 1..<matrix.size {
            for column in 1..<matrix.size {
                let colour = matrix[row, column]
                if matrix[row - 1, column] == colour, matrix[row, column - 1] == colour,
                    matrix[row - 1, column - 1] == colour
                {
                    count += 1
                }
            }
        }
        return 3 * count
    }

    /// For each whole five percent that the dark ones are off the half.
    private static func imbalance(_ matrix: QRMatrix) -> Int {
        let all = matrix.modules.count
        let dark = matrix.modules.count(where: \.self)
        return abs(dark * 20 - all * 10) / all * 10
    }
}
