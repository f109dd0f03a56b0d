internal import CommandLineKit
internal import PeerEvents
internal import PeerRuntime

/// `p2p-peer leech WHAT...`.
enum LeechCommand {
    static let spec = CommandSpec(
        "leech", aliases: ["download"], summary: "Downloads torrents into a folder, then serves them.",
        details: [
            "What is in DIR already is checked and kept if it is right. Ctrl-C ends it; the same command later goes "
                + "on from there.",
            "What a magnet link leaves out is fetched from peers first, and kept for the next start.",
        ],
        arguments: [TorrentArgument.manySources], options: TransferOptions.ofLeech,
        examples: [
            .init("p2p-peer leech holiday.torrent --dir ~/Downloads", "downloads, then seeds until Ctrl-C"),
            .init("p2p-peer leech 'magnet:?xt=urn:btih:…' -d /srv", "the same from a link, which needs quotes"),
        ],
        exitCodes: Transfer.exitCodes)

    static let command: CommandProgram.Command = .init(spec, isService: true, settings: IdentityArgument.settings) {
        arguments, output throws(CommandError) in
        try Transfer.run(.leech, arguments, output) { $0.ends.whenDone = arguments.has(TransferOptions.exitWhenDone) }
    }
}
