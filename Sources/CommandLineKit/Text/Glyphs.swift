/// The few signs beyond ASCII that we draw, and what stands for them where the locale has no UTF-8.
package struct Glyphs: Sendable {
    let full: StaticString
    let half: StaticString
    let empty: StaticString
    package let ellipsis: String
    package let down: TerminalText
    package let up: TerminalText
    /// Branches of a tree: to an entry, to the last one, past an entry, past the last one.
    package let branch: TerminalText
    package let lastBranch: TerminalText
    package let trunk: TerminalText
    package let noTrunk: TerminalText = "   "

    package static let unicode = Glyphs(
        full: "━", half: "╸", empty: "─", ellipsis: "…", down: "↓", up: "↑", branch: "├─ ",
        lastBranch: "└─ ", trunk: "│  ")
    package static let ascii = Glyphs(
        full: "=", half: ">", empty: "-", ellipsis: "...", down: "down", up: "up", branch: "|- ",
        lastBranch: "`- ", trunk: "|  ")

    /// By the variables that name the locale, in their order of precedence (POSIX: LC_ALL, LC_CTYPE, LANG).
    package static func forLocale(_ variable: (String) -> String?) -> Glyphs {
        let name = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(variable).first { !$0.isEmpty } ?? ""
        let lower = name.lowercased()
        return lower.hasSuffix("utf-8") || lower.hasSuffix("utf8") || lower.contains("utf-8@") ? .unicode : .ascii
    }
}
