internal import ByteStrings
internal import CommandLineKit
internal import TorrentCore

/// A URL on the command line, or HOST:PORT in its place.
enum WebAddress {
    /// Nil if `argument` is something else, such as a file. Throws for a URL that leads nowhere from here.
    static func url(_ argument: ByteString) throws(CommandError) -> HTTPURL? {
        guard !FileStatus.exists(argument), let text = argument.text else { return nil }
        let scheme = text.lowercased()
        if scheme.hasPrefix("https://") { throw noTLS(argument, "fetch the .torrent first with curl") }
        if scheme.hasPrefix("http://") { return try url(text) }
        let place = String(text.prefix { $0 != "/" })
        guard ValueParser<HostPort>.hostAndPort.parse(place) != nil else { return nil }
        return try url("http://" + text)
    }

    /// The same where nothing else will do.
    static func catalogue(_ argument: ByteString) throws(CommandError) -> HTTPURL {
        if argument.text?.lowercased().hasPrefix("https://") == true {
            throw noTLS(argument, "ask the tracker at http://HOST:PORT")
        }
        if let url = try url(argument) { return url }
        throw CommandError(.usage, "\"\(argument)\" is no catalogue's URL (for example http://192.168.1.7:6969)")
    }

    private static func url(_ text: String) throws(CommandError) -> HTTPURL {
        do throws(NetworkURLError<HTTPScheme>) {
            return try HTTPURL(text)
        } catch {
            throw CommandError(.usage, "\"\(text)\": the URL \(error)")
        }
    }

    private static func noTLS(_ argument: ByteString, _ advice: TerminalText) -> CommandError {
        CommandError(.usage, "\(argument) is an address: \(advice): no TLS here")
    }
}
