internal import CommandLineKit

/// `p2p-peer help [COMMAND]`.
enum HelpCommand {
    static let spec = CommandSpec(
        "help", summary: "Explains a command.",
        arguments: [.init("COMMAND", .optional, help: "the command; all of them in short if absent")],
        exitCodes: [.success, .usage, .inputOutput, .diskFull])

    static let command: CommandProgram.Command = .init(spec) { arguments, output throws(CommandError) in
        output.page(try Program.table.helpPage(for: arguments.positionals.first, on: output))
        return .success
    }
}
