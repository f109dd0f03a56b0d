/// The lines at the bottom of a terminal that are drawn again and again in place: a pure function of what was drawn.
struct LiveRegion {
    /// How many columns each drawn line took; empty if nothing is drawn.
    private var drawn: [Int] = []
    /// Where the cursor was left; nil: behind the last line.
    private var cursor: DrawnCursor?

    var isDrawn: Bool { !drawn.isEmpty }

    /// What moves to the start of the region and clears it. A window that became narrower has wrapped our lines: then
    /// they stand on more rows than were drawn.
    mutating func erase(on terminal: Terminal) -> String {
        guard !drawn.isEmpty else { return "" }
        let columns = terminal.windowColumns
        func rows(_ width: Int) -> Int { max(1, (width + columns - 1) / columns) }
        var above = drawn.reduce(0) { $0 + rows($1) } - 1
        if let cursor { above = drawn[..<cursor.line].reduce(0) { $0 + rows($1) } + cursor.column / columns }
        drawn = []
        cursor = nil
        return "\r" + (above > 0 ? "\u{1B}[\(above)A" : "") + "\u{1B}[J"
    }

    /// What draws `lines`, cut to one column less than the window, so that no terminal wraps them by itself, and puts
    /// the cursor where `place` says.
    mutating func draw(_ lines: [TerminalText], cursor place: DrawnCursor? = nil, on terminal: Terminal) -> String {
        let columns = terminal.windowColumns
        let cut = lines.map { $0.cut(to: columns - 1, ellipsis: terminal.glyphs.ellipsis) }
        var text = erase(on: terminal) + cut.map(terminal.render).joined(separator: "\n")
        drawn = cut.map(\.columns)
        guard let place, drawn.indices.contains(place.line) else { return text }
        let at = DrawnCursor(line: place.line, column: min(place.column, columns - 1))
        cursor = at
        let up = drawn.count - 1 - at.line
        text += "\r" + (up > 0 ? "\u{1B}[\(up)A" : "") + (at.column > 0 ? "\u{1B}[\(at.column)C" : "")
        return text
    }
}

/// Where the cursor stands within drawn lines.
package struct DrawnCursor: Sendable, Equatable {
    let line: Int
    let column: Int

    /// Both from 0.
    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}
