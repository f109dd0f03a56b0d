internal import ByteStrings
internal import CommandLineKit
internal import PeerRuntime
internal import TorrentCore
internal import TorrentIO

/// A torrent that a URL names: that of a .torrent, or that of a catalogue.
struct WebTorrent {
    let url: HTTPURL
    let output: Output
    /// Of a console, where Ctrl-C ends what is fetched.
    var input: ConsoleInput?

    /// `selection`: number or name in a catalogue. `tracker` is the one whose catalogue it is, if it is one's.
    func find(_ selection: ByteString?) throws(CommandError) -> (source: TorrentSource, tracker: String?) {
        guard selection == nil, !CatalogueClient.isNamed(by: url) else {
            let catalogue = try CatalogueClient.open(url)
            let entry = try CataloguePick(catalogue: catalogue, output: output, input: input).entry(selection)
            let metainfo = try catalogue.explaining(input) { () throws(CatalogueError) in
                try catalogue.torrent(of: entry)
            }
            return (TorrentSource(metainfo), url.authority)
        }
        let source = try read(try fetch())
        let trackers = source.metainfo?.trackerTiers.joined().compactMap { try? TrackerURL($0) } ?? []
        return (source, trackers.contains { $0.authority == url.authority } ? url.authority : nil)
    }

    private func fetch() throws(CommandError) -> WebAnswer {
        try CatalogueClient.explaining("\(url)") { () throws(CatalogueError) in
            let web: WebClient
            do throws(SystemError) { web = try WebClient() } catch { throw .cannotAsk(error) }
            input?.onCancel(web.cancel)
            defer { input?.onCancel(nil) }
            return try web.fetch(
                HTTPRequest(url, agent: WebClient.agent), at: url, bodyBytes: BencodeLimits.longestMetainfo,
                within: CatalogueClient.torrentTime)
        }
    }

    private func read(_ answer: WebAnswer) throws(CommandError) -> TorrentSource {
        if answer.status == 300 { throw several(answer) }
        guard (200..<300).contains(answer.status) else {
            throw CatalogueProblem(place: "\(url)").commandError(.status(answer.status))
        }
        switch WebContent(answer.body) {
        case .bencode: return TorrentSource(try metainfo(answer.body))
        case .magnetLink: return try TorrentArgument.link(answer.body)
        case .webPage: throw bad("is a web page, not a torrent: give the URL of the .torrent in it")
        case .json: throw bad("is JSON, not a torrent: give the URL of a .torrent, or of a catalogue")
        case .compressed: throw bad("is compressed: fetch and unpack it first, and give the file")
        case .nothing: throw bad("is empty, and no torrent")
        case .unknown: throw bad("is not a torrent")
        }
    }

    private func metainfo(_ body: [UInt8]) throws(CommandError) -> Metainfo {
        do throws(MetainfoError) {
            return try Metainfo(parsing: body)
        } catch {
            guard !isOfTracker(body) else { throw bad("is what a tracker says to peers: give the URL of a .torrent") }
            throw bad("is no torrent: \(error)")
        }
    }

    /// A tracker says so to whoever announces, or asks it without an announce.
    private func isOfTracker(_ body: [UInt8]) -> Bool {
        do throws(TrackerResponseError) {
            _ = try AnnounceResponse(bencode: body)
            return true
        } catch {
            if case .refused = error { return true }
            return false
        }
    }

    /// A name that several torrents of a catalogue have: it says which.
    private func several(_ answer: WebAnswer) -> CommandError {
        let words = String(decoding: answer.body.prefix(300), as: UTF8.self).split(separator: "\n").joined(
            separator: " ")
        return CommandError(.usage, "\(url): several are called so: \(words)", slug: "ambiguous")
    }

    private func bad(_ what: TerminalText) -> CommandError { CommandError(.badTorrent, "\(url) \(what)") }
}
