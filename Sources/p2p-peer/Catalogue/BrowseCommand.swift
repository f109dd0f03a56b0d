internal import ByteStrings
internal import CommandLineKit
internal import PeerRuntime
internal import TorrentCore
internal import TorrentIO

/// `p2p-peer browse URL`.
enum BrowseCommand {
    private static let keys = CatalogueQuery.Key.allCases.map(\.rawValue)

    static let sort = Option(
        "sort", value: "KEY", default: "number", completion: .words(keys), isSetting: false,
        help: "\(keys.joined(separator: ", ")); with - before it the other way round")
    static let search = Option(
        "search", value: "TEXT", isSetting: false, help: "only names with each word of it, or this info hash")
    static let limit = Option(
        "limit", value: "N", default: "100; all with --json", isSetting: false, help: "show so many at most")
    static let catalogue = CommandSpec.Argument(
        "URL", help: "a tracker with a catalogue: http://HOST:PORT or HOST:PORT")

    static let spec = CommandSpec(
        "browse", summary: "Shows what a tracker's catalogue has.",
        details: [
            "Of each torrent: its number, name, size and files, the seeders with their names, how many fetch it "
                + "(leech), how many have got it (got), and since when it is there (age)."
        ],
        arguments: [catalogue], options: [sort, search, limit],
        examples: [
            .init("p2p-peer browse http://192.168.1.7:6969", "what is on offer there, the newest first"),
            .init("p2p-peer browse 192.168.1.7:6969 --search holiday --sort size", "the largest first"),
            .init("p2p-peer get http://192.168.1.7:6969 3", "then fetches number 3"),
        ],
        exitCodes: [.success, .failure, .usage, .notFound, .inputOutput, .network, .diskFull])

    static let command: CommandProgram.Command = .init(spec) { arguments, output throws(CommandError) in
        try PollerChoice.check()
        var query = CatalogueQuery()
        if let order = try arguments.value(sort, .catalogueOrder) { (query.key, query.isReversed) = order }
        query.text = try arguments.value(search, .searchText) ?? ""
        let mostGiven = try arguments.value(limit, .integer(1...CatalogueClient.mostTorrents))
        let most = mostGiven ?? (output.isJSON ? CatalogueClient.mostTorrents : 100)
        let client = try CatalogueClient.open(try WebAddress.catalogue(arguments.positionals[0]))
        let listing = try client.explaining { () throws(CatalogueError) in try client.all(query, most: most) }
        if output.isJSON {
            for entry in listing.torrents { output.event(entry.object(at: client.name)) }
        } else {
            show(listing, of: client.name, isSearch: !query.text.isEmpty, output)
        }
        return .success
    }

    private static func show(_ listing: CatalogueListing, of name: String, isSearch: Bool, _ output: Output) {
        let (shown, total) = (listing.torrents.count, listing.total)
        guard shown > 0 else {
            output.result(isSearch ? "\(name) has nothing like that." : "\(name) has nothing to offer yet.")
            return
        }
        output.result(lines(listing.torrents, on: output.standardOutput))
        output.result("")
        let count = HumanUnits.count(total, "torrent", "torrents")
        let which: TerminalText = shown < total ? "\(HumanUnits.count(shown)) of \(count)" : "\(count)"
        output.result("\(which). To fetch one: p2p-peer get \(ShellWord.quoted(name)) NUMBER")
    }

    /// The table, as wide as the window.
    static func lines(_ entries: [CatalogueEntry], on terminal: Terminal) -> [TerminalText] {
        CatalogueTable(
            entries: entries, now: WallClock.secondsSince1970(),
            width: terminal.isInteractive ? terminal.columns - 1 : nil
        ).lines
    }
}

extension ValueParser<(CatalogueQuery.Key, Bool)> {
    fileprivate static var catalogueOrder: ValueParser<(CatalogueQuery.Key, Bool)> {
        let words = CatalogueQuery.Key.allCases.map(\.rawValue).joined(separator: ", ")
        return ValueParser(expected: "one of \(words), with - before it for the other way round") { text in
            let isReversed = text.hasPrefix("-")
            return CatalogueQuery.Key(rawValue: isReversed ? String(text.dropFirst()) : text).map { ($0, isReversed) }
        }
    }
}

extension ValueParser<ByteString> {
    fileprivate static var searchText: ValueParser<ByteString> {
        ValueParser(expected: "a text of at most \(CatalogueQuery.textLimit) bytes") { (bytes: ByteString) in
            bytes.bytes.count <= CatalogueQuery.textLimit ? bytes : nil
        }
    }
}
