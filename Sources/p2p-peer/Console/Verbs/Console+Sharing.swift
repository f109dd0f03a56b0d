internal import ByteStrings
internal import CommandLineKit
internal import PeerEvents
internal import PeerRuntime
internal import TorrentCore
internal import TorrentIO

// What others get from here, and what is got from others.
extension Console {
    static let make = Verb(MakeCommand.spec, completes: [.file]) { console, arguments throws(CommandError) in
        if let source = try arguments.value(MakeCommand.fromJSON, .path) { try Console.refuseStandardInput(source) }
        _ = try MakeCommand.run(arguments, console.output, work: console.work)
    }

    static let seed = Verb(
        CommandSpec(
            verb: "seed", summary: "Serves the content of a .torrent that is here.",
            arguments: [
                .init("TORRENT", help: "a .torrent file"),
                .init("DIR", .optional, help: "the folder that holds the content; else that of the console"),
            ]),
        completes: [.torrentFile, .folder]
    ) { console, arguments throws(CommandError) in
        let words = arguments.positionals
        let metainfo = try TorrentArgument.metainfo(words[0], for: "seed")
        let folder = words.count > 1 ? words[1] : console.folder
        try ContentFolderArgument.mustExist(folder)
        try console.add(TorrentSource(metainfo), to: folder, as: .seed)
    }
}

// MARK: Upload

extension Console {
    /// How long `upload` waits for a tracker to have heard of it, so that a list that is asked next shows it.
    private static let patience = Duration.seconds(5)

    static let upload = Verb(
        CommandSpec(
            verb: "upload", aliases: ["share"],
            summary: "Makes a torrent of a file or folder, puts it into the list, and serves it.",
            arguments: [
                .init("PATH", help: "the file or folder"),
                .init("URL", .optional, help: "of a tracker; else the one in use"),
            ]),
        completes: [.file]
    ) { console, arguments throws(CommandError) in
        let words = arguments.positionals
        if words.count > 1 { try console.use(words[1]) }
        try console.upload(words[0])
    }

    func upload(_ path: ByteString) throws(CommandError) {
        let announceURL = try trackers.announceURL()
        let maker = try MakeCommand.making { () throws(MakeError) in
            try TorrentMaker(path: path, options: MakeOptions())
        }
        MakeCommand.say(skipped: maker.skipped, output)
        var builder = try MakeCommand.hash(maker, output, work)
        builder.trackerTiers = [[announceURL]]
        let bytes = builder.encoded
        let metainfo = try TorrentArgument.metainfo(of: bytes, named: "the new torrent")
        try publish(bytes)
        try add(TorrentSource(metainfo), to: (try? maker.contentFolder()) ?? path.parent, as: .seed)
        _ = input.wait(for: Self.patience) {
            let fate = news[metainfo.infoHash]
            return fate.isServed && fate.isAnnounced || torrents.hasEnded(metainfo.infoHash)
        }
    }
}
