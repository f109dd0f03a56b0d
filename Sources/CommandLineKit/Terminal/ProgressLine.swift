/// One line that says how far something is: a pure function of its facts and the width.
package struct ProgressLine: Sendable {
    package var label: TerminalText
    package var done: Int64
    package var total: Int64
    /// What follows the percentage, the most important first: what does not fit is left out from the end.
    package var facts: [TerminalText]
    package var style: Style

    package init(
        label: TerminalText, done: Int64, total: Int64, facts: [TerminalText] = [], style: Style = .good
    ) {
        self.label = label
        self.done = done
        self.total = total
        self.facts = facts
        self.style = style
    }

    private static let narrowestBar = 8
    private static let widestBar = 40

    /// At most `width` columns. `labelWidth` aligns several lines; by default it is the label's own.
    package func rendered(width: Int, glyphs: Glyphs, labelWidth: Int? = nil) -> TerminalText {
        let name = label.fitted(to: min(labelWidth ?? label.columns, max(10, width / 4)), ellipsis: glyphs.ellipsis)
        let percentage = TerminalText(HumanUnits.percentage(done, of: total)).paddedLeft(to: 5)
        let fixed = name.columns + 2 + 2 + percentage.columns
        var shown = facts
        while !shown.isEmpty, fixed + Self.width(of: shown) + Self.narrowestBar > width { shown.removeLast() }
        let bar = min(Self.widestBar, width - fixed - Self.width(of: shown))
        guard bar >= Self.narrowestBar else { return (name + "  " + percentage).cut(to: width) }
        let line: TerminalText = "\(name)  \(Self.bar(done, of: total, width: bar, glyphs: glyphs, style: style))  "
        return shown.reduce(line + percentage) { $0 + "  " + $1 }
    }

    private static func width(of facts: [TerminalText]) -> Int {
        facts.reduce(0) { $0 + 2 + $1.columns }
    }

    /// Halves count: `━━╸──`.
    static func bar(_ done: Int64, of total: Int64, width: Int, glyphs: Glyphs, style: Style) -> TerminalText {
        let share = total > 0 ? min(1, max(0, Double(done) / Double(total))) : 1
        // Full only when nothing is left.
        let halves = done >= total ? width * 2 : min(width * 2 - 1, Int(share * Double(width * 2)))
        let full = halves / 2
        let half = halves % 2
        return TerminalText(repeating: glyphs.full, count: full, style: style)
            + TerminalText(repeating: glyphs.half, count: half, style: style)
            + TerminalText(repeating: glyphs.empty, count: width - full - half, style: .dim)
    }
}
