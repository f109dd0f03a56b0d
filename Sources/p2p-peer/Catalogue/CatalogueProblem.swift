internal import ByteStrings
internal import CommandLineKit
internal import PeerRuntime
internal import TorrentCore

/// What a catalogue or a URL did not do, in one line: what is there, and what to do.
struct CatalogueProblem {
    /// The URL that was asked, without its target where that is the catalogue's business.
    let place: String

    func commandError(_ error: CatalogueError) -> CommandError {
        switch error {
        case .call, .tooSlow: CommandError(.network, "\(place): \(error)")
        case .cancelled: CommandError(.interrupted, "interrupted")
        case .cannotAsk: CommandError(.failure, "nothing can be fetched: \(error)")
        case .refused(let status, let code, let words): refusal(status, code, words)
        case .status(404): CommandError(.notFound, "\(place): nothing is there (404); check the URL")
        case .status: CommandError(.network, "\(place): \(error)")
        case .stranger, .badJSON, .notACatalogue: stranger(error)
        case .badTorrent: CommandError(.badTorrent, "\(place): \(error)")
        case .wrongTorrent: CommandError(.badTorrent, "\(place) lies: \(error); do not trust it")
        case .noSuchTorrent: CommandError(.notFound, "\(place): \(error); p2p-peer browse shows what it has")
        case .endless:
            CommandError(.network, "\(place): \(error); p2p-peer browse with --limit or --search shows a part")
        }
    }

    /// Nothing is called `words`, or several torrents are: `others`, else those whose names are like it.
    func unclear(_ words: ByteString, _ others: [CatalogueEntry]) -> CommandError {
        guard let first = others.first else { return commandError(.noSuchTorrent) }
        let numbers = others.prefix(Self.mostNamed).map { "\($0.number)" }.joined(separator: ", ")
        let all = "\(numbers)\(others.count > Self.mostNamed ? ", …" : "")"
        guard first.name != words else {
            return CommandError(.usage, "several are called \(words): give a number of \(all)", slug: "ambiguous")
        }
        let like: TerminalText = others.count == 1 ? "number \(all) is \(first.name)" : "like it are \(all)"
        return CommandError(.notFound, "\(place): nothing is called \(words), but \(like)")
    }

    /// Torrents that an error names.
    private static let mostNamed = 8

    private func stranger(_ error: CatalogueError) -> CommandError {
        guard case .stranger(let content) = error else { return CommandError(.network, "\(place): \(error)") }
        return CommandError(.network, "\(place) is no catalogue but \(content); check host and port")
    }

    private func refusal(_ status: Int, _ code: String, _ words: String) -> CommandError {
        switch code {
        case "token_wrong":
            CommandError(.failure, "\(place): the token is not its own; check --token-file", slug: "token_wrong")
        case "not_allowed":
            CommandError(
                .failure, "\(place): only its own machine and holders of its token may; --token-file FILE",
                slug: "not_allowed")
        case "no_token":
            CommandError(
                .failure,
                "\(place): only its own machine may, for it has no token; see p2p-tracker --publish-token-file",
                slug: "no_token")
        case "not_there": commandError(.noSuchTorrent)
        case "bad_torrent": CommandError(.badTorrent, "\(place): \(words)")
        default: CommandError(.failure, "\(place): \(words)", slug: Self.slugs.contains(code) ? code : nil)
        }
    }

    /// Words of catalogues that we hand on to scripts.
    private static let slugs = ["off", "too_large", "wrong_type", "full", "busy", "not_stored", "bad_query"]
}

extension CatalogueClient {
    /// Its errors as a person reads them.
    static func explaining<Value>(
        _ place: String, _ body: () throws(CatalogueError) -> Value
    ) throws(CommandError) -> Value {
        do throws(CatalogueError) { return try body() } catch {
            throw CatalogueProblem(place: place).commandError(error)
        }
    }

    static func open(_ url: HTTPURL, token: String? = nil) throws(CommandError) -> CatalogueClient {
        try explaining(url.description) { () throws(CatalogueError) in try CatalogueClient(at: url, token: token) }
    }

    /// The same for what this catalogue is asked; with the `input` of a console, Ctrl-C ends it.
    func explaining<Value>(
        _ input: ConsoleInput? = nil, _ body: () throws(CatalogueError) -> Value
    ) throws(CommandError) -> Value {
        renew()
        input?.onCancel(cancel)
        defer { input?.onCancel(nil) }
        return try Self.explaining(name, body)
    }
}
