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
            prompt?.ask()
        }
        return prompt == nil ? code : .success
    }

    private var keepsGoing: Bool { prompt != nil || arguments.has(ConsoleCommand.keepGoing) }

    /// One command.
    func carryOut(_ line: ByteString) throws(CommandError) {
        try Self.check(line)
        let words = try CommandWords.split(line)
        guard let first = words.first else { return }
        let verb = try Verb.find(first, among: Self.verbs)
        let arguments = try verb.spec.parsed(words.dropFirst().map(path), home: home)
        for word in arguments.positionals { try Self.refuseStandardInput(word) }
        try verb.run(self, arguments)
    }

    private static func check(_ line: ByteString) throws(CommandError) {
        guard line.bytes.count <= LineBuffer.mostBytes else {
            throw CommandError(.usage, "the line is longer than any command")
        }
        guard !line.bytes.contains(0) else { throw CommandError(.usage, "a zero byte is part of no command") }
    }

    /// It is where commands come from.
    static func refuseStandardInput(_ word: ByteString) throws(CommandError) {
        if word == "-" { throw CommandError(.usage, "- is standard input, where commands come from: name a file") }
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

    /// Asks for a line; nil where none comes any more, or Ctrl-C does.
    func askForLine(_ question: TerminalText, for kind: ConsoleCompletion.Kind) throws(CommandError) -> ByteString? {
        prompt?.ask(question, for: kind)
        // What is typed while it works is a command again.
        defer { prompt?.ask() }
        guard let line = input.answer()?.text else { return nil }
        try Self.check(line)
        return line
    }

    /// Asks for a name or a number, which needs no quotes; nil if none is given.
    func ask(_ question: TerminalText, for kind: ConsoleCompletion.Kind) throws(CommandError) -> ByteString? {
        guard let line = try askForLine(question, for: kind) else { return nil }
        let answer = CommandWords.answer(line)
        return answer.isEmpty ? nil : answer
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
    func path(_ word: ByteString) -> ByteString { HomePath.expanded(word, home: home) }

    // MARK: Trackers

    /// From now on the list of the tracker at `url` is used, which is told what this host is called. `token`: to change
    /// that list.
    @discardableResult
    func use(_ url: ByteString, token: String? = nil) throws(CommandError) -> String {
        let name = try trackers.use(url, token: token)
        try introduce()
        return name
    }

    /// The tracker in use, it alone, is told the name for its list.
    func introduce() throws(CommandError) {
        guard let place = try trackers.announceAuthority() else { return }
        if let naming = try PeerName.usual(at: [place], arguments) { node.use(naming) }
    }

    /// The tracker that runs here hears of all torrents of the node, and the node at once of all who come there.
    func joinOwnTracker() {
        guard let own = trackers.own else { return }
        own.tell(node)
        news.tellNames(to: own)
        if !node.use(ownTrackerAt: own.endpoints) { own.sayOutOfReach(output) }
    }

    // MARK: Torrents

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
