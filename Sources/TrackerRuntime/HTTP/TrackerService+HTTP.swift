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
        let start = output.count
        var reply = HTTPReply.written
        if request.head.method != .get, request.head.method != .head {
            let origin = origin(request.head, of: bytes, from: request.remote)
            if let (changed, status) = change(request, of: bytes, from: origin, to: &output) {
                logPage(request.head, of: bytes, origin, status: status)
                reply = changed
            } else {
                HTTPAnswer.append(.onlyGetAndHead, request.framing, to: &output)
            }
        } else if request.isBodyUnread {
            HTTPAnswer.append(.badRequest, request.framing, to: &output)
        } else {
            reply = route(request, of: bytes, to: &output)
        }
        totals.bytesOut += UInt64(output.count - start)
        return reply
    }

    private func route(_ request: HTTPServerRequest, of bytes: RawSpan, to output: inout [UInt8]) -> HTTPReply {
        let (head, framing) = (request.head, request.framing)
        let origin = origin(head, of: bytes, from: request.remote)
        body.removeAll(keepingCapacity: true)
        switch TrackerRoute(head, of: bytes) {
        case .announce:
            announce(head.query, of: bytes, origin)
            HTTPAnswer.append(.ok, HTTPAnswer.plainText, body, framing, to: &output)
        case .scrape:
            scrape(head.query, of: bytes, origin)
            HTTPAnswer.append(.ok, HTTPAnswer.plainText, body, framing, to: &output)
        case .page(.home) where showsCatalogue:
            logPage(head, of: bytes, origin, status: 200)
            return listPage(head, of: bytes)
        case .page(let page):
            page.append(report(), showsCatalogue: showsCatalogue, to: &body)
            HTTPAnswer.append(.ok, page.fields, body, framing, to: &output)
            logPage(head, of: bytes, origin, status: 200)
        case .catalogue(let route):
            let (reply, status) = catalogue(route, request, of: bytes, to: &output)
            logPage(head, of: bytes, origin, status: status)
            return reply
        case .unknown:
            if let (reply, status) = torrentByName(request, of: bytes, to: &output) {
                logPage(head, of: bytes, origin, status: status)
                return reply
            }
            HTTPAnswer.append(.nothingHere, framing, to: &output)
            logPage(head, of: bytes, origin, status: 404)
        }
        return .written
    }

    private func origin(_ head: HTTPRequestHead, of bytes: RawSpan, from remote: IPAddress) -> RequestOrigin {
        RequestOrigin(connection: remote, forwardedFor: forwardedFor(head, of: bytes))
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

    /// The last address of the list that is not one of our proxies: what the outermost of them saw. Nil if that is
    /// none, for what stands before it anybody may have written. `Forwarded` (RFC 7239) is not read: a proxy that does
    /// not know it would pass on whatever a stranger put there.
    private func forwardedFor(_ head: HTTPRequestHead, of bytes: RawSpan) -> IPAddress? {
        let proxies = shared.configuration.policy.trustedProxies
        guard head.isForwarded, !proxies.isEmpty else { return nil }
        for member in head.forwardedFor(in: bytes).reversed() {
            let word = String(decoding: member.filter { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
            guard let address = IPAddress(word) ?? Endpoint(word)?.address else { return nil }
            if !proxies.contains(address) { return address }
        }
        return nil
    }

    private func logPage(_ head: HTTPRequestHead, of bytes: RawSpan, _ origin: RequestOrigin, status: Int) {
        guard shared.configuration.onRequest != nil else { return }
        let path = ByteString(bytes.array(head.path).prefix(200))
        log(.http, origin, .page(path: path, status: status))
    }
}

extension HTTPStatus {
    static var nothingHere: HTTPStatus {
        HTTPStatus(
            "HTTP/1.1 404 Not Found\r\n",
            "There is nothing here. Try /, /announce, /scrape, /stats.json or /metrics.\n")
    }
    fileprivate static var onlyGetAndHead: HTTPStatus {
        HTTPStatus(
            "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\n", "Only GET and HEAD are answered here.\n")
    }
}
