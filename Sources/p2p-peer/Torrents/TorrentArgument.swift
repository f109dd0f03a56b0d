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
        "WHAT", completion: .fileEnding("torrent"), help: "a .torrent file, or a magnet link; - is standard input")
    static let manySources = CommandSpec.Argument(
        "WHAT", .oneOrMore, completion: .fileEnding("torrent"),
        help: ".torrent files, or magnet links; - is standard input")

    /// Reads and opens the torrent that `argument` names. `command`, for the message, can do nothing with a link.
    static func metainfo(_ argument: ByteString, for command: String) throws(CommandError) -> Metainfo {
        if isMagnet(argument.bytes) {
            let advice = "show --fetch --save-torrent FILE gets it"
            throw CommandError(.usage, "\(command) needs the .torrent, not a magnet link: \(advice)")
        }
        return try metainfo(of: try torrent(argument), named: argument)
    }

    /// The same where a magnet link will do: as the argument, or as what the file or standard input holds.
    static func source(_ argument: ByteString) throws(CommandError) -> TorrentSource { try read(argument).source }

    /// The same, with the bytes of the .torrent if it is one.
    static func read(_ argument: ByteString) throws(CommandError) -> (source: TorrentSource, torrent: [UInt8]?) {
        if isMagnet(argument.bytes) { return (TorrentSource(try magnet(argument.bytes)), nil) }
        let bytes = try torrent(argument)
        if isMagnet(bytes) { return (TorrentSource(try magnet(bytes)), nil) }
        return (TorrentSource(try metainfo(of: bytes, named: argument)), bytes)
    }

    /// What the file or standard input holds, and of the readable notation the .torrent that it means.
    private static func torrent(_ argument: ByteString) throws(CommandError) -> [UInt8] {
        let bytes = try bytes(argument)
        guard TorrentNotation.begins(bytes) else { return bytes }
        return try TorrentNotation.torrent(bytes, named: place(argument))
    }

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
