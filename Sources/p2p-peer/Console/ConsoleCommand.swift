internal import ByteStrings
internal import CommandLineKit
internal import Glibc
internal import PeerEvents
internal import PeerRuntime
internal import TorrentIO
internal import TransferReporting

/// `p2p-peer console`.
enum ConsoleCommand {
    static let keepGoing = Option("keep-going", help: "a script goes on after a command that failed")

    static let spec = CommandSpec(
        "console", summary: "A prompt for a peer that lives: upload, list, download, watch.",
        details: [
            "help lists its commands, menu shows a numbered menu. Tab completes, the arrows and Ctrl-R find earlier "
                + "lines, which are kept for the next time unless P2P_NO_HISTORY is set or a blank begins them.",
            "From a pipe or a file it takes a command a line, and stops at the first that fails; wait waits for "
                + "downloads. # begins a comment.",
            "exit, Ctrl-D, or Ctrl-C twice ends it in good order.",
        ],
        options: [PublishCommand.catalogue, keepGoing, PublishToken.file] + TransferOptions.ofConsole,
        examples: [
            .init("p2p-peer console --tracker 6969", "is a tracker, too: upload lists things there"),
            .init("p2p-peer console --to http://192.168.1.7:6969 --name Ann", "uses that of somebody else"),
            .init("printf 'download 2\\nwait\\n' | p2p-peer console --to http://192.168.1.7:6969", "a script"),
        ],
        exitCodes: Transfer.exitCodes)

    static let command: CommandProgram.Command = .init(spec, isService: true) {
        arguments, output throws(CommandError) in
        try run(arguments, output)
    }

    /// What is not over two seconds after its end was asked for is cut off.
    private static let farewell = Duration.milliseconds(2_500)

    private static func run(_ arguments: ParsedArguments, _ output: Output) throws(CommandError) -> ExitCode {
        try KernelChoice.apply()
        try PollerChoice.check()
        var options = try TransferOptions.node(arguments)
        options.detail = PeerDetail(verbosity: output.verbosity)
        options.showsPieces = arguments.has(TransferOptions.pieces)
        let folder = try arguments.value(TransferOptions.folder, .path) ?? "."
        try ContentFolderArgument.mayBeNew(folder, output)
        var trackers = try ConsoleTrackers(arguments, output)
        defer { trackers.stop() }
        let input = ConsoleInput()
        let screen = ConsoleScreen()
        let news = ConsoleNews()
        let view = TransferView(
            output: output, report: TransferReport(exitWhenDone: true, isInConsole: true),
            frame: Prompt.canBe(on: output) ? screen.show : nil)
        let node: PeerNode
        do throws(PeerFailure) {
            node = try PeerNode(options) { event in
                news.hear(event)
                view.show(event)
                input.poke()
            }
        } catch {
            throw CommandError(error.kind.exitCode, "\(error.message)")
        }
        let console = Console(
            arguments, output, .init(node: node, view: view, input: input, news: news), folder: folder,
            trackers: trackers, limits: options.limits)
        defer { trackers = console.trackers }
        console.joinOwnTracker()
        try console.introduce()
        return live(console, screen)
    }

    private static func live(_ console: Console, _ screen: ConsoleScreen) -> ExitCode {
        let (node, input) = (console.node, console.input)
        let prompt = Prompt(console.output, input, completer: ConsoleNames(console).completions)
        let cutOff: @Sendable () -> Void = {
            prompt?.close()
            exit(ExitCode.interrupted.rawValue)
        }
        input.onEnd {
            node.stop()
            Monitor.detachThread {
                Monitor.sleep(for: farewell)
                cutOff()
            }
        }
        let signals = EndingSignals(onEnd: { _ in input.end() }, onImpatience: cutOff)
        node.start()
        if let prompt {
            console.greet()
            screen.prompt = prompt
            prompt.start()
        } else {
            Monitor.detachThread { ScriptReader.read(into: input) }
        }
        let code = console.run(prompt)
        prompt?.close()
        node.stop()
        let outcome = node.waitUntilStopped()
        signals.cancel()
        console.view.end()
        guard prompt == nil, code == .success else { return code }
        if let failure = outcome.failures.first { return failure.kind.exitCode }
        return outcome.unfinished > 0 ? .unfinished : .success
    }
}
