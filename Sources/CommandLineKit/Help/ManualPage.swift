/// The manual page of a program in troff's `man` macros, from the same tables as its help.
enum ManualPage {
    static func page(name: String, version: String, summary: String, commands: [CommandSpec], isSingle: Bool) -> String
    {
        var lines = [
            ".TH \(escaped(name.uppercased())) 1 \"\" \"\(escaped(name)) \(escaped(version))\"", ".SH NAME",
            "\(escaped(name)) \\- \(escaped(lowercasedFirst(summary)))", ".SH SYNOPSIS",
        ]
        for command in commands {
            lines += [".B \(escaped(isSingle ? name : "\(name) \(command.name)"))", escaped(command.usage), ".br"]
        }
        for command in commands {
            lines.append(isSingle ? ".SH DESCRIPTION" : ".SH \"\(escaped(command.name.uppercased()))\"")
            lines.append(escaped(command.summary))
            for paragraph in command.details { lines += [".PP", escaped(paragraph)] }
            for argument in command.arguments {
                lines += [".TP", ".I \(escaped(argument.name))", escaped(argument.help)]
            }
            for option in command.options where !option.isHidden {
                lines += [
                    ".TP", ".B \(escaped(label(of: option)))",
                    escaped(option.help + (option.defaultText.map { " [\($0)]" } ?? "")),
                ]
            }
            for example in command.examples {
                lines += [".PP", "\(escaped(example.meaning)):", ".PP", ".nf", escaped(example.line), ".fi"]
            }
        }
        lines.append(".SH \"EXIT STATUS\"")
        for code in ExitCode.allCases { lines += [".TP", ".B \(code.rawValue)", code.meaning] }
        lines += [
            ".SH ENVIRONMENT",
            "Each option may stand in a variable: P2P_ and its name in capitals, with _ for -. The command line rules.",
            ".SH FILES", "$P2P_CONFIG, else $XDG_CONFIG_HOME/p2p/config, else ~/.config/p2p/config: lines of",
            "\"key = value\"; a section [command] is for that command alone.",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func label(of option: Option) -> String {
        let short = option.short.map { "-\($0), " } ?? ""
        return short + "--\(option.name)" + (option.valueName.map { " \($0)" } ?? "")
    }

    /// Backslashes and hyphens have meanings in troff, and so has a dot or quote that begins a line.
    private static func escaped(_ text: String) -> String {
        var safe = ""
        for character in text {
            switch character {
            case "\\": safe += "\\e"
            case "-": safe += "\\-"
            default: safe.append(character)
            }
        }
        return safe.hasPrefix(".") || safe.hasPrefix("'") ? "\\&" + safe : safe
    }

    private static func lowercasedFirst(_ text: String) -> String {
        text.prefix(1).lowercased() + text.dropFirst()
    }
}
