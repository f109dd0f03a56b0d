import ByteStrings
import HTTPService
import Synchronization
import TorrentCore
import TorrentIO
import TrackerEngine

/// What the tracker answers over HTTP: announces, scrapes, and pages for people and their machines.
extension TrackerService: HTTPResponder {
    /// Only the catalogue takes anything.
    func bodyLimit(of head: HTTPRequestHead, in bytes: RawSpan, from remote: IPAddress) -> Int {
        guard head.method == .post else { return 0 }
        return bodyLimit(of: head, in: bytes, from: origin(head, of: bytes, from: remote))
    }

    func respond(to request: HTTPServerRequest, in bytes: RawSpan, output: inout [UInt8]) -> HTTPReply {
        totals.httpRequests += 1
        let origin = origin(request.head, of: bytes, from: request.remote)
        if request.head.method != .get, request.head.method != .head {
            if let reply = change(request, of: bytes, from: origin, to: &output) { return reply }
            let route = showsCatalogue ? CatalogueRoute(request.head, of: bytes) : nil
            HTTPAnswer.append(.methods(at: route), request.framing, to: &output)
            pageLog(request.head, of: bytes, origin)(405)
            return .written
        }
        if request.isBodyUnread {
            HTTPAnswer.append(.badRequest, request.framing, to: &output)
            return .written
        }
        do throws(CatalogueRefusal) {
            return try route(request, of: bytes, origin, to: &output)
        } catch {
            CatalogueAnswer.append(error, request.framing, to: &output)
            pageLog(request.head, of: bytes, origin)(error.status)
            return .written
        }
    }

    private func route(
        _ request: HTTPServerRequest, of bytes: RawSpan, _ origin: RequestOrigin, to output: inout [UInt8]
    ) throws(CatalogueRefusal) -> HTTPReply {
        let (head, framing) = (request.head, request.framing)
        body.removeAll(keepingCapacity: true)
        switch TrackerRoute(head, of: bytes) {
        case .announce:
            announce(head.query, of: bytes, origin)
            HTTPAnswer.append(.ok, HTTPAnswer.plainText, body, framing, to: &output)
        case .scrape:
            scrape(head.query, of: bytes, origin)
            HTTPAnswer.append(.ok, HTTPAnswer.plainText, body, framing, to: &output)
        case .page(.home) where showsCatalogue:
            let reply = try listPage(head, of: bytes)
            pageLog(head, of: bytes, origin)(200)
            return reply
        case .page(let page):
            page.append(report(), showsCatalogue: showsCatalogue, to: &body)
            HTTPAnswer.append(.ok, page.fields, body, framing, to: &output)
            pageLog(head, of: bytes, origin)(200)
        case .catalogue(let route):
            let (reply, status) = try catalogue(route, request, of: bytes)
            pageLog(head, of: bytes, origin)(status)
            return reply
        case .unknown:
            if let (reply, status) = try torrentByName(request, of: bytes, to: &output) {
                pageLog(head, of: bytes, origin)(status)
                return reply
            }
            HTTPAnswer.append(.nothingHere(showsCatalogue), framing, to: &output)
            pageLog(head, of: bytes, origin)(404)
        }
        return .written
    }

    private func origin(_ head: HTTPRequestHead, of bytes: RawSpan, from remote: IPAddress) -> RequestOrigin {
        switch forwardedFor(head, of: bytes) {
        case .nobody: RequestOrigin(connection: remote)
        case .client(let address): RequestOrigin(connection: remote, forwardedFor: address)
        case .unreadable: RequestOrigin(connection: remote, isObscure: true)
        }
    }

    private func announce(_ query: Range<Int>, of bytes: RawSpan, _ origin: RequestOrigin) {
        do throws(TrackerRequestError) {
            let request = try AnnounceRequest(query: query, of: bytes)
            shared.look(at: origin)
            do throws(TrackerRefusal) {
                try shared.tracker.withLock { tracker throws(TrackerRefusal) in
                    try tracker.announce(request, from: origin, at: reactor.now, answer: &answer)
                }
                answer.appendBencode(compact: request.wantsCompact, to: &body)
                if shared.configuration.onRequest != nil { logAnnounce(request, .http, origin, answer) }
            } catch {
                refuse("\(error.reason)", error.retry, origin)
            }
        } catch {
            totals.malformed += 1
            refuse("\(error.reason)", nil, origin)
        }
    }

