internal import ByteStrings
internal import CommandLineKit

/// `p2p-peer completion SHELL`.
enum CompletionCommand {
    private static let shells = CompletionScript.allCases.map(\.rawValue)

    static let spec = CommandSpec(
        "completion", summary: "Prints a completion script for a shell.",
        arguments: [.init("SHELL", completion: .words(shells + ["man"]), help: "bash, zsh or fish; man: the manual")],
        examples: [
            .init("source <(p2p-peer completion bash)", "for this shell"),
            .init("p2p-peer completion man | man -l -", "the manual page"),
        ],
        exitCodes: [.success, .usage, .inputOutput, .diskFull])

    static let command: CommandProgram.Command = .init(spec) { arguments, output throws(CommandError) in
        let shell = arguments.positionals[0]
        if shell == "man" {
            output.page(Program.table.manualPage())
            return .success
        }
        guard let script = shell.text.flatMap(CompletionScript.init(rawValue:)) else {
            throw CommandError(.usage, "no completion for \"\(shell)\": there is bash, zsh, fish and man")
        }
        output.page(Program.table.completion(for: script))
        return .success
    }
}
