/// The page that `--help` prints, from the tables.
enum HelpPage {
    /// Pages are this wide at most, on a terminal of any width.
    static let width = 80
    static let leastWidth = 60
    private static let gap = 2

    /// For one command; `callName` is "p2p-peer make".
    static func page(for command: CommandSpec, callName: String, width: Int = width) -> String {
        var lines = Paragraph.lines(command.summary, width: width)
        lines += ["", "Usage: \(callName) \(command.usage)"]
        if !command.aliases.isEmpty {
            let title = command.aliases.count == 1 ? "Alias" : "Aliases"
            lines.append("\(title): \(command.aliases.joined(separator: ", "))")
        }
        for paragraph in command.details { lines += [""] + Paragraph.lines(paragraph, width: width) }
        if !command.arguments.isEmpty {
            lines += ["", "Arguments:"] + entries(command.arguments.map { ($0.name, $0.help) }, width: width)
        }
        let visible = command.options.filter { !$0.isHidden }
        for (group, title) in [(Option.Group.own, "Options:"), (.common, "Common options:")] {
            let rows = visible.filter { $0.group == group }.map { (label(of: $0), explanation(of: $0)) }
            if !rows.isEmpty { lines += ["", title] + entries(rows, width: width) }
        }
        if !command.examples.isEmpty {
            lines += ["", "Examples:"]
            for example in command.examples { lines += ["  \(example.line)", "      \(example.meaning)"] }
        }
        if !command.exitCodes.isEmpty {
            let codes = command.exitCodes.map { ("\($0.rawValue)", $0.meaning) }
            lines += ["", "Exit codes:"] + entries(codes, width: width)
        }
        return joined(lines)
    }

    /// For a program of several commands.
    static func page(name: String, summary: String, commands: [CommandSpec], width: Int = width) -> String {
        var lines = Paragraph.lines(summary, width: width)
        lines += ["", "Usage: \(name) COMMAND [options] ...", "", "Commands:"]
        lines += entries(commands.map { (([$0.name] + $0.aliases).joined(separator: ", "), $0.summary) }, width: width)
        let common = CommonOptions.all.map { (label(of: $0), explanation(of: $0)) }
        lines += ["", "Common options:"] + entries(common, width: width)
        lines += ["", "\"\(name) COMMAND --help\" explains a command."]
        lines += Paragraph.lines(settingsHint, width: width)
        return joined(lines)
    }

    private static let settingsHint =
        "Options may also stand in the environment (--dir as P2P_DIR) or in ~/.config/p2p/config (dir = ...)."

    private static func joined(_ lines: [String]) -> String {
        String((lines.joined(separator: "\n") + "\n").map { $0 == "\u{A0}" ? " " : $0 })
    }

    /// "-d, --dir DIR".
    static func label(of option: Option) -> String {
        let short = option.short.map { "-\($0), " } ?? "    "
        return short + "--\(option.name)" + (option.valueName.map { " \($0)" } ?? "")
    }

    static func explanation(of option: Option) -> String {
        // No line breaks within the brackets.
        option.help
            + (option.defaultText.map { " [" + $0.split(separator: " ").joined(separator: "\u{A0}") + "]" } ?? "")
    }

    /// Two columns; an entry too long for the first has its text on the next line.
    private static func entries(_ rows: [(String, String)], width: Int) -> [String] {
        let longest = rows.map { $0.0.count }.filter { $0 <= 26 }.max() ?? 0
        let column = 2 + longest + gap
        var lines: [String] = []
        for (label, text) in rows {
            let wrapped = Paragraph.lines(text, width: width - column)
            let margin = String(repeating: " ", count: column)
            if label.count > longest {
                lines.append("  " + label)
                lines += wrapped.map { margin + $0 }
            } else {
                let padded = label + String(repeating: " ", count: longest - label.count + gap)
                lines.append("  " + padded + (wrapped.first ?? ""))
                lines += wrapped.dropFirst().map { margin + $0 }
            }
        }
        return lines
    }
}
