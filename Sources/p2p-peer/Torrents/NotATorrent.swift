internal import ByteStrings
internal import CommandLineKit

/// Recognises what a user named in place of a torrent, and says what to do about it.
enum NotATorrent {
    /// How many bytes of a file are enough.
    static let startLength = 512

    /// Nil if a file that begins with `start` may be a torrent.
    static func error(_ start: some Collection<UInt8>, named argument: ByteString) -> CommandError? {
        if start.first == UInt8(ascii: "d") { return nil }
        let place: TerminalText = argument == "-" ? "standard input" : "\(argument)"
        let words = Array(start.prefix(startLength).drop { $0 <= 0x20 || $0 >= 0x80 })
        let text = String(decoding: words, as: UTF8.self).lowercased()
        if start.isEmpty { return bad("\(place) is empty, and no torrent: fetch it again") }
        if text.hasPrefix("<!doctype html") || text.hasPrefix("<html") || text.contains("<body") {
            return bad("\(place) is a web page, not a torrent: look at it in a browser")
        }
        if text.hasPrefix("magnet:") { return bad("\(place) holds a magnet link, not a torrent") }
        if start.starts(with: [0x1F, 0x8B]) || start.starts(with: Array("PK".utf8)) {
            return bad("\(place) is compressed: unpack it first")
        }
        guard argument != "-" else { return bad("\(place) is not a torrent") }
        return bad("\(place) is not a torrent: first \(makeCommand(argument))")
    }

    /// A folder was named.
    static func folder(_ argument: ByteString) -> CommandError {
        CommandError(.inputOutput, "\(argument) is a folder, not a torrent: first \(makeCommand(argument))")
    }

    /// No file, but a web address. Nil if it is none.
    static func link(_ argument: ByteString) -> CommandError? {
        guard ["http://", "https://", "ftp://"].contains(where: { argument.hasPrefix($0) }),
            !FileStatus.exists(argument)
        else { return nil }
        return CommandError(.usage, "\(argument) is an address: fetch the .torrent first, as with curl -LO")
    }

    private static func bad(_ message: TerminalText) -> CommandError { CommandError(.badTorrent, message) }

    /// A command to copy.
    private static func makeCommand(_ argument: ByteString) -> TerminalText {
        "p2p-peer make \(ShellWord.quoted(argument))"
    }
}
