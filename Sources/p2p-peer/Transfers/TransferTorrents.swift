internal import ByteStrings
internal import CommandLineKit
internal import PeerEvents
internal import PeerRuntime
internal import TorrentCore

/// The torrents of a command in order, each once, with what all of its files and links know of who has it.
struct TransferTorrents {
    private(set) var sources: [TorrentSource] = []
    /// What is to be said about those that stand there twice.
    private(set) var notices: [PeerEvent] = []
    /// Host and port of each tracker whose catalogue has one of them.
    private(set) var catalogues: [String] = []

    /// Standard input can be read only once. `seed` needs .torrent files. Content is in `folder`.
    /// What `get` has behind WHAT says which of a catalogue.
    init(
        _ arguments: ParsedArguments, _ role: PeerRole, in folder: ByteString, _ output: Output
    ) throws(CommandError) {
        let place = StatedPlace(role, arguments, in: folder)
        guard arguments.positionals.count(where: { $0 == "-" }) <= 1 else {
            throw CommandError(.usage, "standard input holds one torrent, so - can stand only once")
        }
        let takesOne = arguments.command.name == GetCommand.spec.name
        let selection = takesOne ? arguments.positionals.dropFirst().first : nil
        for argument in takesOne ? arguments.positionals.prefix(1) : arguments.positionals[...] {
            guard role != .seed else {
                let metainfo = try TorrentArgument.metainfo(argument, for: arguments.command.name)
                add(TorrentSource(try place.placed(metainfo)), argument)
                continue
            }
            let (source, tracker) = try TorrentArgument.source(argument, selection: selection, output)
            if let tracker = tracker(), !catalogues.contains(tracker) { catalogues.append(tracker) }
            add(try place.placed(source), argument)
        }
    }

    private mutating func add(_ source: TorrentSource, _ argument: ByteString) {
        guard let known = sources.firstIndex(where: { $0.infoHash == source.infoHash }) else {
            return sources.append(source)
        }
        let isOfUse = sources[known].adopt(source)
        let text =
            isOfUse
            ? "its trackers are asked too"
            : sources[known].metainfo?.isPrivate == true
                ? "as it is private, only the trackers of the first are asked" : "it names no other trackers"
        let notice = PeerNotice(code: "same_torrent", text: "\(argument) is the same torrent: \(text)")
        notices.append(.notice(source.infoHash, notice))
    }

    /// Those of which more than the link is known.
    var metainfos: [Metainfo] { sources.compactMap(\.metainfo) }
}
