extension QRCode {
    /// Light modules around it, on each side: readers need them.
    static let quietZone = 4

    /// Columns that the drawing takes on `terminal`.
    package func columns(on terminal: Terminal) -> Int {
        (size + 2 * Self.quietZone) * (terminal.glyphs.hasHalfBlocks ? 1 : 2)
    }

    /// Rows that it takes.
    package func rows(on terminal: Terminal) -> Int {
        let rows = size + 2 * Self.quietZone
        return terminal.glyphs.hasHalfBlocks ? (rows + 1) / 2 : rows
    }

    /// As text: black on white whatever the terminal's colours are. Without colours what is light is drawn, which is
    /// right where the terminal is dark; where it is light the code is the wrong way round, and not every reader takes
    /// that.
    package func drawing(on terminal: Terminal) -> [TerminalText] {
        let range = -Self.quietZone..<size + Self.quietZone
        let step = terminal.glyphs.hasHalfBlocks ? 2 : 1
        return stride(from: range.lowerBound, to: range.upperBound, by: step).map { row in
            var line = TerminalText()
            for column in range {
                let upper = isDark(row: row, column: column)
                // Beyond the last row it is light.
                let (text, style) =
                    step == 2
                    ? Self.halves(upper, isDark(row: row + 1, column: column), terminal.hasColor)
                    : Self.whole(upper, terminal.hasColor)
                line.append(text, style)
            }
            return line
        }
    }

    /// With colours what is drawn is dark, else light.
    private static func halves(_ upper: Bool, _ lower: Bool, _ hasColor: Bool) -> (String, Style) {
        let text =
            switch (upper == hasColor, lower == hasColor) {
            case (true, true): "█"
            case (true, false): "▀"
            case (false, true): "▄"
            case (false, false): " "
            }
        return (text, hasColor ? .ink : .plain)
    }

    private static func whole(_ isDark: Bool, _ hasColor: Bool) -> (String, Style) {
        hasColor ? ("  ", isDark ? .paper : .ink) : (isDark ? "  " : "##", .plain)
    }
}
