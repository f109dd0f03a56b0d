internal import ByteStrings
internal import CommandLineKit
internal import Glibc
internal import PeerRuntime
internal import TorrentCore

/// Finds the one torrent of a catalogue that a person means: by number or name, or by asking.
struct CataloguePick {
    let catalogue: CatalogueClient
    let output: Output
    /// Of the console that picks: its lines are commands, so that nobody is asked for one.
    var input: ConsoleInput?

    /// Torrents that are shown to be picked from.
    private static let mostShown = 50
    /// How often a person may mistype.
    private static let attempts = 5

    /// The torrent that `words` mean; nil asks for them.
    func entry(_ words: ByteString?) throws(CommandError) -> CatalogueEntry {
        guard let words else { return try ask() }
        let (found, others) = try catalogue.explaining(input) { () throws(CatalogueError) in
            try catalogue.find(words)
        }
        if let found { return found }
        throw CatalogueProblem(place: catalogue.name).unclear(words, others)
    }

    /// Shows the list, and waits for a line.
    private func ask() throws(CommandError) -> CatalogueEntry {
        guard input == nil else {
            let name = catalogue.name
            throw CommandError(.usage, "\(name) has many: list \(name) shows them, download NUMBER fetches one")
        }
        var query = CatalogueQuery()
        query.limit = Self.mostShown
        let listing = try catalogue.explaining { () throws(CatalogueError) in try catalogue.list(query) }
        guard !listing.torrents.isEmpty else {
            throw CommandError(.notFound, "\(catalogue.name) has nothing to offer yet", slug: "not_there")
        }
        show(listing)
        let isTyped = isatty(0) == 1
        for _ in 0..<(isTyped ? Self.attempts : 1) {
            if isTyped { output.message("Which one? Type its number or name; Enter alone ends.") }
            guard let line = readLine().map({ ByteString($0) }), !line.isEmpty else { break }
            do throws(CommandError) {
                return try entry(line)
            } catch {
                guard isTyped, [.notFound, .usage].contains(error.exitCode) else { throw error }
                output.message(error.message)
            }
        }
        throw CommandError(.usage, "none was picked: p2p-peer get \(ShellWord.quoted(catalogue.name)) NUMBER")
    }

    /// On stderr: the result of the command is another.
    private func show(_ listing: CatalogueListing) {
        guard !output.isJSON else { return }
        for line in BrowseCommand.lines(listing.torrents, on: output.standardError) { output.message(line) }
        let rest = listing.total - listing.torrents.count
        guard rest > 0 else { return }
        let browse: TerminalText = "p2p-peer browse \(ShellWord.quoted(catalogue.name))"
        output.message("\(HumanUnits.count(rest)) more: \(browse) --search TEXT")
    }
}
