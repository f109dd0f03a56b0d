internal import ByteStrings
internal import CommandLineKit
internal import PeerRuntime
internal import TorrentCore
internal import TorrentIO

/// `p2p-peer publish PATH|TORRENT --to URL`.
enum PublishCommand {
    static let catalogue = Option(
        "to", value: "URL", help: "the tracker with the catalogue: http://HOST:PORT or HOST:PORT")

    /// For content that is made into a torrent.
    private static let making = [
        MakeCommand.name, MakeCommand.pieceLength, MakeCommand.isPrivate, MakeCommand.comment, MakeCommand.announce,
        MakeCommand.exclude, MakeCommand.include, MakeCommand.threads,
    ]

    static let spec = CommandSpec(
        "publish", summary: "Puts a torrent into a tracker's catalogue.",
        details: [
            "A file or folder that is no .torrent, nor its JSON, is made into one first. The tracker adds its own "
                + "address for whoever fetches it. Content is served by peers: the last line says how to be one.",
            "On the tracker's own machine it needs no token.",
        ],
        arguments: [
            .init(
                "PATH|TORRENT", completion: .file,
                help: "a file, a folder, or a .torrent, or its JSON; - is standard input")
        ],
        options: [catalogue, PublishToken.file] + making,
        examples: [
            .init(
                "p2p-peer publish holiday/ --to http://192.168.1.7:6969", "prints the number that others fetch it by"),
            .init("p2p-peer publish a.torrent --to 10.0.0.1:6969 --token-file token", "from another machine"),
        ],
        exitCodes: [
            .success, .failure, .usage, .notFound, .badTorrent, .inputOutput, .network, .diskFull, .interrupted,
        ])

    static let command: CommandProgram.Command = .init(spec) { arguments, output throws(CommandError) in
        try KernelChoice.apply()
        try PollerChoice.check()
        let client = try open(arguments, output)
        let path = arguments.positionals[0]
        let torrent = try TorrentArgument.torrent(ifAny: path)
        if torrent != nil { try expectNothingToMake(path, arguments) }
        // Before anything is hashed: is somebody there, and a catalogue?
        var query = CatalogueQuery()
        query.limit = 1
        _ = try client.explaining { () throws(CatalogueError) in try client.list(query) }
        let new: (torrent: [UInt8], folder: ByteString?) =
            if let torrent { (torrent, nil) } else { try made(path, arguments, for: client, output) }
        let metainfo = try TorrentArgument.metainfo(of: new.torrent, named: path)
        let (entry, isNew) = try client.explaining { () throws(CatalogueError) in
            let answer = try client.publish(new.torrent)
            guard answer.entry.infoHash == metainfo.infoHash else {
                throw .wrongTorrent(wanted: metainfo.infoHash, came: answer.entry.infoHash)
            }
            return answer
        }
        say(entry, isNew, in: client, content: new.folder, output)
        return .success
    }

    /// The catalogue of `--to`.
    static func open(_ arguments: ParsedArguments, _ output: Output) throws(CommandError) -> CatalogueClient {
        guard let place = try arguments.value(catalogue, .path) else {
            throw CommandError(.usage, "--to is missing: the tracker's URL (for example --to http://192.168.1.7:6969)")
        }
        let token = try PublishToken.value(arguments, output)
        return try CatalogueClient.open(try WebAddress.catalogue(place), token: token)
    }

    private static func expectNothingToMake(_ path: ByteString, _ arguments: ParsedArguments) throws(CommandError) {
        guard let option = making.first(where: { arguments.isOnCommandLine($0) }) else { return }
        throw CommandError(
            .usage, "\(TorrentArgument.place(path)) is a torrent, and published as it is: leave out --\(option.name)")
    }

    /// A new torrent, and the folder in which a seeder finds what it names.
    private static func made(
        _ path: ByteString, _ arguments: ParsedArguments, for client: CatalogueClient, _ output: Output
    ) throws(CommandError) -> (torrent: [UInt8], folder: ByteString?) {
        var request = try MakeRequest(arguments)
        // To a private torrent, a tracker adds nothing.
        if request.isPrivate, request.tiers.isEmpty { request.tiers = [[try announceURL(of: client)]] }
        let maker = try MakeCommand.making { () throws(MakeError) in
            try TorrentMaker(path: path, options: request.options)
        }
        MakeCommand.say(skipped: maker.skipped, output)
        var builder = try MakeCommand.hash(maker, output)
        request.apply(to: &builder)
        return (builder.encoded, try? maker.contentFolder())
    }

    /// Where a private torrent finds its peers, and nowhere else: by an address of this machine alone nobody would.
    private static func announceURL(of client: CatalogueClient) throws(CommandError) -> String {
        guard client.isForThisMachineAlone else { return "\(client.name)/announce" }
        throw CommandError(
            .usage,
            """
            a private torrent names its tracker, and others do not reach it by \(client.name): \
            say with --announce by which URL they do
            """)
    }

    /// `content`: the folder of what was made into a torrent.
    private static func say(
        _ entry: CatalogueEntry, _ isNew: Bool, in client: CatalogueClient, content: ByteString?, _ output: Output
    ) {
        let url = client.name + entry.torrentTarget
        guard !output.isJSON else {
            return output.event([
                "event": "published", "number": .integer(Int64(entry.number)), "infohash": .string("\(entry.infoHash)"),
                "name": .bytes(entry.name), "new": .bool(isNew), "url": .string(url),
            ])
        }
        let what: TerminalText = isNew ? "is number \(entry.number)" : "was there already, as number \(entry.number),"
        output.result("\(entry.name, .bold) \(what) at \(client.name)")
        let get = "p2p-peer get \(ShellWord.quoted(client.name)) \(entry.number)"
        var table = Table()
        table.add("fetch it", "\(get)")
        table.add("torrent", "\(url)")
        if let content { table.add("serve it", "\(get) --seed --dir \(ShellWord.quoted(content))") }
        output.result(table.lines)
    }
}
