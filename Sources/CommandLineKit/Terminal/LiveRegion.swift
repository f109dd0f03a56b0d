/// The lines at the bottom of a terminal that are drawn again and again in place: a pure function of what was drawn.
struct LiveRegion {
    /// How many columns each drawn line took; empty if nothing is drawn.
    private var drawn: [Int] = []

    var isDrawn: Bool { !drawn.isEmpty }

    /// What moves to the start of the region and clears it. A window that became narrower has wrapped our lines: then
    /// they stand on more rows than were drawn.
    mutating func erase(columns: Int) -> String {
        guard !drawn.isEmpty else { return "" }
        let rows = drawn.reduce(0) { $0 + max(1, ($1 + columns - 1) / columns) }
        drawn = []
        return "\r" + (rows > 1 ? "\u{1B}[\(rows - 1)A" : "") + "\u{1B}[J"
    }

    /// What draws `lines`, cut to one column less than the window, so that no terminal wraps them by itself.
    mutating func draw(_ lines: [TerminalText], on terminal: Terminal, columns: Int) -> String {
        let cut = lines.map { $0.cut(to: columns - 1, ellipsis: terminal.glyphs.ellipsis) }
        let text = erase(columns: columns) + cut.map(terminal.render).joined(separator: "\n")
        drawn = cut.map(\.columns)
        return text
    }
}
