package import ByteStrings
import HTTPService
package import TorrentCore
import TorrentIO

/// Asks a tracker's catalogue, and waits for each answer. For any thread that may wait, one call at a time.
///
///     let catalogue = try CatalogueClient(at: url)
///     let listing = try catalogue.list(CatalogueQuery())
///     let metainfo = try catalogue.torrent(of: listing.torrents[0])
package final class CatalogueClient: Sendable {
    /// The catalogue's own URL: `http://HOST:PORT`, without a slash at its end, for people.
    package let name: String
    private let base: HTTPURL
    /// What stands before the paths of the catalogue: empty, but behind some proxies.
    private let prefix: String
    private let token: String?
    private let web: WebClient

    /// Longest list, and longest answer to what is published, bytes.
    package static let listBytes = 16 << 20
    /// For all of a list, and for all of a .torrent.
    package static let (listTime, torrentTime) = (Duration.seconds(60), Duration.seconds(600))
    /// Most torrents that `all` collects.
    package static let mostTorrents = 100_000
    /// The same in pages, bytes and time: ten times what a full catalogue of ours has.
    package static let (mostPages, allBytes, allTime) = (1_000, 128 << 20, Duration.seconds(300))
    /// Bytes of a refusal's words that are kept.
    package static let refusalBytes = 300

    /// `url`: of the catalogue, or of its list, or the tracker's announce URL. `token`: of those who may publish,
    /// printable ASCII. Throws if the system has no descriptor to ask with.
    package init(at url: HTTPURL, token: String? = nil) throws(CatalogueError) {
        do throws(SystemError) { web = try WebClient() } catch { throw .cannotAsk(error) }
        base = url
        self.token = token
        prefix = Self.prefix(of: url)
        name = "\(url.scheme.rawValue)://\(url.authority)\(prefix)"
    }

    /// True if `url` names a catalogue as such, as far as can be seen by it.
    package static func isNamed(by url: HTTPURL) -> Bool {
        prefix(of: url) != String(url.target.prefix { $0 != "?" })
    }

    private static func prefix(of url: HTTPURL) -> String {
        var path = url.target.utf8.prefix { $0 != UInt8(ascii: "?") }
        while path.last == UInt8(ascii: "/") { path.removeLast() }
        for end in ["/torrents", "/announce"] where path.reversed().starts(with: end.utf8.reversed()) {
            return String(path.dropLast(end.utf8.count)) ?? ""
        }
        return String(path) ?? ""
    }

    /// Ends what is under way, with all calls that belong to it: none begins until `renew`. For any thread.
    package func cancel() { web.cancel() }

    /// Something else may be asked now.
    package func renew() { web.renew() }

    // MARK: Looking

    /// True if others cannot reach it by this name: it is on this machine, or so it seems.
    package var isForThisMachineAlone: Bool {
        base.host == "localhost" || base.address.map { $0.isLoopback || $0.isUnspecified } ?? false
    }

    /// A page of the list.
    package func list(_ query: CatalogueQuery) throws(CatalogueError) -> CatalogueListing { try page(query).listing }

    private func page(_ query: CatalogueQuery) throws(CatalogueError) -> (listing: CatalogueListing, bytes: Int) {
        let answer = try ask(.get, query.target)
        let json = try json(of: answer)
        do throws(CatalogueFormatError) {
            return (try CatalogueListing(json), answer.body.count)
        } catch {
            throw .notACatalogue(error)
        }
    }

    /// All pages of the list from the query's offset on, at most `most` torrents; each once, though the list may change
    /// meanwhile. Throws for one that does not end.
    package func all(_ query: CatalogueQuery, most: Int = mostTorrents) throws(CatalogueError) -> CatalogueListing {
        var query = query
        var known: Set<InfoHash> = []
        query.limit = min(most, CatalogueQuery.mostAtOnce)
        let begin = ContinuousClock.now
        var (listing, bytes) = try page(query)
        var pages = 1
        let offset = listing.offset
        var torrents: [CatalogueEntry] = []
        while !listing.torrents.isEmpty {
            torrents += listing.torrents.filter { known.insert($0.infoHash).inserted }
            query.offset += listing.torrents.count
            guard torrents.count < most, query.offset < min(listing.total, Self.mostTorrents) else { break }
            guard pages < Self.mostPages, bytes < Self.allBytes, begin.duration(to: .now) < Self.allTime else {
                throw .endless(torrents: torrents.count)
            }
            let next = try page(query)
            (listing, bytes, pages) = (next.listing, bytes + next.bytes, pages + 1)
        }
        return CatalogueListing(
            torrents: Array(torrents.prefix(most)), total: listing.total, offset: offset, limit: most,
            changes: listing.changes)
    }

    /// What the list says of one torrent.
    package func entry(_ key: CatalogueKey) throws(CatalogueError) -> CatalogueEntry {
        let answer = try ask(.get, "/torrents/\(key).json")
        return try entry(of: answer)
    }

    /// The torrent that is called `words`: by its number, its info hash, or its whole name. Nil where none is, or
    /// several are; then those that are called so, or else those whose names are like it, so that a person may choose:
    /// what is only like it is never meant.
    package func find(_ words: ByteString) throws(CatalogueError) -> (found: CatalogueEntry?, others: [CatalogueEntry])
    {
        if let key = CatalogueKey(words) {
            do throws(CatalogueError) {
                return (try entry(key), [])
            } catch {
                // A name may look like a number.
                guard error.isNotThere else { throw error }
            }
        }
        var query = CatalogueQuery()
        query.text = words
        let all = try all(query, most: CatalogueQuery.mostAtOnce).torrents
        let exact = all.filter { $0.name == words }
        return exact.count == 1 ? (exact[0], []) : (nil, exact.isEmpty ? all : exact)
    }

    /// Fetches the .torrent, and makes sure that it is the one of the list.
    package func torrent(of entry: CatalogueEntry) throws(CatalogueError) -> Metainfo { try file(of: entry).metainfo }

    /// The same with its bytes.
    package func file(of entry: CatalogueEntry) throws(CatalogueError) -> (metainfo: Metainfo, bytes: [UInt8]) {
        let answer = try ask(
            .get, entry.torrentTarget, bodyBytes: BencodeLimits.longestMetainfo, within: Self.torrentTime)
        let metainfo = try Self.metainfo(answer.body)
        guard metainfo.infoHash == entry.infoHash else {
            throw .wrongTorrent(wanted: entry.infoHash, came: metainfo.infoHash)
        }
        return (metainfo, answer.body)
    }

    private static func metainfo(_ body: [UInt8]) throws(CatalogueError) -> Metainfo {
        let content = WebContent(body)
        guard content == .bencode else { throw .stranger(content) }
        do throws(MetainfoError) { return try Metainfo(parsing: body) } catch { throw .badTorrent(error) }
    }

    // MARK: Changing

    /// Puts a .torrent in. `isNew` is false if it was there already.
    package func publish(_ torrent: [UInt8]) throws(CatalogueError) -> (entry: CatalogueEntry, isNew: Bool) {
        let answer = try ask(.post, "/torrents", body: torrent, within: Self.torrentTime)
        return (try entry(of: answer), answer.status == 201)
    }

    /// Takes a torrent out.
    package func withdraw(_ key: CatalogueKey) throws(CatalogueError) { _ = try ask(.delete, "/torrents/\(key)") }

    // MARK: Asking

    private func ask(
        _ method: HTTPRequest.Method, _ target: String, body: [UInt8] = [], bodyBytes: Int = listBytes,
        within time: Duration = listTime
    ) throws(CatalogueError) -> WebAnswer {
        let url = try url(target)
        var request = HTTPRequest(url, agent: WebClient.agent)
        request.method = method
        request.body = body
        if !body.isEmpty { request.add("Content-Type", "application/x-bittorrent") }
        // What changes a catalogue is never redirected, so that nobody else gets to see it.
        if method != .get, let token { request.add("Authorization", "Bearer \(token)") }
        let answer = try web.fetch(request, at: url, bodyBytes: bodyBytes, within: time)
        guard (200..<300).contains(answer.status) else { throw Self.refusal(answer) }
        return answer
    }

    private func url(_ target: String) throws(CatalogueError) -> HTTPURL {
        do throws(NetworkURLError<HTTPScheme>) {
            return try HTTPURL(
                scheme: base.scheme, host: base.host, port: base.port, target: prefix + target, userInfo: base.userInfo)
        } catch {
            throw .call(.badRedirect("\(error)"))
        }
    }

    private static func refusal(_ answer: WebAnswer) -> CatalogueError {
        guard let json = try? JSONDocument(parsing: answer.body) else { return .status(answer.status) }
        let texts = ["error", "code"].compactMap { json[$0]?.string?.bytes.prefix(refusalBytes) }
            .map { String(decoding: $0, as: UTF8.self) }
        guard texts.count == 2 else { return .status(answer.status) }
        return .refused(status: answer.status, code: texts[1], words: texts[0])
    }

    private func json(of answer: WebAnswer) throws(CatalogueError) -> JSONDocument {
        let content = WebContent(answer.body)
        guard content == .json else { throw .stranger(content) }
        do throws(JSONError) { return try JSONDocument(parsing: answer.body) } catch { throw .badJSON(error) }
    }

    private func entry(of answer: WebAnswer) throws(CatalogueError) -> CatalogueEntry {
        let json = try json(of: answer)
        do throws(CatalogueFormatError) { return try CatalogueEntry(json) } catch { throw .notACatalogue(error) }
    }
}

extension HTTPRequest {
    fileprivate mutating func add(_ name: String, _ value: String) {
        // A value that no header can hold is left out.
        if let field = Field(name, value) { fields.append(field) }
    }
}
