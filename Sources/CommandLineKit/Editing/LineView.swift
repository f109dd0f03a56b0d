/// How a line that is typed stands on one row of a terminal: what does not fit scrolls sideways by halves of the room,
/// so that little moves while somebody types.
package struct LineView: Sendable, Equatable {
    /// At most as wide as was asked for.
    package let text: TerminalText
    /// The column of the cursor, at most that of the place behind the last one.
    package let cursor: Int

    /// Fewer columns than this behind the prompt have no room for marks where something is hidden.
    private static let leastWithMarks = 6

    /// Shows as much of `buffer` as has room in so many columns.
    package init(prompt: TerminalText, _ buffer: LineBuffer, columns: Int) {
        let columns = max(1, columns)
        let prompt = prompt.cut(to: columns / 2, ellipsis: "")
        let room = columns - prompt.columns
        var starts = [0]
        for letter in buffer.letters { starts.append(starts[starts.count - 1] + letter.columns) }
        let at = starts[buffer.cursor]
        guard starts[buffer.letters.count] > room else {
            text = prompt + Self.text(buffer.letters[...], room)
            cursor = prompt.columns + at
            return
        }
        guard room >= Self.leastWithMarks else {
            text = prompt + Self.text(buffer.letters[buffer.cursor...], room)
            cursor = prompt.columns
            return
        }
        let window = room - 2
        let step = window / 2
        // The cursor stands two columns before the end at most, so that a wide letter there is seen.
        let scrolled = max(0, (at - (window - 2) + step - 1) / step) * step
        let first = min(starts.firstIndex { $0 >= scrolled } ?? 0, buffer.cursor)
        let isHiddenLeft = first > 0
        let shown = Self.text(buffer.letters[first...], room - (isHiddenLeft ? 1 : 0) - 1)
        let isHiddenRight = starts[buffer.letters.count] - starts[first] > shown.columns
        var line = prompt
        if isHiddenLeft { line += TerminalText("<", style: .dim) }
        line += shown
        if isHiddenRight { line += TerminalText(">", style: .dim) }
        text = line
        cursor = min(columns, prompt.columns + (isHiddenLeft ? 1 : 0) + at - starts[first])
    }

    /// As many of `letters` as fit.
    private static func text(_ letters: ArraySlice<Letter>, _ room: Int) -> TerminalText {
        var room = room
        var text = TerminalText()
        for letter in letters {
            room -= letter.columns
            guard room >= 0 else { break }
            text.append(letter.shown, .plain)
        }
        return text
    }
}
