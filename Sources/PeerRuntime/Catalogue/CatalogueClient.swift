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

    /// A page of the list.
    package func list(_ query: CatalogueQuery) throws(CatalogueError) -> CatalogueListing {
        let json = try json(of: ask(.get, query.target))
        do throws(CatalogueFormatError) { return try CatalogueListing(json) } catch { throw .notACatalogue(error) }
    }

    /// All pages of the list from the query's offset on, at most `most` torrents; each once, though the list may change
    /// meanwhile.
    package func all(_ query: CatalogueQuery, most: Int = mostTorrents) throws(CatalogueError) -> CatalogueListing {
        var query = query
        var known: Set<InfoHash> = []
        query.limit = min(most, CatalogueQuery.mostAtOnce)
        var listing = try list(query)
        let offset = listing.offset
        var torrents: [CatalogueEntry] = []
        while !listing.torrents.isEmpty {
            torrents += listing.torrents.filter { known.insert($0.infoHash).inserted }
            query.offset += listing.torrents.count
            guard torrents.count < most, query.offset < min(listing.total, Self.mostTorrents) else { break }
            listing = try list(query)
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

    /// The torrent that `words` mean: a number, an info hash, or a name; nil and those it may be, if it is none or
    /// several.
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
        let candidates = exact.isEmpty ? all : exact
        return candidates.count == 1 ? (candidates[0], []) : (nil, candidates)
    }

    /// Fetches the .torrent, and makes sure that it is the one of the list.
    package func torrent(of entry: CatalogueEntry) throws(CatalogueError) -> Metainfo {
        let answer = try ask(
            .get, entry.torrentTarget, bodyBytes: BencodeLimits.longestMetainfo, within: Self.torrentTime)
        let metainfo = try Self.metainfo(answer.body)
        guard metainfo.infoHash == entry.infoHash else {
            throw .wrongTorrent(wanted: entry.infoHash, came: metainfo.infoHash)
        }
        return metainfo
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
        guard let json = try? JSONDocument(parsing: answer.body), let words = json["error"]?.text,
            let code = json["code"]?.text
        else { return .status(answer.status) }
        return .refused(status: answer.status, code: code, words: words)
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

/// What one torrent of a catalogue is called there.
package enum CatalogueKey: Hashable, Sendable, CustomStringConvertible {
    case number(Int)
    case infoHash(InfoHash)

    /// Digits, or an info hash in forty hexadecimal digits; nil for anything else.
    package init?(_ words: ByteString) {
        guard let text = words.text else { return nil }
        if let bytes = Bytes20(hex: text) {
            self = .infoHash(InfoHash(bytes))
        } else if let number = Int(text), number > 0, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            self = .number(number)
        } else {
            return nil
        }
    }

    package var description: String {
        switch self {
        case .number(let number): "\(number)"
        case .infoHash(let infoHash): "\(infoHash)"
        }
    }
}

extension CatalogueError {
    /// The catalogue is there, and what was asked for is not.
    package var isNotThere: Bool {
        switch self {
        case .refused(let status, _, _), .status(let status): status == 404
        case .noSuchTorrent: true
        default: false
        }
    }
}
