internal import CommandLineKit
internal import TorrentCore

/// `p2p-peer magnet TORRENT`.
enum MagnetCommand {
    static let spec = CommandSpec(
        "magnet", summary: "Prints the magnet link of a torrent.", arguments: [TorrentArgument.one],
        examples: [.init("p2p-peer magnet holiday.torrent", "a link that says which torrent and which trackers")],
        exitCodes: [.success, .failure, .usage, .notFound, .badTorrent, .inputOutput, .diskFull])

    static let command: CommandProgram.Command = .init(spec) { arguments, output throws(CommandError) in
        let metainfo = try TorrentArgument.metainfo(arguments.positionals[0], for: spec.name)
        let magnet = MagnetLink(metainfo).description
        if output.isJSON {
            output.event(["infohash": .string(metainfo.infoHash.description), "magnet": .string(magnet)])
        } else {
            output.result("\(magnet)")
        }
        return .success
    }
}
