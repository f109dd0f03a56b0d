package import ByteStrings

/// A program with its commands: parses, explains, runs, and turns errors into one line and an exit code.
package struct CommandProgram: Sendable {
    /// As it is called in a shell: `p2p-peer`.
    package let name: String
    /// What `--version` prints behind the name.
    package let version: String
    /// A sentence without its subject, for the help and the manual page.
    package let summary: String
    private let commands: [Command]
    private let isSingle: Bool
    private let others: SettingNames

    /// A command and its action.
    package struct Command: Sendable {
        package let spec: CommandSpec
        /// It keeps running, and never waits for a reader of its output.
        let isService: Bool
        /// For what was asked, a further configuration file that comes before that of the user; nil if there is none.
        let settings: SettingsFile
        /// Called once the command line has been read without an error.
        package let run: Action

        /// Runs it and says how it ended.
        package typealias Action = @Sendable (ParsedArguments, Output) throws(CommandError) -> ExitCode

        /// Says where it is.
        package typealias SettingsFile = @Sendable (ParsedArguments) throws(CommandError) -> ByteString?

        package init(
            _ spec: CommandSpec, isService: Bool = false,
            settings: @escaping SettingsFile = { (_) throws(CommandError) in nil }, run: @escaping Action
        ) {
            self.spec = spec
            self.isService = isService
            self.settings = settings
            self.run = run
        }
    }

    /// A program of several commands: `p2p-peer make ...`.
    package init(
        name: String, version: String, summary: String, commands: [Command], others: SettingNames = .none
    ) {
        self.name = name
        self.version = version
        self.summary = summary
        self.commands = commands
        isSingle = false
        self.others = others
    }

    /// A program that does one thing: `p2p-tracker ...`. The name of the command is that of its section in the
    /// configuration file. `others` are settings that other programs read there.
    package init(name: String, version: String, command: Command, others: SettingNames = .none) {
        self.name = name
        self.version = version
        summary = command.spec.summary
        commands = [command]
        isSingle = true
        self.others = others
    }

    /// Runs the process's command line, the program's own name first, and ends the process. A closed pipe must be an
    /// error to it, not the end of the process.
    package func main(_ arguments: [ByteString], environment: [ByteString: ByteString]) -> Never {
        Platform.occupyStandardStreams()
        let code = run(Array(arguments.dropFirst()), environment: environment) { noColor, verbosity, json in
            Output(
                verbosity: verbosity, isJSON: json,
                standardOutput: Terminal(descriptor: 1, noColor: noColor, environment: environment),
                standardError: Terminal(descriptor: 2, noColor: noColor, environment: environment),
                now: { Platform.secondsSince1970() })
        }
        Platform.exit(code)
    }

    /// Makes the output of a run.
    package typealias OutputMaker = (_ noColor: Bool, _ verbosity: Int, _ isJSON: Bool) -> Output

    /// As `main`, but with everything handed in: what the tests call.
    package func run(
        _ arguments: [ByteString], environment: [ByteString: ByteString], makeOutput: OutputMaker
    ) -> ExitCode {
        // Until the line is parsed, errors shall already be said in the form that was asked for.
        var output = makeOutput(arguments.contains("--no-color"), 0, arguments.contains("--json"))
        let code = run(arguments, environment, makeOutput, &output)
        return output.finish(code, program: name)
    }

    private func run(
        _ arguments: [ByteString], _ environment: [ByteString: ByteString], _ makeOutput: OutputMaker,
        _ output: inout Output
    ) -> ExitCode {
        do {
            guard let (command, rest) = try choose(arguments, output) else { return .success }
            let callName = isSingle ? name : "\(name) \(command.spec.name)"
            let parser = ArgumentParser(command: command.spec, callName: callName, arguments: rest)
            // Help is given even if the settings are wrong.
            let asked = try parser.parsed()
            if asked.has(CommonOptions.help) {
                output.page(HelpPage.page(for: command.spec, callName: callName, width: output.pageWidth))
                return .success
            }
            if asked.has(CommonOptions.version) { return sayVersion(output) }
            let parsed = try parser.parsed(settings: settings(of: command, asked, environment))
            let verbosity = parsed.has(CommonOptions.quiet) ? -1 : parsed.count(of: CommonOptions.verbose)
            output = makeOutput(parsed.has(CommonOptions.noColor), verbosity, parsed.has(CommonOptions.json))
            if command.isService {
                output.neverWait()
                Platform.ignoreFileLimits()
            }
            return try command.run(parsed, output)
        } catch {
            output.error(error, program: name)
            return error.exitCode
        }
    }

    private func settings(
        of command: Command, _ asked: ParsedArguments, _ environment: [ByteString: ByteString]
    ) throws(CommandError) -> Settings {
        let check = SettingCheck(commands: commands.map(\.spec), others: others)
        let file = try ConfigFile.read(environment)
        if let file { try check.check(file) }
        let settings = Settings(environment: environment, file: file)
        guard let path = try command.settings(asked), let own = try ConfigFile.read(path) else { return settings }
        try check.check(own)
        return settings.before(own)
    }

    /// The page that `help` and `help COMMAND` print.
    package func helpPage(for commandName: ByteString?, on output: Output) throws(CommandError) -> String {
        guard let commandName, !isSingle else {
            return HelpPage.page(
                name: name, summary: summary, commands: commands.map(\.spec), width: output.pageWidth)
        }
        let command = try find(commandName)
        return HelpPage.page(for: command.spec, callName: "\(name) \(command.spec.name)", width: output.pageWidth)
    }

    /// What `completion SHELL` prints: a script for that shell to read.
    package func completion(for shell: CompletionScript) -> String {
        shell.script(program: name, commands: commands.map(\.spec), isSingle: isSingle)
    }

    /// What `completion man` prints: a page in the language of man(7).
    package func manualPage() -> String {
        ManualPage.page(
            name: name, version: version, summary: summary, commands: commands.map(\.spec), isSingle: isSingle)
    }

    /// The command and what follows it; nil if the line asked for something that is answered already.
    private func choose(
        _ arguments: [ByteString], _ output: Output
    ) throws(CommandError) -> (Command, [ByteString])? {
        if try answersAboutItself(arguments, output) { return nil }
        if isSingle { return (commands[0], arguments) }
        guard let first = arguments.first else {
            throw CommandError(.usage, "a command is missing (see \(name) --help)")
        }
        // `p2p-peer --json show x` means the same as `p2p-peer show --json x`.
        guard let position = arguments.firstIndex(where: { !$0.hasPrefix("-") }) else {
            throw CommandError(.usage, "\"\(first)\" is no command (see \(name) --help)")
        }
        var rest = arguments
        let command = try find(rest.remove(at: position))
        return (command, rest)
    }

    /// `--help`, `--version` without a command, and the hidden `--completion SHELL` and `--man`.
    private func answersAboutItself(_ arguments: [ByteString], _ output: Output) throws(CommandError) -> Bool {
        switch (arguments.first?.text, arguments.count) {
        case ("-h", 1), ("--help", 1):
            guard !isSingle else { return false }
            output.page(try helpPage(for: nil, on: output))
        case ("-V", 1), ("--version", 1): _ = sayVersion(output)
        case ("--man", 1): output.page(manualPage())
        case ("--completion", 2):
            guard let shell = arguments[1].text.flatMap(CompletionScript.init(rawValue:)) else {
                throw CommandError(.usage, "no completion for \"\(arguments[1])\": there is bash, zsh and fish")
            }
            output.page(completion(for: shell))
        default: return false
        }
        return true
    }

    private func find(_ word: ByteString) throws(CommandError) -> Command {
        if let command = commands.first(where: { $0.spec.names.contains { word == $0 } }) {
            return command
        }
        let closest = EditDistance.closest(to: word.description, among: commands.flatMap(\.spec.names))
        let hint: TerminalText = closest.map { "; did you mean \($0)?" } ?? ""
        throw CommandError(.usage, "\"\(word)\" is no command\(hint) (see \(name) --help)")
    }

    private func sayVersion(_ output: Output) -> ExitCode {
        output.result("\(name) \(version)")
        return .success
    }
}
