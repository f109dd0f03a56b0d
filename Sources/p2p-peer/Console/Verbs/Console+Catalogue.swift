internal import ByteStrings
internal import CommandLineKit
internal import PeerEvents
internal import PeerRuntime
internal import TorrentCore

// What trackers offer.
extension Console {
    private static let url = CommandSpec.Argument("URL", .optional, help: "of a tracker; else the one in use")

    static let list = Verb(
        CommandSpec(
            verb: "list", aliases: ["browse", "ls"], summary: "Shows what a tracker offers, with numbers.",
            details: ["download N fetches one of them."], arguments: [url])
    ) { console, arguments throws(CommandError) in
        if let url = arguments.positionals.first { try console.use(url) }
        try console.list()
    }

    func list() throws(CommandError) {
        let client = try trackers.inUse()
        let listing = try client.explaining(input) { () throws(CatalogueError) in try client.all(CatalogueQuery()) }
        trackers.offers.all = listing.torrents.map { ($0.number, $0.name) }
        guard !output.isJSON else {
            for entry in listing.torrents { output.event(entry.object(at: client.name)) }
            return
        }
        guard !listing.torrents.isEmpty else { return say("\(client.name) has nothing to offer yet") }
        say(BrowseCommand.lines(listing.torrents, on: output.standardOutput))
    }

    static let download = Verb(
        CommandSpec(
            verb: "download", aliases: ["get"], summary: "Fetches something, then serves it to others.",
            arguments: [
                .init("WHAT", help: "a number or a name of the list; a .torrent file, a URL, or a magnet link"),
                .init("DIR", .optional, help: "where it goes; else the folder of the console"),
            ],
            examples: [
                .init("download 2", "number 2 of the list"), .init("download holiday ~/Pictures", "by its name"),
            ]),
        completes: [.offered, .folder]
    ) { console, arguments throws(CommandError) in
        let words = arguments.positionals
        let folder = words.count > 1 ? words[1] : console.folder
        try ContentFolderArgument.mayBeNew(folder, console.output)
        try console.download(try console.source(words[0]), to: folder)
    }

    /// What the list that was just shown has by this number or name, whatever files are here.
    func downloadOfList(_ word: ByteString) throws(CommandError) {
        try ContentFolderArgument.mayBeNew(folder, output)
        try download(try sourceOfList(word, try trackers.inUse()), to: folder)
    }

    private func download(_ source: TorrentSource, to folder: ByteString) throws(CommandError) {
        try add(source, to: folder, as: .leech)
        if prompt != nil { say("fetching \(source.name) into \(folder); status shows how far it is") }
    }

    static let publish = Verb(
        CommandSpec(
            verb: "publish", summary: "Puts a torrent into the list of the tracker in use.",
            arguments: [
                .init("N|TORRENT", help: "a torrent of this console, or a .torrent file"), url,
            ]),
        completes: [.ours]
    ) { console, arguments throws(CommandError) in
        let words = arguments.positionals
        if words.count > 1 { try console.use(words[1]) }
        try console.publish(try console.metainfo(words[0]).encoded)
    }

    static let unpublish = Verb(
        CommandSpec(
            verb: "unpublish", summary: "Takes a torrent out of the list of the tracker in use.",
            arguments: [.init("NUMBER|NAME", help: "as the list has it"), url]),
        completes: [.offered]
    ) { console, arguments throws(CommandError) in
        let words = arguments.positionals
        if words.count > 1 { try console.use(words[1]) }
        let client = try console.trackers.inUse()
        let entry = try console.entry(words[0], of: client)
        if let own = console.trackers.ownInUse {
            own.withdraw(entry.infoHash)
        } else {
            try client.explaining(console.input) { () throws(CatalogueError) in
                try client.withdraw(.infoHash(entry.infoHash))
            }
        }
        console.say("\(entry.name) is no longer in the list of \(client.name)")
    }

    func publish(_ torrent: [UInt8]) throws(CommandError) {
        let client = try trackers.inUse()
        let entry: CatalogueEntry
        if let own = trackers.ownInUse {
            entry = try own.publish(torrent)
        } else {
            entry = try client.explaining(input) { () throws(CatalogueError) in try client.publish(torrent).entry }
        }
        if output.isJSON {
            output.event([
                "event": "published", "infohash": .string("\(entry.infoHash)"), "name": .bytes(entry.name),
                "number": .integer(Int64(entry.number)), "catalogue": .string(client.name),
            ])
        }
        say("\(entry.name) is number \(entry.number) of the list of \(client.name)")
    }

    /// A torrent of this console, else a file.
    private func metainfo(_ word: ByteString) throws(CommandError) -> Metainfo {
        if FileStatus.exists(word) { return try TorrentArgument.metainfo(word, for: "publish") }
        let torrent = try torrents.find(word)
        if let metainfo = news[torrent.infoHash].metainfo { return metainfo }
        throw CommandError(.failure, "it is not known yet what \(torrent.name) holds; wait until peers have sent it")
    }

    /// A number or a name of the list in use first: that is what was just looked at.
    private func source(_ word: ByteString) throws(CommandError) -> TorrentSource {
        let isElsewhere = word.bytes.contains(UInt8(ascii: "/")) || word.bytes.contains(UInt8(ascii: ":"))
        if !isElsewhere, !FileStatus.exists(word) || CatalogueKey(word) != nil, let client = try? trackers.inUse() {
            return try sourceOfList(word, client)
        }
        return try TorrentArgument.source(word, output, input: input).source
    }

    private func sourceOfList(_ word: ByteString, _ client: CatalogueClient) throws(CommandError) -> TorrentSource {
        let entry = try entry(word, of: client)
        return TorrentSource(
            try client.explaining(input) { () throws(CatalogueError) in try client.torrent(of: entry) })
    }

    private func entry(_ word: ByteString, of client: CatalogueClient) throws(CommandError) -> CatalogueEntry {
        try CataloguePick(catalogue: client, output: output, input: input).entry(word)
    }
}
