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

    struct Found {
        let source: TorrentSource
        /// The .torrent as it came; nil if a link did.
        let torrent: [UInt8]?
        /// A catalogue's list has named it.
        let isOfList: Bool
    }

    /// `selection`: number or name in a catalogue.
    func find(_ selection: ByteString?) throws(CommandError) -> Found {
        guard selection == nil, !CatalogueClient.isNamed(by: url) else {
            let catalogue = try CatalogueClient.open(url)
            let entry = try CataloguePick(catalogue: catalogue, output: output, input: input).entry(selection)
            let (metainfo, bytes) = try catalogue.explaining(input) { () throws(CatalogueError) in
                try catalogue.file(of: entry)
            }
            return Found(source: TorrentSource(metainfo), torrent: bytes, isOfList: true)
        }
        let answer = try fetch()
        let source = try read(answer)
        return Found(source: source, torrent: source.metainfo == nil ? nil : answer.body, isOfList: false)
    }

    /// Host and port of the tracker whose catalogue has it; nil for any other site, which is to learn nothing of us. A
    /// URL alone does not tell them apart: a tracker that the torrent names is asked for its entry.
    func tracker(of found: Found) -> String? {
        if found.isOfList { return url.authority }
        guard let metainfo = found.source.metainfo,
            let place = metainfo.trackerTiers.joined().lazy.compactMap({ try? HTTPURL($0) })
                .first(where: { $0.authority == url.authority }),
            let entry = try? CatalogueClient(at: place).entry(.infoHash(metainfo.infoHash)),
            entry.infoHash == metainfo.infoHash
        else { return nil }
        return url.authority
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
