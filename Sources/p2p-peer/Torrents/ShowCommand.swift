internal import CommandLineKit
internal import PeerRuntime
internal import TorrentCore

/// `p2p-peer show WHAT`.
enum ShowCommand {
    static let fetch = Option("fetch", help: "of a magnet link: get from peers what it leaves out")
    static let timeout = Option(
        "timeout", value: "SECONDS", default: "60", help: "with --fetch: how long to wait for peers; also 5m")

    static let spec = CommandSpec(
        "show", summary: "Says what is in a torrent, or in a magnet link.",
        details: [
            "With --fetch, what a link leaves out is fetched from peers and kept, so that it is not needed again."
        ],
        arguments: [TorrentArgument.oneSource],
        options: [
            fetch, SavedTorrent.option, timeout, TransferOptions.peer, TransferOptions.listen, TransferOptions.noDHT,
            TransferOptions.dhtBootstrap, TransferOptions.noLocalDiscovery, overwrite,
        ],
        examples: [
            .init("p2p-peer show holiday.torrent", "for people; -v also says what is odd about it"),
            .init("p2p-peer show 'magnet:?xt=urn:btih:…' --fetch", "what the link leads to; quote it"),
            .init("curl -s URL | p2p-peer show - --json", "for scripts, and for make --from-json; from standard input"),
        ],
        exitCodes: [
            .success, .failure, .usage, .notFound, .badTorrent, .inputOutput, .unfinished, .network, .diskFull,
            .interrupted,
        ])

    private static let overwrite = Option(TransferOptions.overwrite.name, help: "replace FILE of --save-torrent")

    static let command: CommandProgram.Command = .init(spec) { arguments, output throws(CommandError) in
        let saved = try SavedTorrent(arguments, torrents: 1, output)
        let (source, torrent) = try TorrentArgument.read(arguments.positionals[0], output)
        let metainfo =
            if arguments.has(fetch), source.metainfo == nil {
                try MetadataFetch(arguments, output).metainfo(of: source)
            } else {
                source.metainfo
            }
        if let metainfo {
            show(metainfo, torrent ?? metainfo.encoded, output)
            saved?.save(metainfo)
        } else if let link = source.link {
            guard saved == nil else {
                throw CommandError(.usage, "--save-torrent needs --fetch: a magnet link is no torrent")
            }
            show(link, output)
        }
        if let error = saved?.finish() { return error.exitCode }
        return .success
    }

    private static func show(_ metainfo: Metainfo, _ torrent: @autoclosure () -> [UInt8], _ output: Output) {
        let summary = TorrentSummary(metainfo: metainfo)
        let magnet = MagnetLink(metainfo).description
        guard !output.isJSON else { return output.event(summary.object(magnet: magnet, of: torrent())) }
        output.result("\(metainfo.name, .bold)")
        output.result(summary.lines(magnet: magnet, withRemarks: output.verbosity > 0))
        output.result("")
        FileTreeText(metainfo.files).forEachLine(glyphs: output.standardOutput.glyphs) { output.result($0) }
    }

    private static func show(_ link: MagnetLink, _ output: Output) {
        let summary = MagnetSummary(link: link)
        guard !output.isJSON else { return output.event(summary.object) }
        if let name = link.displayName { output.result("\(name, .bold)") }
        output.result(summary.lines)
        for peer in link.oddPeers { output.message("x.pe=\(peer) names no peer", level: 1) }
    }
}
