internal import CommandLineKit
internal import TorrentCore

/// `p2p-peer show TORRENT`.
enum ShowCommand {
    static let spec = CommandSpec(
        "show", summary: "Says what is in a torrent.",
        arguments: [TorrentArgument.one],
        examples: [
            .init("p2p-peer show holiday.torrent", "for people"),
            .init("p2p-peer show holiday.torrent -v", "also what is odd about it"),
            .init("curl -s URL | p2p-peer show - --json", "for scripts, from standard input"),
        ],
        exitCodes: [.success, .failure, .usage, .notFound, .badTorrent, .inputOutput, .diskFull])

    static let command: CommandProgram.Command = .init(spec) { arguments, output throws(CommandError) in
        let metainfo = try TorrentArgument.metainfo(arguments.positionals[0])
        let summary = TorrentSummary(metainfo: metainfo)
        let magnet = MagnetLink(metainfo).description
        guard !output.isJSON else {
            output.event(summary.object(magnet: magnet))
            return .success
        }
        output.result("\(metainfo.name, .bold)")
        output.result(summary.lines(magnet: magnet, withRemarks: output.verbosity > 0))
        output.result("")
        FileTreeText(metainfo.files).forEachLine(glyphs: output.standardOutput.glyphs) { output.result($0) }
        return .success
    }
}
