internal import CommandLineKit
internal import PeerEvents
internal import PeerRuntime

/// `p2p-peer seed TORRENT...`.
enum SeedCommand {
    static let spec = CommandSpec(
        "seed", summary: "Serves the content of torrents to other peers.",
        details: [
            "The content is checked first, or a record of the last run is trusted if nothing has changed since. What "
                + "is there is served, what is missing is said. Ctrl-C ends it.",
            "With --tracker it says the magnet link by which others join; --save-torrent writes a .torrent that names "
                + "the tracker here, for those who take no links.",
        ],
        arguments: [TorrentArgument.many], options: TransferOptions.ofSeed,
        examples: [
            .init("p2p-peer seed holiday.torrent --dir ~/Pictures", "~/Pictures/holiday holds the files"),
            .init("p2p-peer seed mine.torrent --super-seed", "as little as possible is sent until somebody has it all"),
            .init("p2p-peer seed a.torrent b.torrent -d /srv --upload-limit 2M", "both, 2 MiB/s in all"),
            .init(
                "p2p-peer seed a.torrent -d /srv --tracker 7000 --save-torrent lan.torrent",
                "is its tracker as well; lan.torrent and the link that is said find it"),
        ],
        exitCodes: Transfer.exitCodes)

    static let command: CommandProgram.Command = .init(spec, isService: true, settings: IdentityArgument.settings) {
        arguments, output throws(CommandError) in
        // It would end before anybody has got anything. In a configuration file the option may be meant for other
        // commands.
        guard !arguments.isOnCommandLine(TransferOptions.exitWhenDone) else {
            throw CommandError(.usage, "seed -e would end at once; use --seed-time or --seed-ratio")
        }
        return try Transfer.run(.seed, arguments, output)
    }
}
