/// A picture of some bytes that a camera reads (ISO/IEC 18004, model 2): a square of dark and light modules.
///
///     guard let code = QRCode(Array(url.utf8)) else { … }
///     let lines = code.drawing(on: terminal)
package struct QRCode: Sendable, Equatable {
    /// How much of a damaged picture can be made up for.
    package enum Correction: Sendable, CaseIterable {
        /// About 7 and 15 percent of the codewords.
        case low, medium
    }

    /// Modules a side, without the quiet zone: 21 to 57.
    package let size: Int
    package let correction: Correction
    private let modules: [Bool]

    /// The smallest one that holds `bytes`, with the better correction if that makes it no larger. Nil for more than
    /// 271 bytes, which is all that version 10 has room for.
    package init?(_ bytes: [UInt8]) {
        guard let version = QRVersion.smallest(for: bytes.count) else { return nil }
        let correction: Correction = version.holds(bytes.count, .medium) ? .medium : .low
        let codewords = QRCodewords.of(bytes, version, correction)
        var blank = QRMatrix(version)
        blank.place(codewords)
        var best: (matrix: QRMatrix, penalty: Int)?
        for mask in QRMask.all {
            var matrix = blank
            matrix.apply(mask, correction)
            let penalty = QRPenalty.of(matrix)
            if penalty < best?.penalty ?? .max { best = (matrix, penalty) }
        }
        guard let chosen = best?.matrix else { return nil }
        size = chosen.size
        modules = chosen.modules
        self.correction = correction
    }

    /// True for a dark one; outside there is light.
    package func isDark(row: Int, column: Int) -> Bool {
        guard (0..<size).contains(row), (0..<size).contains(column) else { return false }
        return modules[row * size + column]
    }
}
