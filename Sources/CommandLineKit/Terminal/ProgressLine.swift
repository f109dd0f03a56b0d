/// One line that says how far something is: a pure function of its facts and the width.
package struct ProgressLine: Sendable {
    /// What stands before the bar; it is cut if the line is narrow.
    package var label: TerminalText
    /// Of `total`, in the same unit.
    package var done: Int64
    /// When it is finished; 0 if there is nothing to do.
    package var total: Int64
    /// What follows the percentage, as far as there is room.
    package var facts: [LineFact]
    /// What follows that where a bar of comfortable width leaves room for it.
    package var spareFacts: [LineFact] = []
    package var style: Style

    package init(label: TerminalText, done: Int64, total: Int64, facts: [LineFact], style: Style = .good) {
        self.label = label
        self.done = done
        self.total = total
        self.facts = facts
        self.style = style
    }

    /// `facts` begin with the most important one.
    package init(
        label: TerminalText, done: Int64, total: Int64, facts: [TerminalText] = [], style: Style = .good
    ) {
        self.init(
            label: label, done: done, total: total,
            facts: facts.enumerated().map { LineFact($1, worth: facts.count - $0) }, style: style)
    }

    private static let narrowestBar = 8
    private static let comfortableBar = 20
    private static let widestBar = 40

    /// Columns of a name at the start of a line of `width`: a fifth, since what follows it is what changes.
    package static func labelColumns(_ wanted: Int, width: Int) -> Int { min(wanted, max(10, width / 5)) }

    /// At most `width` columns. `labelWidth` aligns several lines; by default it is the label's own. Where there is no
    /// room for the bar and a fact, the fact is shown.
    package func rendered(width: Int, glyphs: Glyphs, labelWidth: Int? = nil) -> TerminalText {
        let room = Self.labelColumns(labelWidth ?? label.columns, width: width)
        let name = label.fitted(to: room, ellipsis: glyphs.ellipsis)
        let percentage = TerminalText(HumanUnits.percentage(done, of: total)).paddedLeft(to: 5)
        let fixed = name.columns + 2 + 2 + percentage.columns
        let needed = LineFact.fitting(facts, in: width - fixed - Self.narrowestBar)
        let spare = width - fixed - Self.width(of: needed) - Self.comfortableBar
        let shown = needed + LineFact.fitting(spareFacts, in: spare)
        let bar = min(Self.widestBar, width - fixed - Self.width(of: shown))
        guard bar >= Self.narrowestBar, facts.isEmpty || !shown.isEmpty else {
            let withoutBar = LineFact.fitting(facts, in: width - fixed + 2)
            return withoutBar.reduce((name + "  " + percentage).cut(to: width)) { $0 + "  " + $1 }
        }
        let line: TerminalText = "\(name)  \(Self.bar(done, of: total, width: bar, glyphs: glyphs, style: style))  "
        return shown.reduce(line + percentage) { $0 + "  " + $1 }
    }

    private static func width(of facts: [TerminalText]) -> Int {
        facts.reduce(0) { $0 + 2 + $1.columns }
    }

    /// In half steps: `━━╸──`.
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
