internal import ByteStrings
internal import CommandLineKit
internal import TorrentCore
internal import TorrentIO

/// TORRENT on the command line: a file, or `-` for standard input.
enum TorrentArgument {
    static let one = CommandSpec.Argument(
        "TORRENT", completion: .fileEnding("torrent"), help: "a .torrent file; - is standard input")
    static let many = CommandSpec.Argument(
        "TORRENT", .oneOrMore, completion: .fileEnding("torrent"), help: ".torrent files; - is standard input")

    /// Reads and opens the torrent that `argument` names.
    static func metainfo(_ argument: ByteString) throws(CommandError) -> Metainfo {
        try metainfo(of: try bytes(argument), named: argument)
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

    private static func place(_ argument: ByteString) -> TerminalText {
        argument == "-" ? "standard input" : "\(argument)"
    }
}
