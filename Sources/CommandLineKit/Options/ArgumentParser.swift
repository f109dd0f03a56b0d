/// Reads a command line by the table of its command; a wrong one ends in a `CommandError` that says what was meant.
struct ArgumentParser {
    private let command: CommandSpec
    /// "p2p-peer make", for the hint at the end of a message.
    private let callName: String
    private var rest: ArraySlice<String>
    private var positionals: [String] = []
    private var given: [String: [ParsedArguments.Given]] = [:]

    init(command: CommandSpec, callName: String, arguments: [String]) {
        self.command = command
        self.callName = callName
        rest = arguments[...]
    }

    /// Values on the command line come before those of `settings`; a help or version flag stops the checks.
    mutating func parse(settings: Settings = Settings()) throws(CommandError) -> ParsedArguments {
        while let argument = rest.popFirst() {
            if argument == "--" {
                positionals += rest
                rest = []
            } else if argument.hasPrefix("--") {
                try readLong(argument.dropFirst(2))
            } else if argument.hasPrefix("-"), argument.count > 1, !isNegativeNumber(argument) {
                try readShorts(argument.dropFirst())
            } else {
                positionals.append(argument)
            }
        }
        let asksForHelp = given[CommonOptions.help.name] != nil || given[CommonOptions.version.name] != nil
        if !asksForHelp {
            try checkPositionals()
            for option in command.options where given[option.name] == nil && option.isSetting {
                let values = try settings.values(of: option, command: command.name)
                if !values.isEmpty { given[option.name] = values }
            }
        }
        return ParsedArguments(command: command, positionals: positionals, given: given)
    }

    private mutating func readLong(_ text: Substring) throws(CommandError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        guard let option = command.option(named: name) else {
            throw unknown("--\(name)", closest: EditDistance.closest(to: name, among: visibleNames).map { "--\($0)" })
        }
        if option.isFlag {
            guard parts.count == 1 else { throw usage("--\(option.name) takes no value") }
            try add("true", to: option)
        } else if parts.count == 2 {
            try add(String(parts[1]), to: option)
        } else {
            try add(nextValue(of: option), to: option)
        }
    }

    /// `-abc`, `-l20`, `-l 20`, `-l=20`.
    private mutating func readShorts(_ text: Substring) throws(CommandError) {
        var letters = text
        while let letter = letters.popFirst() {
            guard let option = command.option(short: letter) else {
                // "-dir" was probably meant as "--dir".
                let meant = command.option(named: String(text)).map { "--\($0.name)" }
                throw unknown("-\(letter)", closest: meant)
            }
            if option.isFlag {
                try add("true", to: option)
            } else {
                let attached = letters.first == "=" ? letters.dropFirst() : letters
                try add(letters.isEmpty ? nextValue(of: option) : String(attached), to: option)
                return
            }
        }
    }

    /// The argument that follows, unless it is plainly an option of its own.
    private mutating func nextValue(of option: Option) throws(CommandError) -> String {
        let missing = usage("--\(option.name) needs a value: --\(option.name) \(option.valueName ?? "VALUE")")
        guard let next = rest.first else { throw missing }
        if next.hasPrefix("--"), next.count > 2 {
            let name = next.dropFirst(2).prefix { $0 != "=" }
            if command.option(named: String(name)) != nil { throw missing }
        } else if next.hasPrefix("-"), next.count == 2, let letter = next.last, command.option(short: letter) != nil {
            throw missing
        }
        rest.removeFirst()
        return next
    }

    private mutating func add(_ value: String, to option: Option) throws(CommandError) {
        if !option.isFlag, !option.isRepeatable, let first = given[option.name]?.first, first.text != value {
            throw usage("--\(option.name) was given twice, with \"\(first.text)\" and \"\(value)\"")
        }
        given[option.name, default: []].append(.init(text: value, origin: .commandLine))
    }

    private func checkPositionals() throws(CommandError) {
        let needed = command.arguments.filter { $0.count != .optional }
        if positionals.count < needed.count {
            throw usage("\(needed[positionals.count].name) is missing: \(callName) \(command.usage)")
        }
        let takesMany = command.arguments.contains { $0.count == .oneOrMore }
        if !takesMany, positionals.count > command.arguments.count {
            let surplus = positionals[command.arguments.count]
            let hint: TerminalText = command.arguments.isEmpty ? "takes no argument" : "takes no more than one argument"
            throw usage("\"\(surplus)\" is one too many: \(callName) \(hint)")
        }
    }

    private var visibleNames: [String] { command.options.filter { !$0.isHidden }.map(\.name) }

    private func isNegativeNumber(_ text: String) -> Bool {
        guard let digit = text.dropFirst().first, digit.isASCII, digit.isNumber else { return false }
        return command.option(short: digit) == nil
    }

    private func unknown(_ option: String, closest: String?) -> CommandError {
        guard let closest else { return usage("unknown option \(option)") }
        return CommandError(.usage, "unknown option \(option); did you mean \(closest)?")
    }

    private func usage(_ message: TerminalText) -> CommandError {
        CommandError(.usage, "\(message) (see \(callName) --help)")
    }
}