    private func scrape(_ query: Range<Int>, of bytes: RawSpan, _ origin: RequestOrigin) {
        do throws(TrackerRequestError) {
            let request = try ScrapeRequest(query: query, of: bytes)
            // The list of all torrents grows with the tracker, and is nobody's business.
            guard !request.infoHashes.isEmpty else { return refuse("say which info_hash to scrape", .never, origin) }
            let torrents = shared.tracker.withLock { tracker in
                request.infoHashes.filter { tracker.serves($0) }.map { ScrapeResponse.Torrent($0, tracker.scrape($0)) }
            }
            guard !torrents.isEmpty else { return refuse("\(TrackerRefusal.notListed.reason)", .never, origin) }
            ScrapeResponse(torrents: torrents).appendBencode(to: &body)
            log(.http, origin, .scrape(torrents: torrents.count))
        } catch {
            totals.malformed += 1
            refuse("\(error.reason)", nil, origin)
        }
    }

    private func refuse(_ reason: String, _ retry: TrackerFailure.Retry?, _ origin: RequestOrigin) {
        TrackerFailure(reason: reason, retry: retry).appendBencode(to: &body)
        log(.http, origin, .refused(reason))
    }

    /// For whom proxies speak.
    private enum ForwardedFor {
        case nobody, unreadable
        case client(IPAddress)
    }

    /// The last address of the list that is not one of our proxies: what the outermost of them saw. If that is none,
    /// nobody can say who it is, for what stands before it anybody may have written. `Forwarded` (RFC 7239) is not
    /// read: a proxy that does not know it would pass on whatever a stranger put there.
    private func forwardedFor(_ head: HTTPRequestHead, of bytes: RawSpan) -> ForwardedFor {
        let proxies = shared.configuration.policy.trustedProxies
        guard head.isForwarded, !proxies.isEmpty else { return .nobody }
        for member in head.forwardedFor(in: bytes).reversed() {
            let word = String(decoding: member.filter { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
            guard let address = IPAddress(word) ?? Endpoint(word)?.address else { return .unreadable }
            if !proxies.contains(address) { return .client(address) }
        }
        return .nobody
    }

    /// What logs a request for a page, once its status is known.
    func pageLog(_ head: HTTPRequestHead, of bytes: RawSpan, _ origin: RequestOrigin) -> (_ status: Int) -> Void {
        guard shared.configuration.onRequest != nil else { return { _ in } }
        let path = ByteString(bytes.array(head.path).prefix(200))
        return { [self] status in log(.http, origin, .page(path: path, status: status)) }
    }
}

extension HTTPStatus {
    static func nothingHere(_ showsCatalogue: Bool) -> HTTPStatus {
        HTTPStatus(
            "HTTP/1.1 404 Not Found\r\n",
            showsCatalogue
                ? "There is nothing here. Try /, /torrents, /announce, /scrape, /status, /stats.json or /metrics.\n"
                : "There is nothing here. Try /, /announce, /scrape, /stats.json or /metrics.\n")
    }

    /// 405: what else may be done there (RFC 9110, 15.5.6).
    fileprivate static func methods(at route: CatalogueRoute?) -> HTTPStatus {
        switch route {
        case .list:
            HTTPStatus(
                "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD, POST\r\n",
                "Only GET, HEAD and POST are answered here.\n")
        case .page:
            HTTPStatus(
                "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD, DELETE\r\n",
                "Only GET, HEAD and DELETE are answered here.\n")
        case .torrentFile, .json, .unknown, nil:
            HTTPStatus(
                "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\n", "Only GET and HEAD are answered here.\n")
        }
    }
}
