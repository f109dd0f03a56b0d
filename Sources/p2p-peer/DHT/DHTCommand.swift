internal import ByteStrings
internal import CommandLineKit
internal import PeerEvents
internal import PeerRuntime
internal import Synchronization
internal import TorrentCore
internal import TorrentIO
internal import TransferReporting

/// `p2p-peer dht ping|lookup|announce|stats`.
enum DHTCommand {
    /// The first argument.
    enum Action: String, CaseIterable {
        case ping, lookup, announce, stats
    }

    static let port = Option("port", value: "N", help: "with announce: where the torrent can be had")
    static let timeout = Option(
        "timeout", value: "SECONDS", default: "30", help: "how long to wait for what comes of it; also 2m")
    private static let listen = Option(
        TransferOptions.listen.name, value: "[ADDR:]PORT", default: "any free one", help: "the UDP port to ask from")

    private static let usualTimeout = Duration.seconds(30)

    static let spec = CommandSpec(
        "dht", summary: "Asks the DHT by hand.",
        details: [
            "ping HOST:PORT asks whether a node is there; lookup TORRENT who has a torrent; announce TORRENT --port N "
                + "says that it can be had at that port of ours; stats who our neighbours are. TORRENT is an info hash "
                + "of 40 digits, a magnet link or a .torrent file.",
            "A node of its own does it, which answers nobody and begins with the nodes that the last run of a peer "
                + "has kept; it says which nodes it asked, how far they were from those that were known, and how "
                + "long they took. A port that is announced is forgotten after half an hour.",
        ],
        arguments: [
            .init(
                "ACTION", completion: .words(Action.allCases.map(\.rawValue)), help: "ping, lookup, announce or stats"),
            .init("WHAT", .optional, completion: .file, help: "a node for ping, a torrent for lookup and announce"),
        ],
        options: [port, timeout, TransferOptions.dhtBootstrap, listen],
        examples: [
            .init("p2p-peer dht ping dht.libtorrent.org:25401", "is it there, and how far away"),
            .init("p2p-peer dht lookup 'magnet:?xt=urn:btih:…'", "who has it; quote the link"),
            .init("p2p-peer dht stats --dht-bootstrap 192.168.1.7:6881", "in a DHT of your own"),
        ],
        exitCodes: [.success, .failure, .usage, .notFound, .badTorrent, .inputOutput, .network, .interrupted])

    static let command: CommandProgram.Command = .init(spec) { arguments, output throws(CommandError) in
        try run(arguments, output)
    }

    private static func run(_ arguments: ParsedArguments, _ output: Output) throws(CommandError) -> ExitCode {
        try PollerChoice.check()
        let action = try action(arguments)
        let question = try question(action, arguments)
        // Who asks by hand means it, whatever the settings say of transfers: the port that they name is that of a peer
        // which may be running now.
        let options = try TransferOptions.dhtOptions(arguments)
        let place = arguments.isOnCommandLine(listen) ? try arguments.value(listen, .listen) : nil
        let endpoint = try place.map { (place) throws(CommandError) in
            try TransferOptions.endpoint(place, of: listen, arguments)
        }
        let limit = try arguments.value(timeout, .duration(unit: .seconds(1))) ?? usualTimeout
        let view = DHTView(output)
        let wasInterrupted = Mutex(false)
        let answers: [DHTInquirer.Answer]
        do throws(PeerFailure) {
            let inquirer = try DHTInquirer(question, options, listen: endpoint) { view.show($0) }
            let signals = EndingSignals(
                onEnd: { _ in
                    wasInterrupted.withLock { $0 = true }
                    inquirer.giveUp()
                }, onImpatience: {})
            answers = inquirer.ask(within: limit)
            signals.cancel()
        } catch {
            throw CommandError(error.kind.exitCode, "\(error.message)")
        }
        if wasInterrupted.withLock(\.self) { throw CommandError(.interrupted, "interrupted before it was done") }
        let verdict = DHTVerdict(
            action: action, question: question, answers: answers, limit: limit, problem: view.problem)
        return try verdict.tell(view, output)
    }

    private static func action(_ arguments: ParsedArguments) throws(CommandError) -> Action {
        let word = arguments.positionals[0]
        guard let action = word.text.flatMap(Action.init(rawValue:)) else {
            let names = Action.allCases.map(\.rawValue).joined(separator: ", ")
            throw CommandError(.usage, "dht \(word): there is \(names)")
        }
        return action
    }

    private static func question(
        _ action: Action, _ arguments: ParsedArguments
    ) throws(CommandError) -> DHTInquirer.Question {
        let what = arguments.positionals.dropFirst().first
        if action == .stats {
            guard what == nil else { throw CommandError(.usage, "dht stats takes no argument") }
            return .neighbours
        }
        guard let what else {
            throw CommandError(.usage, "dht \(action.rawValue) needs \(action == .ping ? "HOST:PORT" : "a torrent")")
        }
        switch action {
        case .ping, .stats:
            guard let place = ValueParser<HostPort>.hostAndPort.parse(what), let host = place.host else {
                throw CommandError(.usage, "\"\(what)\" is not \(ValueParser<HostPort>.hostAndPort.expected)")
            }
            return .ping(PeerAddress(host: host, port: place.port))
        case .lookup: return .peers(of: try infoHash(what))
        case .announce:
            guard let port = try arguments.value(port, .integer(1...65_535)) else {
                throw CommandError(.usage, "dht announce needs --port N: where the torrent can be had")
            }
            return .announce(try infoHash(what), port: UInt16(port))
        }
    }

    private static func infoHash(_ what: ByteString) throws(CommandError) -> InfoHash {
        if let text = what.text, let hash = InfoHash(hex: text) { return hash }
        let source = try TorrentArgument.local(what)
        guard source.metainfo?.isPrivate != true else {
            throw CommandError(.usage, "\(what) is private: the DHT is not to hear of it")
        }
        return source.infoHash
    }
}
