/// The few signs beyond ASCII that we draw, and what stands for them where the locale has no UTF-8.
package struct Glyphs: Sendable {
    let full: StaticString
    let half: StaticString
    let empty: StaticString
    /// Stands for what was cut off.
    package let ellipsis: String
    /// Before a rate of download.
    package let down: TerminalText
    /// Before a rate of upload.
    package let up: TerminalText
    /// To an entry of a folder that others follow.
    package let branch: TerminalText
    /// To the last entry of a folder.
    package let lastBranch: TerminalText
    /// Past an entry that has others below it.
    package let trunk: TerminalText
    /// For cells of a map.
    package let shades: Shades
    /// Past the last entry of a folder.
    package let noTrunk: TerminalText = "   "
    /// There are blocks of half a row, for pictures.
    let hasHalfBlocks: Bool

    /// How full a cell is.
    package struct Shades: Sendable {
        /// All of it.
        package let solid: StaticString
        /// Part of it.
        package let half: StaticString
        /// Some of it soon.
        package let light: StaticString
        /// Nothing.
        package let dot: StaticString
    }

    /// For terminals that show UTF-8.
    package static let unicode = Glyphs(
        full: "━", half: "╸", empty: "─", ellipsis: "…", down: "↓", up: "↑", branch: "├─ ",
        lastBranch: "└─ ", trunk: "│  ", shades: Shades(solid: "█", half: "▄", light: "▒", dot: "·"),
        hasHalfBlocks: true)
    /// For all others: words and signs of ASCII.
    package static let ascii = Glyphs(
        full: "=", half: ">", empty: "-", ellipsis: "...", down: "down", up: "up", branch: "|- ",
        lastBranch: "`- ", trunk: "|  ", shades: Shades(solid: "#", half: "+", light: ">", dot: "."),
        hasHalfBlocks: false)

    /// By the variables that name the locale, in their order of precedence (POSIX: LC_ALL, LC_CTYPE, LANG).
    package static func forLocale(_ variable: (String) -> String?) -> Glyphs {
        let name = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(variable).first { !$0.isEmpty } ?? ""
        let lower = name.lowercased()
        return lower.hasSuffix("utf-8") || lower.hasSuffix("utf8") || lower.contains("utf-8@") ? .unicode : .ascii
    }
}
