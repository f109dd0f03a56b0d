internal import ByteStrings

/// Text that may be shown on a terminal: untrusted text can only be shown through this type.
///
/// Literals are our own and stay as they are; whatever is interpolated or passed as a `String` is made safe. `Output`
/// accepts nothing else, so this cannot be forgotten.
package struct TerminalText: Sendable, Equatable, CustomStringConvertible {
    struct Run: Sendable, Equatable {
        var text: String
        var style: Style
    }

    private(set) var runs: [Run] = []

    package init() {}

    /// Made safe.
    package init(_ untrusted: String, style: Style = .plain) {
        append(SafeText.safe(untrusted), style)
    }

    /// Bytes of a name or message: made safe, with bytes that are no UTF-8 shown as `\xe9`.
    package init(bytes: [UInt8], style: Style = .plain) {
        self.init(ByteString(bytes).description, style: style)
    }

    /// Our own text, `count` times.
    package init(repeating ours: StaticString, count: Int, style: Style = .plain) {
        append(String(repeating: ours.description, count: max(0, count)), style)
    }

    /// Without styles.
    package var plain: String { runs.reduce(into: "") { $0 += $1.text } }

    package var description: String { plain }

    /// How many columns of a terminal it takes.
    package var columns: Int { runs.reduce(0) { $0 + DisplayWidth.columns(of: $1.text) } }

    package var isEmpty: Bool { runs.isEmpty }

    /// With the escape sequences of its styles, if `color`.
    package func rendered(color: Bool) -> String {
        guard color else { return plain }
        return runs.reduce(into: "") { text, run in
            guard run.style != .plain else { return text += run.text }
            text += run.style.switchedOn + run.text + Style.switchedOff
        }
    }

    /// All of it in one style.
    package func styled(_ style: Style) -> TerminalText {
        var text = TerminalText()
        text.append(plain, style)
        return text
    }

    package static func + (left: TerminalText, right: TerminalText) -> TerminalText {
        var text = left
        text += right
        return text
    }

    package static func += (left: inout TerminalText, right: TerminalText) {
        for run in right.runs { left.append(run.text, run.style) }
    }

    /// For this module only: `safe` is not looked at again.
    mutating func append(_ safe: String, _ style: Style) {
        guard !safe.isEmpty else { return }
        if runs.last?.style == style {
            runs[runs.count - 1].text += safe
        } else {
            runs.append(Run(text: safe, style: style))
        }
    }
}

extension TerminalText: ExpressibleByStringInterpolation {
    package init(stringLiteral value: String) {
        append(value, .plain)
    }

    package init(stringInterpolation: Interpolation) {
        self = stringInterpolation.text
    }

    /// Appends literals as they are, and makes interpolated values safe.
    package struct Interpolation: StringInterpolationProtocol {
        fileprivate var text = TerminalText()

        package init(literalCapacity: Int, interpolationCount: Int) {}

        package mutating func appendLiteral(_ literal: String) {
            text.append(literal, .plain)
        }

        package mutating func appendInterpolation(_ value: TerminalText) {
            text += value
        }

        package mutating func appendInterpolation(_ value: TerminalText, _ style: Style) {
            text += value.styled(style)
        }

        package mutating func appendInterpolation(_ value: some CustomStringConvertible, _ style: Style = .plain) {
            text += TerminalText(value.description, style: style)
        }
    }
}

extension TerminalText {
    /// Lines put together.
    package static func joined(_ parts: [TerminalText], by separator: TerminalText) -> TerminalText {
        var text = TerminalText()
        for (position, part) in parts.enumerated() {
            if position > 0 { text += separator }
            text += part
        }
        return text
    }

    /// Exactly `width` columns: filled with spaces on the right, or cut, with `ellipsis` to show it.
    package func fitted(to width: Int, ellipsis: String = "…") -> TerminalText {
        cut(to: width, ellipsis: ellipsis).padded(to: width)
    }

    /// At least `width` columns, filled on the right.
    package func padded(to width: Int) -> TerminalText {
        self + TerminalText(repeating: " ", count: width - columns)
    }

    /// At least `width` columns, filled on the left: for numbers.
    package func paddedLeft(to width: Int) -> TerminalText {
        TerminalText(repeating: " ", count: width - columns) + self
    }

    /// Broken between words into lines of at most `width` columns, later ones indented. A longer word stays whole,
    /// since a broken path or address is useless.
    package func wrapped(to width: Int) -> [TerminalText] {
        guard columns > width else { return [self] }
        var lines: [TerminalText] = []
        var rest = letters[...]
        let indent = rest.prefix { $0.character == " " }.count
        var margin = 0
        while !rest.isEmpty {
            let end = Self.endOfLine(rest, columns: max(1, width - margin), after: lines.isEmpty ? indent : 0)
            lines.append(TerminalText(repeating: " ", count: margin) + TerminalText(letters: rest[..<end]))
            rest = rest[end...].drop { $0.character == " " }
            margin = min(indent + 2, width / 2)
        }
        return lines
    }

    private typealias Letter = (character: Character, style: Style)

    private var letters: [Letter] { runs.flatMap { run in run.text.map { ($0, run.style) } } }

    private init(letters: ArraySlice<Letter>) {
        for letter in letters { append(String(letter.character), letter.style) }
    }

    /// The end of the last word that fits; if the first alone is too long, its end.
    private static func endOfLine(_ letters: ArraySlice<Letter>, columns: Int, after indent: Int) -> Int {
        var room = columns
        var end: Int?
        for position in letters.indices {
            if letters[position].character == " ", position >= letters.startIndex + indent {
                if room < 0 { return end ?? position }
                // Where several blanks are, the line ends before the first.
                if position == letters.startIndex || letters[position - 1].character != " " { end = position }
            }
            room -= DisplayWidth.columns(of: String(letters[position].character))
            if room < 0, let end { return end }
        }
        return letters.endIndex
    }

    /// At most `width` columns.
    package func cut(to width: Int, ellipsis: String = "…") -> TerminalText {
        guard columns > width else { return self }
        let mark = DisplayWidth.columns(of: ellipsis) <= width ? ellipsis : ""
        var room = width - DisplayWidth.columns(of: mark)
        var text = TerminalText()
        for run in runs {
            let part = DisplayWidth.prefix(of: run.text, columns: room)
            text.append(part, run.style)
            room -= DisplayWidth.columns(of: part)
            if part.utf8.count < run.text.utf8.count { break }
        }
        text.append(mark, .plain)
        return text
    }
}
