internal import CommandLineKit
internal import PeerEvents
internal import PeerRuntime

/// `p2p-peer leech TORRENT...`.
enum LeechCommand {
    static let spec = CommandSpec(
        "leech", aliases: ["download", "get"], summary: "Downloads torrents into a folder, then serves them.",
        details: [
            "What is in DIR already is checked and kept if it is right. Ctrl-C ends it; the same command later goes "
                + "on from there."
        ],
        arguments: [TorrentArgument.many], options: TransferOptions.all,
        examples: [
            .init("p2p-peer leech holiday.torrent --dir ~/Downloads", "downloads, then seeds until Ctrl-C"),
            .init("p2p-peer get holiday.torrent -d /tmp -e --json", "ends when complete, speaks JSON"),
        ],
        exitCodes: Transfer.exitCodes)

    static let command: CommandProgram.Command = .init(spec, isService: true) {
        arguments, output throws(CommandError) in
        try Transfer.run(.leech, arguments, output)
    }
}
