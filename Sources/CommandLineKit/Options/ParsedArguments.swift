package import ByteStrings

/// What somebody asked for: the values of a command's options, each with where it came from, and its arguments.
package struct ParsedArguments: Sendable {
    package let command: CommandSpec
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

    /// True if a flag is on.
    package func has(_ option: Option) -> Bool { count(of: option) > 0 }

    /// How often a flag was given; "off", "no", "false", "0" and "" of the environment or a file count as never.
    package func count(of option: Option) -> Int {
        (given[option.name] ?? []).reduce(0) { sum, value in
            let text = value.value.text
            return switch text?.lowercased() {
            case "false", "no", "off", "": sum
            default: sum + (value.origin == .commandLine ? 1 : text.flatMap { Int($0) } ?? 1)
            }
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

    /// The value that stood last, as it was written.
    package func bytes(_ option: Option) -> ByteString? { given[option.name]?.last?.value }

    /// All values in order, as they were written.
    package func allBytes(_ option: Option) -> [ByteString] { (given[option.name] ?? []).map(\.value) }

    private func read<Value>(
        _ value: Given, _ option: Option, _ parser: ValueParser<Value>
    ) throws(CommandError) -> Value {
        if let parsed = parser.parse(value.value) { return parsed }
        let place: TerminalText =
            switch value.origin {
            case .commandLine: "--\(option.name)"
            case .environment(let name): "the variable \(name)"
            case .file(let path, let line): "\(option.name) in \(path), line \(line)"
            }
        throw CommandError(.usage, "\(place): \"\(value.value)\" is not \(parser.expected)")
    }
}
