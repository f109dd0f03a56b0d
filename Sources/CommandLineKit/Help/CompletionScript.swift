/// A script for a shell that completes a program's commands and options, from the same tables as its help.
package enum CompletionScript: String, Sendable, CaseIterable {
    case bash, zsh, fish

    /// `commands` has one element, and `isSingle`, if the program has no subcommands.
    func script(program: String, commands: [CommandSpec], isSingle: Bool) -> String {
        switch self {
        case .bash: bash(program, commands, isSingle)
        case .zsh: zsh(program, commands, isSingle)
        case .fish: fish(program, commands, isSingle)
        }
    }

    private func visible(_ command: CommandSpec) -> [Option] { command.options.filter { !$0.isHidden } }

    private func names(_ option: Option) -> [String] {
        ["--\(option.name)"] + (option.short.map { ["-\($0)"] } ?? [])
    }

    private func function(_ program: String) -> String { "_" + program.map { $0 == "-" ? "_" : String($0) }.joined() }

    // MARK: bash

    private func bash(_ program: String, _ commands: [CommandSpec], _ isSingle: Bool) -> String {
        let name = function(program)
        // One name a line, so that names with spaces stay whole. File names are quoted where needed, and a folder gets
        // its slash.
        var lines = [
            "\(name)_names() { mapfile -t COMPREPLY < <(\"$@\"); compopt -o filenames; }",
            "\(name)_files() { compgen -f -X \"!*.$1\" -- \"$2\"; compgen -d -- \"$2\"; }",
            "\(name)() {", "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}",
            "    COMPREPLY=()",
        ]
        if isSingle {
            lines += bashBody(commands[0], name, indent: "    ")
        } else {
            let words = commands.flatMap { [$0.name] + $0.aliases }.joined(separator: " ")
            lines += [
                "    if [ \"$COMP_CWORD\" -eq 1 ]; then",
                "        COMPREPLY=($(compgen -W \"\(words) --help --version\" -- \"$cur\")); return", "    fi",
                "    case ${COMP_WORDS[1]} in",
            ]
            for command in commands {
                lines.append("    \(([command.name] + command.aliases).joined(separator: "|")))")
                lines += bashBody(command, name, indent: "        ") + ["        ;;"]
            }
            lines.append("    esac")
        }
        return (lines + ["}", "complete -F \(name) \(program)"]).joined(separator: "\n") + "\n"
    }

    private func bashBody(_ command: CommandSpec, _ name: String, indent: String) -> [String] {
        var lines = ["case $prev in"]
        for option in visible(command) where !option.isFlag {
            let action = bashAction(option.completion, name) ?? ":"
            lines.append("\(names(option).joined(separator: "|"))) \(action); return ;;")
        }
        lines += ["esac", "if [[ $cur == -* ]]; then"]
        let words = visible(command).map { "--\($0.name)" }.joined(separator: " ")
        lines += ["    COMPREPLY=($(compgen -W \"\(words)\" -- \"$cur\"))", "else"]
        lines += ["    \(command.arguments.last.flatMap { bashAction($0.completion, name) } ?? ":")", "fi"]
        return lines.map { indent + $0 }
    }

    private func bashAction(_ completion: ValueCompletion, _ name: String) -> String? {
        switch completion {
        case .none: nil
        case .file: "\(name)_names compgen -f -- \"$cur\""
        case .fileEnding(let ending): "\(name)_names \(name)_files \(ending) \"$cur\""
        case .folder: "\(name)_names compgen -d -- \"$cur\""
        case .words(let words): "COMPREPLY=($(compgen -W \"\(words.joined(separator: " "))\" -- \"$cur\"))"
        }
    }

    // MARK: zsh

    private func zsh(_ program: String, _ commands: [CommandSpec], _ isSingle: Bool) -> String {
        let name = function(program)
        var lines = ["#compdef \(program)", "\(name)() {"]
        if isSingle {
            lines += zshBody(commands[0], indent: "    ")
        } else {
            lines += ["    if (( CURRENT == 2 )); then", "        local -a commands=("]
            lines += commands.map { "            \(quoted("\($0.name):\(escaped($0.summary))"))" }
            lines += ["        )", "        _describe command commands; return", "    fi"]
            lines += ["    local command=$words[2]", "    shift words; (( CURRENT-- ))", "    case $command in"]
            for command in commands {
                lines.append("    \(([command.name] + command.aliases).joined(separator: "|")))")
                lines += zshBody(command, indent: "        ") + ["        ;;"]
            }
            lines.append("    esac")
        }
        // In $fpath the file itself is called for the first completion; `source <(…)` only registers the function.
        lines += [
            "}", "if [ \"$funcstack[1]\" = \(name) ]; then", "    \(name) \"$@\"", "else",
            "    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }",
            "    compdef \(name) \(program)", "fi",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private func zshBody(_ command: CommandSpec, indent: String) -> [String] {
        var specs: [String] = []
        for option in visible(command) {
            for name in names(option) {
                let help = option.help.filter { $0 != "[" && $0 != "]" }
                let value = option.valueName.map { ":\($0):\(zshAction(option.completion))" } ?? ""
                let equals = option.isFlag || !name.hasPrefix("--") ? "" : "="
                specs.append(quoted("\(option.isRepeatable ? "*" : "")\(name)\(equals)[\(escaped(help))]\(value)"))
            }
        }
        for argument in command.arguments {
            let count = argument.count == .oneOrMore ? "*" : ""
            specs.append(quoted("\(count):\(argument.name):\(zshAction(argument.completion))"))
        }
        return [indent + "_arguments \\"] + specs.dropLast().map { indent + "    \($0) \\" }
            + specs.suffix(1).map { indent + "    \($0)" }
    }

    private func zshAction(_ completion: ValueCompletion) -> String {
        switch completion {
        case .none: " "
        case .file: "_files"
        case .fileEnding(let ending): "_files -g \"*.\(ending)\""
        case .folder: "_files -/"
        case .words(let words): "(\(words.joined(separator: " ")))"
        }
    }

    // MARK: fish

    private func fish(_ program: String, _ commands: [CommandSpec], _ isSingle: Bool) -> String {
        var lines = ["complete -c \(program) -f"]
        for command in commands {
            let all = ([command.name] + command.aliases).joined(separator: " ")
            let when = isSingle ? "" : " -n '__fish_seen_subcommand_from \(all)'"
            if !isSingle {
                lines.append(
                    "complete -c \(program) -n __fish_use_subcommand -a \(command.name) -d \(quoted(command.summary))")
            }
            for option in visible(command) {
                let short = option.short.map { " -s \($0)" } ?? ""
                let value = option.isFlag ? "" : " -x\(fishAction(option.completion))"
                lines.append(
                    "complete -c \(program)\(when) -l \(option.name)\(short)\(value) -d \(quoted(option.help))")
            }
            if let last = command.arguments.last {
                lines.append("complete -c \(program)\(when)\(fishAction(last.completion))")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func fishAction(_ completion: ValueCompletion) -> String {
        switch completion {
        case .none: ""
        case .file: " -F"
        case .fileEnding(let ending): " -a '(__fish_complete_suffix .\(ending))'"
        case .folder: " -a '(__fish_complete_directories)'"
        case .words(let words): " -a \(quoted(words.joined(separator: " ")))"
        }
    }

    /// A colon separates the parts of an entry in zsh.
    private func escaped(_ text: String) -> String { text.map { $0 == ":" ? "\\:" : String($0) }.joined() }

    private func quoted(_ text: String) -> String {
        "'" + text.map { $0 == "'" ? "'\\''" : String($0) }.joined() + "'"
    }
}
