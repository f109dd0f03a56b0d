/// Rows with aligned columns, two spaces apart.
package struct Table: Sendable {
    /// On which side of its column a cell stands.
    package enum Alignment: Sendable { case left, right }

    private let alignments: [Alignment]
    private let indent: Int
    private var rows: [[TerminalText]] = []

    /// Columns beyond `alignments` are aligned to the left.
    package init(_ alignments: [Alignment] = [], indent: Int = 2) {
        self.alignments = alignments
        self.indent = indent
    }

    /// Adds a row; a row may have fewer cells than others.
    package mutating func add(_ cells: TerminalText...) { add(row: cells) }

    /// The same for cells that are in a list already.
    package mutating func add(row cells: [TerminalText]) {
        rows.append(cells)
    }

    /// One line a row, without blanks at their ends.
    package var lines: [TerminalText] {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            rows.map { column < $0.count ? $0[column].columns : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = TerminalText(repeating: " ", count: indent)
            for (column, cell) in row.enumerated() {
                if column > 0 { line += "  " }
                if column < alignments.count, alignments[column] == .right {
                    line += cell.paddedLeft(to: widths[column])
                } else {
                    line += column == row.count - 1 ? cell : cell.padded(to: widths[column])
                }
            }
            return line
        }
    }
}
