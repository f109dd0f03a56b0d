internal import ByteStrings
internal import CommandLineKit
internal import PeerRuntime
internal import TorrentCore
internal import TorrentIO

/// TORRENT on the command line: a file, or `-` for standard input. WHAT may be a magnet link, too.
enum TorrentArgument {
    static let one = CommandSpec.Argument(
        "TORRENT", completion: .fileEnding("torrent"), help: "a .torrent file, or its JSON; - is standard input")
    static let many = CommandSpec.Argument(
        "TORRENT", .oneOrMore, completion: .fileEnding("torrent"),
        help: ".torrent files, or their JSON; - is standard input")

    static let oneSource = CommandSpec.Argument(
        "WHAT", completion: .fileEnding("torrent"),
        help: "a .torrent file, its http URL, a magnet link, an info hash, or a catalogue's URL; - is standard input")
    static let manySources = CommandSpec.Argument(
        "WHAT", .oneOrMore, completion: .fileEnding("torrent"),
        help: ".torrent files, their http URLs, magnet links, info hashes, catalogues' URLs; - is standard input")
    static let selection = CommandSpec.Argument(
        "NUMBER|NAME", .optional, help: "which torrent of a catalogue; asked for if absent")

    /// Reads and opens the torrent that `argument` names. `command`, for the message, can do nothing with a link.
    static func metainfo(_ argument: ByteString, for command: String) throws(CommandError) -> Metainfo {
        if isMagnet(argument.bytes) {
            let advice = "show --fetch --save-torrent FILE gets it"
            throw CommandError(.usage, "\(command) needs the .torrent, not a magnet link: \(advice)")
        }
        return try metainfo(of: try torrent(argument), named: argument)
    }

    /// The same where a magnet link or a URL will do; the link may also be what the file or standard input holds.
    /// `selection`: number or name in a catalogue. `tracker` finds out host and port of the one whose catalogue has it,
    /// and may have to ask. `input`: of a console, where Ctrl-C ends a fetch.
    static func source(
        _ argument: ByteString, selection: ByteString? = nil, _ output: Output, input: ConsoleInput? = nil
    ) throws(CommandError) -> (source: TorrentSource, tracker: () -> String?) {
        if let url = try WebAddress.url(argument) {
            let web = WebTorrent(url: url, output: output, input: input)
            let found = try web.find(selection)
            return (found.source, { web.tracker(of: found) })
        }
        if let selection {
            throw CommandError(.usage, "\"\(selection)\" is one too many: only a catalogue's URL goes with a number")
        }
        return (try local(argument), { nil })
    }

    /// The same without the network.
    static func local(_ argument: ByteString) throws(CommandError) -> TorrentSource { try read(argument).source }

    /// The same as either, with the bytes of a .torrent.
    static func read(
        _ argument: ByteString, _ output: Output
    ) throws(CommandError) -> (source: TorrentSource, torrent: [UInt8]?) {
        guard let url = try WebAddress.url(argument) else { return try read(argument) }
        let found = try WebTorrent(url: url, output: output).find(nil)
        return (found.source, found.torrent)
    }

    /// What a file is that may also be content: a .torrent, or the readable notation of one, as bytes; nil for any
    /// other. Throws for one that is called a .torrent and is none, and for standard input that is none.
    static func torrent(ifAny argument: ByteString) throws(CommandError) -> [UInt8]? {
        let isMeant = argument == "-" || argument.bytes.suffix(8).elementsEqual(".torrent".utf8)
        if !isMeant || FileStatus.isFolder(argument) {
            let start = FileStatus.start(of: argument, count: 64)
            guard WebContent(start) == .bencode || TorrentNotation.begins(start) else { return nil }
        }
        do throws(CommandError) {
            let bytes = try torrent(argument)
            _ = try metainfo(of: bytes, named: argument)
            return bytes
        } catch {
            guard isMeant else { return nil }
            throw error
        }
    }

