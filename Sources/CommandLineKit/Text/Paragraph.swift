/// Breaks running text of our own into lines.
enum Paragraph {
    /// Lines of at most `width` columns; a word longer than that stands alone.
    static func lines(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if line.isEmpty {
                line = String(word)
            } else if DisplayWidth.columns(of: line) + 1 + DisplayWidth.columns(of: String(word)) <= width {
                line += " " + word
            } else {
                lines.append(line)
                line = String(word)
            }
        }
        return lines + (line.isEmpty ? [] : [line])
    }
}
