internal import CommandLineKit
internal import PeerEvents
internal import PeerRuntime

/// `p2p-peer get WHAT`.
enum GetCommand {
    static let seed = Option("seed", help: "go on to serve when it is complete, until Ctrl-C")

    static let spec = CommandSpec(
        "get", summary: "Fetches a torrent into a folder, and ends.",
        details: [
            "It serves others while it fetches. What is in DIR already is checked and kept if it is right; the same "
                + "command later goes on from there.",
            "What a magnet link leaves out is fetched from peers first, and kept for the next start. Of a catalogue "
                + "whose URL stands alone, it shows the list and asks. The last line says where it was put.",
            "A tracker whose catalogue it comes from is told this host's name for its list, unless --name gives "
                + "another; other trackers are told only what --name gives.",
        ],
        arguments: [TorrentArgument.oneSource, TorrentArgument.selection], options: TransferOptions.ofGet,
        examples: [
            .init("p2p-peer get 'magnet:?xt=urn:btih:…' --dir ~/Downloads", "what the link names; quote it"),
            .init("p2p-peer get http://192.168.1.7:6969 3", "number 3 of that catalogue; p2p-peer browse shows all"),
            .init("p2p-peer get holiday.torrent -d /tmp --json", "speaks JSON"),
        ],
        exitCodes: Transfer.exitCodes)

    static let command: CommandProgram.Command = .init(spec, isService: true, settings: IdentityArgument.settings) {
        arguments, output throws(CommandError) in
        try Transfer.run(.leech, arguments, output) { $0.ends.whenDone = !arguments.has(seed) }
    }
}
