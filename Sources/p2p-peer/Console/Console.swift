internal import ByteStrings
internal import CommandLineKit
internal import PeerEvents
internal import PeerRuntime
internal import TorrentCore
internal import TorrentIO
internal import TransferReporting

/// A prompt, or a script, that a live peer obeys: lines come in, commands are carried out one after another. All but
/// the prompt happens on the thread that calls `run`.
final class Console {
    /// What the console shares with other threads.
    struct Surroundings {
        let node: PeerNode
        let view: TransferView
        let input: ConsoleInput
        let news: ConsoleNews
    }

    let output: Output
    let node: PeerNode
    let torrents: ConsoleTorrents
    let view: TransferView
    let input: ConsoleInput
    /// What was called with.
    let arguments: ParsedArguments
    /// Where downloads go unless another folder is named.
    let folder: ByteString
    let home = ProcessEnvironment.value(of: "HOME").flatMap { $0.isEmpty ? nil : $0 }
    let news: ConsoleNews
    /// Of all torrents together.
    var limits: TransferLimits
    /// Nil for a script.
    private(set) var prompt: Prompt?
    var hasLeft = false
    /// The tracker that `upload` and `list` speak of, and the one that runs here.
    var trackers: ConsoleTrackers
    /// How a script ends.
    private var code = ExitCode.success

    init(
        _ arguments: ParsedArguments, _ output: Output, _ surroundings: Surroundings, folder: ByteString,
        trackers: ConsoleTrackers, limits: TransferLimits
    ) {
        let node = surroundings.node
        (view, input, news) = (surroundings.view, surroundings.input, surroundings.news)
        self.limits = limits
        self.arguments = arguments
        self.output = output
        self.node = node
        self.folder = folder
        self.trackers = trackers
        torrents = ConsoleTorrents(node)
    }

    /// Carries out what is typed until somebody leaves; the exit code.
    func run(_ prompt: Prompt?) -> ExitCode {
        self.prompt = prompt
        while !hasLeft, let line = input.next() {
            do throws(CommandError) {
                try carryOut(line.text)
            } catch {
                say(error, of: line)
                if code == .success { code = error.exitCode }
                if !keepsGoing { break }
            }
            prompt?.showJob([])
            prompt?.ask(Prompt.usual)
        }
        return prompt == nil ? code : .success
    }

    private var keepsGoing: Bool { prompt != nil || arguments.has(ConsoleCommand.keepGoing) }

    /// One command.
    func carryOut(_ line: ByteString) throws(CommandError) {
        guard line.bytes.count <= LineBuffer.mostBytes else {
            throw CommandError(.usage, "the line is longer than any command")
        }
        guard !line.bytes.contains(0) else { throw CommandError(.usage, "a zero byte is part of no command") }
        let words = try CommandWords.split(line)
        guard let first = words.first else { return }
        let verb = try Verb.find(first, among: Self.verbs)
        try verb.run(self, try verb.spec.parsed(words.dropFirst().map(path), home: home))
    }

    private func say(_ error: CommandError, of line: ConsoleInput.Line?) {
        guard prompt == nil else {
            if output.isJSON { return output.error(error, program: "p2p-peer") }
            return output.message("\("error", .bad): \(error.message)", level: -1)
        }
        let place: TerminalText = line.map { "line \($0.number): \(error.message)" } ?? error.message
        output.error(CommandError(error.exitCode, place, slug: error.slug), program: "p2p-peer")
    }

    // MARK: For the verbs

    /// A result: nothing with `--json`.
    func say(_ line: TerminalText) { if !output.isJSON { output.result(line) } }

    func say(_ lines: [TerminalText]) { for line in lines { say(line) } }

    /// Asks for a line; nil where none comes any more.
    func askForLine(_ question: TerminalText) -> ByteString? {
        prompt?.ask(question)
        return input.next()?.text
    }

    /// Asks for a name or a number, which needs no quotes; nil if none is given.
    func ask(_ question: TerminalText) -> ByteString? {
        guard let line = askForLine(question), let words = try? CommandWords.split(line), !words.isEmpty else {
            return nil
        }
        return words.count == 1 ? words[0] : ByteString(line.bytes.filter { $0 != 0x0D })
    }

    /// An error within a menu does not end it, but where it would end a script.
    func forgive(_ error: CommandError) throws(CommandError) {
        guard keepsGoing else { throw error }
        say(error, of: nil)
        if code == .success { code = error.exitCode }
    }

    /// What a long piece of work asks and tells.
    var work: LongWork {
        LongWork(isCancelled: { [input] in input.isCancelled }, frame: prompt?.showJob)
    }

    /// As a shell would hand it over.
    private func path(_ word: ByteString) -> ByteString { HomePath.expanded(word, home: home) }

    /// Takes a torrent in.
    func add(_ source: TorrentSource, to folder: ByteString, as role: PeerRole) throws(CommandError) {
        if let known = torrents.all.first(where: { $0.status.infoHash == source.infoHash }) {
            throw CommandError(.failure, "\(source.name) is here already, as number \(known.number)", slug: "exists")
        }
        view.add(source, role)
        news.begin(source.infoHash, source.metainfo)
        try asking { () throws(NodeError) in try node.add(source, folder: folder, role: role) }
        let number = torrents.number(of: source.infoHash)
        if output.isJSON {
            output.event([
                "event": "added", "number": .integer(Int64(number)), "infohash": .string(source.infoHash.description),
                "name": .bytes(source.name), "dir": .bytes(folder),
            ])
        }
    }

    /// Asks the node for something.
    @discardableResult
    func asking<Result>(_ body: () throws(NodeError) -> Result) throws(CommandError) -> Result {
        do { return try body() } catch {
            throw CommandError(error.failure.kind.exitCode, "\(error.description)")
        }
    }
}
