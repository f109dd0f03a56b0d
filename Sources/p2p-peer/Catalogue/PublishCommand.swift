internal import ByteStrings
internal import CommandLineKit
internal import PeerRuntime
internal import TorrentCore
internal import TorrentIO

/// `p2p-peer publish PATH|TORRENT --to URL`.
enum PublishCommand {
    static let catalogue = Option(
        "to", value: "URL", help: "the tracker with the catalogue: http://HOST:PORT or HOST:PORT")

    static let spec = CommandSpec(
        "publish", summary: "Puts a torrent into a tracker's catalogue.",
        details: [
            "A file or folder that is no .torrent is made into one first. The tracker adds its own address for "
                + "whoever fetches it. Content is served by peers: the last line says how to be one.",
            "On the tracker's own machine it needs no token.",
        ],
        arguments: [
            .init("PATH|TORRENT", completion: .file, help: "a file, a folder, or a .torrent; - is standard input")
        ],
        options: [
            catalogue, PublishToken.file, MakeCommand.name, MakeCommand.pieceLength, MakeCommand.isPrivate,
            MakeCommand.comment, MakeCommand.announce, MakeCommand.exclude, MakeCommand.include, MakeCommand.threads,
        ],
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
        // Before anything is hashed: is somebody there, and a catalogue?
        var query = CatalogueQuery()
        query.limit = 1
        _ = try client.explaining { () throws(CatalogueError) in try client.list(query) }
        let isTorrent = path == "-" || isTorrent(path)
        let bytes = try isTorrent ? TorrentArgument.bytes(path) : made(path, arguments, for: client, output)
        let metainfo = try TorrentArgument.metainfo(of: bytes, named: path)
        let (entry, isNew) = try client.explaining { () throws(CatalogueError) in
            let answer = try client.publish(bytes)
            guard answer.entry.infoHash == metainfo.infoHash else {
                throw .wrongTorrent(wanted: metainfo.infoHash, came: answer.entry.infoHash)
            }
            return answer
        }
        say(entry, isNew, in: client, content: isTorrent ? nil : path, output)
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

    /// A file that begins as a torrent does, and is one or is called one.
    private static func isTorrent(_ path: ByteString) -> Bool {
        guard !FileStatus.isFolder(path), WebContent(FileStatus.start(of: path, count: 64)) == .bencode else {
            return false
        }
        if path.bytes.reversed().starts(with: ".torrent".utf8.reversed()) { return true }
        return (try? TorrentArgument.metainfo(of: TorrentArgument.bytes(path), named: path)) != nil
    }

    private static func made(
        _ path: ByteString, _ arguments: ParsedArguments, for client: CatalogueClient, _ output: Output
    ) throws(CommandError) -> [UInt8] {
        var request = try MakeRequest(arguments)
        // To a private torrent, a tracker adds nothing.
        if request.isPrivate, request.tiers.isEmpty { request.tiers = [["\(client.name)/announce"]] }
        let maker = try MakeCommand.making { () throws(MakeError) in
            try TorrentMaker(path: path, options: request.options)
        }
        MakeCommand.say(skipped: maker.skipped, output)
        var builder = try MakeCommand.hash(maker, output)
        request.apply(to: &builder)
        return builder.encoded
    }

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
        var table = Table()
        table.add("fetch it", "p2p-peer get \(client.name) \(entry.number)")
        table.add("torrent", "\(url)")
        if let content {
            table.add("serve it", "p2p-peer get \(client.name) \(entry.number) --seed --dir \(folder(of: content))")
        }
        output.result(table.lines)
    }

    /// The folder that holds the content, for `--dir`.
    private static func folder(of path: ByteString) -> ByteString {
        path.lastComponent == "." || path.lastComponent == ".." ? path.appending("..") : path.parent
    }
}
