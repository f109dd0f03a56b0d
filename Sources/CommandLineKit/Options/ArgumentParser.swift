internal import ByteStrings

/// Parses a command line by its command's table; throws a `CommandError` that says what was probably meant.
struct ArgumentParser {
    private let command: CommandSpec
    /// "p2p-peer make", for the hint at the end of a message.
    private let callName: String
    /// Where more is said: "p2p-peer make --help".
    private let helpName: String
    private var rest: ArraySlice<ByteString>
    private var positionals: [ByteString] = []
    private var given: [String: [ParsedArguments.Given]] = [:]

    init(command: CommandSpec, callName: String, helpName: String? = nil, arguments: [ByteString]) {
        self.command = command
        self.callName = callName
        self.helpName = helpName ?? "\(callName) --help"
        rest = arguments[...]
    }

    /// Values on the command line come before those of `settings`; a help or version flag stops the checks.
    /// Without settings only the line itself counts.
    func parsed(settings: Settings? = nil) throws(CommandError) -> ParsedArguments {
        var parser = self
        return try parser.parse(settings)
    }

    private mutating func parse(_ settings: Settings?) throws(CommandError) -> ParsedArguments {
        while let argument = rest.popFirst() {
            if argument == "--" {
                positionals += rest
                rest = []
            } else if argument.hasPrefix("--") {
                try readLong(argument.dropFirst(2))
            } else if argument.hasPrefix("-"), argument.bytes.count > 1, !isNegativeNumber(argument) {
                try readShorts(argument.dropFirst(1))
            } else {
                positionals.append(argument)
            }
        }
        let line = ParsedArguments(command: command, positionals: positionals, given: given)
        let asksForHelp = given[CommonOptions.help.name] != nil || given[CommonOptions.version.name] != nil
        if asksForHelp { return line }
        try checkPositionals()
        guard let settings else { return line }
        for option in command.options where given[option.name] == nil && option.isSetting {
            let values = try settings.values(of: option, command: command)
            if !values.isEmpty { given[option.name] = values }
        }
        return try ParsedArguments(command: command, positionals: positionals, given: given)
            .checked(home: settings.home)
    }

    private mutating func readLong(_ text: ByteString) throws(CommandError) {
        let parts = text.split(separator: "=", maxSplits: 1)
        let name = parts[0]
        guard let option = command.option(named: name) else {
            let closest = EditDistance.closest(to: name.description, among: visibleNames)
            throw unknown("--\(name)", closest: closest.map { "--\($0)" })
        }
        if option.isFlag {
            guard parts.count == 1 else { throw usage("--\(option.name) takes no value") }
            try add("true", to: option)
        } else if parts.count == 2 {
            try add(parts[1], to: option)
        } else {
            try add(nextValue(of: option), to: option)
        }
    }

    /// `-abc`, `-l20`, `-l 20`, `-l=20`.
    private mutating func readShorts(_ text: ByteString) throws(CommandError) {
        var letters = text.bytes[...]
        while let letter = letters.first {
            guard let option = command.option(short: letter) else {
                // "-dir" was probably meant as "--dir".
                let meant = command.option(named: text).map { "--\($0.name)" }
                let element = UTF8Element(in: Array(letters), at: 0)
                throw unknown("-\(ByteString(letters.prefix(element.length)))", closest: meant)
            }
            letters.removeFirst()
            if option.isFlag {
                try add("true", to: option)
            } else {
                let attached = letters.first == UInt8(ascii: "=") ? letters.dropFirst() : letters
                try add(letters.isEmpty ? nextValue(of: option) : ByteString(attached), to: option)
                return
            }
        }
    }

    /// The argument that follows, unless it is plainly an option of its own.
    private mutating func nextValue(of option: Option) throws(CommandError) -> ByteString {
        let missing = usage("--\(option.name) needs a value: --\(option.name) \(option.valueName ?? "VALUE")")
        guard let next = rest.first else { throw missing }
        if next.hasPrefix("--"), next.bytes.count > 2 {
            let name = next.dropFirst(2).split(separator: "=", maxSplits: 1)[0]
            if command.option(named: name) != nil { throw missing }
        } else if next.hasPrefix("-"), next.bytes.count == 2, command.option(short: next.bytes[1]) != nil {
            throw missing
        }
        rest.removeFirst()
        return next
    }

    private mutating func add(_ value: ByteString, to option: Option) throws(CommandError) {
        if !option.isFlag, !option.isRepeatable, let first = given[option.name]?.first, first.value != value {
            throw usage("--\(option.name) was given twice, with \"\(first.value)\" and \"\(value)\"")
        }
        given[option.name, default: []].append(.init(value: value, origin: .commandLine))
    }

    private func checkPositionals() throws(CommandError) {
        let needed = command.arguments.filter { $0.count != .optional }
        if positionals.count < needed.count {
            throw usage("\(needed[positionals.count].name) is missing: \(callName) \(command.usage)")
        }
        let takesMany = command.arguments.contains { $0.count == .oneOrMore }
        if !takesMany, positionals.count > command.arguments.count {
            let surplus = positionals[command.arguments.count]
            let counts = ["no argument", "no more than one argument", "no more than two", "no more than three"]
            let hint: TerminalText = "takes \(counts[min(command.arguments.count, 3)])"
            throw usage("\"\(surplus)\" is one too many: \(callName) \(hint)")
        }
    }

    private var visibleNames: [String] { command.options.filter { !$0.isHidden }.map(\.name) }

    private func isNegativeNumber(_ argument: ByteString) -> Bool {
        guard argument.bytes.count > 1 else { return false }
        let digit = argument.bytes[1]
        return (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) && command.option(short: digit) == nil
    }

    private func unknown(_ option: TerminalText, closest: String?) -> CommandError {
        guard let closest else { return usage("unknown option \(option)") }
        return CommandError(.usage, "unknown option \(option); did you mean \(closest)?")
    }

    private func usage(_ message: TerminalText) -> CommandError {
        CommandError(.usage, "\(message) (see \(helpName))")
    }
}
