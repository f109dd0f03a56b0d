package import ByteStrings

/// What somebody asked for: the values of a command's options, each with where it came from, and its arguments.
package struct ParsedArguments: Sendable {
    /// The command that was called, by its name or an alias.
    package let command: CommandSpec
    /// What is neither an option nor the value of one, in order.
    package let positionals: [ByteString]
    private var given: [String: [Given]] = [:]

    /// One value as it was written.
    struct Given: Sendable, Equatable {
        let value: ByteString
        let origin: Origin
    }

    /// Where a value was written, for the message when it is wrong.
    enum Origin: Sendable, Equatable {
        case commandLine
        case environment(String)
        case file(ByteString, line: Int)
    }

    init(command: CommandSpec, positionals: [ByteString], given: [String: [Given]]) {
        self.command = command
        self.positionals = positionals
        self.given = given
    }

    /// The same with `~` at the start of paths made `home`, as a shell does it where it gets to see it. Throws where a
    /// flag of the environment or a file is neither on nor off.
    func checked(home: ByteString?) throws(CommandError) -> ParsedArguments {
        var copy = self
        for option in command.options {
            guard let values = given[option.name] else { continue }
            if option.isFlag { try check(values, of: option) }
            guard option.isPath else { continue }
            copy.given[option.name] = try values.map { (value) throws(CommandError) in
                try expanded(value, of: option, home)
            }
        }
        return copy
    }

    private func expanded(_ value: Given, of option: Option, _ home: ByteString?) throws(CommandError) -> Given {
        guard value.value == "~" || value.value.hasPrefix("~/") else { return value }
        guard let home else {
            throw CommandError(
                .usage, "\(place(of: value, option)): HOME is not set, so \"\(value.value)\" leads nowhere")
        }
        let rest = value.value.dropFirst(2)
        return Given(value: rest.isEmpty ? home : home.appending(rest), origin: value.origin)
    }

    private func check(_ values: [Given], of option: Option) throws(CommandError) {
        for value in values where value.origin != .commandLine && Self.count(of: value) == nil {
            throw CommandError(
                .usage, "\(place(of: value, option)): \"\(value.value)\" is neither yes nor no")
        }
    }

    /// True if a flag is on.
    package func has(_ option: Option) -> Bool { count(of: option) > 0 }

    /// How often a flag was given; "off", "no", "false", "0" and "" of the environment or a file count as never.
    package func count(of option: Option) -> Int {
        (given[option.name] ?? []).reduce(0) { $0 + ($1.origin == .commandLine ? 1 : Self.count(of: $1) ?? 0) }
    }

    /// Nil if it is neither on nor off.
    private static func count(of value: Given) -> Int? {
        let text = value.value.text?.lowercased() ?? "?"
        return switch text {
        case "true", "yes", "on": 1
        case "false", "no", "off", "": 0
        default: ScaledNumber.isPlain(text) ? Int(text) : nil
        }
    }

    /// The value that stood last; nil if it was given nowhere.
    package func value<Value>(
        _ option: Option, _ parser: ValueParser<Value>
    ) throws(CommandError) -> Value? {
        guard let last = given[option.name]?.last else { return nil }
        return try read(last, option, parser)
    }

    /// All values in order.
    package func values<Value>(
        _ option: Option, _ parser: ValueParser<Value>
    ) throws(CommandError) -> [Value] {
        var values: [Value] = []
        for value in given[option.name] ?? [] { values.append(try read(value, option, parser)) }
        return values
    }

    private func read<Value>(
        _ value: Given, _ option: Option, _ parser: ValueParser<Value>
    ) throws(CommandError) -> Value {
        if let parsed = parser.parse(value.value) { return parsed }
        throw CommandError(.usage, "\(place(of: value, option)): \"\(value.value)\" is not \(parser.expected)")
    }

    /// Where the last value of `option` was written.
    package func place(of option: Option) -> TerminalText {
        given[option.name]?.last.map { place(of: $0, option) } ?? "--\(option.name)"
    }

    /// True if it was given anywhere: on the command line, in the environment or in a file.
    package func isGiven(_ option: Option) -> Bool { given[option.name] != nil }

    /// True if it stands on the command line itself.
    package func isOnCommandLine(_ option: Option) -> Bool {
        given[option.name]?.contains { $0.origin == .commandLine } ?? false
    }

    private func place(of value: Given, _ option: Option) -> TerminalText {
        switch value.origin {
        case .commandLine: "--\(option.name)"
        case .environment(let name): "the variable \(name)"
        case .file(let path, let line): "\(option.name) in \(path), line \(line)"
        }
    }
}
