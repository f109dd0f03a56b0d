package import ByteStrings

/// The description of a command line: one table, by which it is parsed, explained and completed.
package struct CommandSpec: Sendable {
    /// The word that calls it: `make`.
    package let name: String
    /// Other words that call it; they also name its section of the configuration file.
    package let aliases: [String]
    /// One line, a sentence without its subject: "Makes a .torrent from a file or a folder."
    package let summary: String
    /// Further paragraphs for its help page.
    package let details: [String]
    package let arguments: [Argument]
    package let options: [Option]
    package let examples: [Example]
    package let exitCodes: [ExitCode]

    /// A positional argument.
    package struct Argument: Sendable, Equatable {
        /// As the help shows it, in capitals: `TORRENT`.
        package let name: String
        /// Half a sentence for the help.
        package let help: String
        package let count: Count
        package let completion: ValueCompletion

        /// How many of it there may be.
        package enum Count: Sendable, Equatable { case one, optional, oneOrMore }

        package init(_ name: String, _ count: Count = .one, completion: ValueCompletion = .none, help: String) {
            self.name = name
            self.count = count
            self.completion = completion
            self.help = help
        }
    }

    /// A line to copy, and what it does.
    package struct Example: Sendable, Equatable {
        /// A whole command line, to be copied.
        package let line: String
        /// What the line does, without a full stop.
        package let meaning: String

        package init(_ line: String, _ meaning: String) {
            self.line = line
            self.meaning = meaning
        }
    }

    /// The common options are added to `options`.
    package init(
        _ name: String, aliases: [String] = [], summary: String, details: [String] = [], arguments: [Argument] = [],
        options: [Option] = [], examples: [Example] = [], exitCodes: [ExitCode] = [.success, .failure, .usage]
    ) {
        self.name = name
        self.aliases = aliases
        self.summary = summary
        self.details = details
        self.arguments = arguments
        self.options = options + CommonOptions.all
        self.examples = examples
        self.exitCodes = exitCodes
    }

    /// A word of a console that is a command there: without the common options and exit codes of a program's.
    package init(
        verb name: String, aliases: [String] = [], summary: String, details: [String] = [],
        arguments: [Argument] = [], options: [Option] = [], examples: [Example] = []
    ) {
        self.name = name
        self.aliases = aliases
        self.summary = summary
        self.details = details
        self.arguments = arguments
        self.options = options
        self.examples = examples
        exitCodes = []
    }

    /// Its name and its aliases.
    package var names: [String] { [name] + aliases }

    func isCalled(_ word: ByteString) -> Bool { names.contains { word == $0 } }

    /// "make [options] PATH", without the program's name.
    package var usage: String {
        let arguments = arguments.map { argument in
            switch argument.count {
            case .one: argument.name
            case .optional: "[\(argument.name)]"
            case .oneOrMore: "\(argument.name)..."
            }
        }
        return ((options.isEmpty ? [] : ["[options]"]) + arguments).joined(separator: " ")
    }

    func option(named name: ByteString) -> Option? { options.first { name == $0.name } }

    /// The option of one letter, which is ASCII.
    func option(short byte: UInt8) -> Option? { options.first { $0.short?.asciiValue == byte } }
}

// As a verb of a console.
extension CommandSpec {
    /// Reads the words that follow the verb; `home` is what `~` stands for. Throws a usage error.
    package func parsed(_ words: [ByteString], home: ByteString?) throws(CommandError) -> ParsedArguments {
        let environment: [ByteString: ByteString] = home.map { ["HOME": $0] } ?? [:]
        return try ArgumentParser(command: self, callName: name, helpName: "help \(name)", arguments: words)
            .parsed(settings: Settings(environment: environment))
    }

    /// What `help VERB` prints.
    package func verbPage(width: Int) -> String { HelpPage.page(for: self, callName: name, width: width) }
}
