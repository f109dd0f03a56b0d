internal import ByteStrings
internal import CommandLineKit
internal import PeerRuntime
internal import TorrentCore

/// `p2p-peer unpublish WHAT --to URL`.
enum UnpublishCommand {
    static let spec = CommandSpec(
        "unpublish", summary: "Takes a torrent out of a tracker's catalogue.",
        details: ["Whoever has it keeps it, and its number is never given to another one."],
        arguments: [
            .init(
                "WHAT", completion: .fileEnding("torrent"),
                help: "its number, info hash or whole name there, or a .torrent file")
        ],
        options: [PublishCommand.catalogue, PublishToken.file],
        examples: [
            .init("p2p-peer unpublish 3 --to http://192.168.1.7:6969", "number 3 is offered no longer"),
            .init("p2p-peer unpublish a.torrent --to 10.0.0.1:6969 --token-file token", "from another machine"),
        ],
        exitCodes: [.success, .failure, .usage, .notFound, .badTorrent, .inputOutput, .network, .diskFull])

    static let command: CommandProgram.Command = .init(spec) { arguments, output throws(CommandError) in
        try PollerChoice.check()
        let client = try PublishCommand.open(arguments, output)
        let entry = try entry(arguments.positionals[0], in: client, output)
        try client.explaining { () throws(CatalogueError) in try client.withdraw(.infoHash(entry.infoHash)) }
        if output.isJSON {
            output.event([
                "event": "unpublished", "number": .integer(Int64(entry.number)),
                "infohash": .string("\(entry.infoHash)"), "name": .bytes(entry.name),
            ])
        } else {
            output.result("\(entry.name), number \(entry.number), is no longer offered at \(client.name)")
        }
        return .success
    }

    private static func entry(
        _ what: ByteString, in client: CatalogueClient, _ output: Output
    ) throws(CommandError) -> CatalogueEntry {
        // A file of that name is often its content.
        guard what == "-" || FileStatus.exists(what), let torrent = try TorrentArgument.torrent(ifAny: what) else {
            return try CataloguePick(catalogue: client, output: output).entry(what)
        }
        let metainfo = try TorrentArgument.metainfo(of: torrent, named: what)
        return try client.explaining { () throws(CatalogueError) in try client.entry(.infoHash(metainfo.infoHash)) }
    }
}
