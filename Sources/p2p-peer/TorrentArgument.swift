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
            throw CommandError(.badTorrent, "\(place(argument)): \(error.description)")
        }
    }

    static func bytes(_ argument: ByteString) throws(CommandError) -> [UInt8] {
        if argument.hasPrefix("magnet:") {
            throw CommandError(.usage, "a magnet link is no .torrent file, and fetching one over it is not supported")
        }
        let limit = MetainfoLimits().bencode.byteCount
        do {
            guard argument == "-" else { return try AtomicFile.readWhole(argument, limit: limit) }
            return try AtomicFile.readWhole(Descriptor(owning: 0), limit: limit)
        } catch {
            throw readError(error, argument, limit: limit)
        }
    }

    private static func readError(_ error: SystemError, _ argument: ByteString, limit: Int) -> CommandError {
        if error.isNotFound { return CommandError(.notFound, "\(argument): there is no such file") }
        if error.isTooLarge {
            let size = HumanUnits.size(Int64(limit))
            return CommandError(.badTorrent, "\(place(argument)): more than \(size), which no torrent needs")
        }
        return CommandError(.inputOutput, "\(place(argument)): cannot be read: \(error.text)")
    }

    private static func place(_ argument: ByteString) -> TerminalText {
        argument == "-" ? "standard input" : "\(argument)"
    }
}