    private static func read(
        _ argument: ByteString
    ) throws(CommandError) -> (source: TorrentSource, torrent: [UInt8]?) {
        if isMagnet(argument.bytes) { return (try link(argument.bytes), nil) }
        if let infoHash = infoHash(argument) { return (TorrentSource(infoHash), nil) }
        let bytes = try torrent(argument)
        return isMagnet(bytes)
            ? (try link(bytes), nil) : (TorrentSource(try metainfo(of: bytes, named: argument)), bytes)
    }

    /// What the file or standard input holds, and of the readable notation the .torrent that it means.
    private static func torrent(_ argument: ByteString) throws(CommandError) -> [UInt8] {
        let bytes = try bytes(argument)
        guard TorrentNotation.begins(bytes) else { return bytes }
        return try TorrentNotation.torrent(bytes, named: place(argument))
    }

    /// An info hash in hexadecimal digits or in base 32, as a link; nil for anything else, a file above all.
    private static func infoHash(_ argument: ByteString) -> MagnetLink? {
        guard [32, 40].contains(argument.bytes.count), !FileStatus.exists(argument), let digits = argument.text else {
            return nil
        }
        return try? MagnetLink(parsing: "magnet:?xt=urn:btih:\(digits)")
    }

    /// A line that holds a magnet link.
    static func link(_ bytes: [UInt8]) throws(CommandError) -> TorrentSource { TorrentSource(try magnet(bytes)) }

    private static func isMagnet(_ bytes: [UInt8]) -> Bool {
        let scheme = Array("magnet:".utf8)
        return bytes.count >= scheme.count && zip(bytes, scheme).allSatisfy { $0 | 0x20 == $1 | 0x20 }
    }

    /// A line of text, with white space behind it if it comes from a file.
    private static func magnet(_ bytes: [UInt8]) throws(CommandError) -> MagnetLink {
        let line = bytes.prefix { $0 > 0x20 }
        do throws(MagnetError) {
            return try MagnetLink(parsing: String(decoding: line, as: UTF8.self))
        } catch {
            throw CommandError(.badTorrent, "\(error)")
        }
    }

    /// Opens the bytes of a .torrent file; `argument` is for the message.
    static func metainfo(of bytes: [UInt8], named argument: ByteString) throws(CommandError) -> Metainfo {
        do {
            return try Metainfo(parsing: bytes)
        } catch {
            if let other = NotATorrent.error(bytes, named: argument) { throw other }
            throw CommandError(.badTorrent, "\(place(argument)): \(error.description)")
        }
    }

    static func bytes(_ argument: ByteString) throws(CommandError) -> [UInt8] {
        if let error = NotATorrent.link(argument) { throw error }
        let limit = MetainfoLimits().bencode.byteCount
        do {
            guard argument == "-" else { return try AtomicFile.readWhole(argument, limit: limit) }
            return try AtomicFile.readWhole(Descriptor(owning: 0), limit: limit)
        } catch {
            throw readError(error, argument, limit: limit)
        }
    }

    private static func readError(_ error: SystemError, _ argument: ByteString, limit: Int) -> CommandError {
        if error.isNotFound {
            let hint = MeantName.hint(for: argument, isFolder: false)
            return CommandError(.notFound, "\(argument): there is no such file\(hint)")
        }
        if FileStatus.isFolder(argument) { return NotATorrent.folder(argument) }
        if error.isTooLarge {
            let start = argument == "-" ? [] : FileStatus.start(of: argument, count: NotATorrent.startLength)
            if !start.isEmpty, let other = NotATorrent.error(start, named: argument) { return other }
            let size = HumanUnits.size(Int64(limit))
            return CommandError(.badTorrent, "\(place(argument)): more than \(size), which no torrent needs")
        }
        return CommandError(.inputOutput, "\(place(argument)): cannot be read: \(error.text)")
    }

    static func place(_ argument: ByteString) -> TerminalText {
        argument == "-" ? "standard input" : "\(argument)"
    }
}
