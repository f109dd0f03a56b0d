import ByteStrings
import Synchronization
import TorrentCore
import TorrentIO
import TrackerEngine

/// Answers the requests of one lane, with a value for answers that is reused. Lives on the lane's reactor.
final class TrackerService {
    let shared: SharedTracker
    let reactor: Reactor
    let lane: Int
    let patience: Patience
    var totals = TrafficMeter.Totals()
    let receiveBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: receiveBytes, alignment: 64)
    /// Room for the answers of whichever connection is being served.
    var spareOutput: [UInt8] = []
    var answer = PackedAnnounceResponse()
    private var body: [UInt8] = []
    private var secondsToInterfaces = 60
    // What expiry may still look at in this second.
    private var expiryLeft = 0

    init(shared: SharedTracker, reactor: Reactor, lane: Int) {
        self.shared = shared
        self.reactor = reactor
        self.lane = lane
        patience = Patience(shared.configuration.limits)
    }

    deinit { receiveBuffer.deallocate() }

    // MARK: HTTP

    /// Appends the answer to one request; false if the connection must not go on after it.
    func answer(
        _ head: HTTPRequestHead, of bytes: RawSpan, from remote: IPAddress, mayStay: Bool, to output: inout [UInt8]
    ) -> Bool {
        totals.httpRequests += 1
        let start = output.count
        let stays = mayStay && head.keepsAlive && head.contentLength == 0
        let framing = HTTPAnswer.Framing(stays: stays, saysKeepAlive: head.isHTTP10, hasBody: head.method != .head)
        if head.method == .other {
            HTTPAnswer.append(.methodNotAllowed, framing, to: &output)
        } else if head.contentLength > 0 {
            HTTPAnswer.append(.badRequest, framing, to: &output)
        } else {
            route(head, of: bytes, from: remote, framing, to: &output)
        }
        totals.bytesOut += UInt64(output.count - start)
        return stays
    }

    private func route(
        _ head: HTTPRequestHead, of bytes: RawSpan, from remote: IPAddress, _ framing: HTTPAnswer.Framing,
        to output: inout [UInt8]
    ) {
        let origin = RequestOrigin(connection: remote, forwardedFor: forwardedFor(head, of: bytes))
        body.removeAll(keepingCapacity: true)
        switch TrackerRoute(head, of: bytes) {
        case .announce:
            announce(head.query, of: bytes, origin)
            HTTPAnswer.append(.ok, .plain, body, framing, to: &output)
        case .scrape:
            scrape(head.query, of: bytes, origin)
            HTTPAnswer.append(.ok, .plain, body, framing, to: &output)
        case .page(let page):
            page.append(report(), to: &body)
            HTTPAnswer.append(.ok, page.contentType, body, framing, to: &output)
            logPage(head, of: bytes, origin, status: 200)
        case .unknown:
            HTTPAnswer.append(.notFound, framing, to: &output)
            logPage(head, of: bytes, origin, status: 404)
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
                request.infoHashes.map { ScrapeResponse.Torrent($0, tracker.scrape($0)) }
            }
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

    // MARK: Telling

    /// Called once a second.
    func tick() {
        shared.meter.withLock { meter in
            meter.lanes[lane] = totals
            if lane == 0 { meter.tick() }
        }
        guard lane == 0 else { return }
        let isUnderWay = expiryLeft > 0
        expiryLeft = shared.tracker.withLock { $0.expiryBudget }
        if !isUnderWay { expire() }
        secondsToInterfaces -= 1
        if secondsToInterfaces <= 0 {
            secondsToInterfaces = 60
            shared.lookAtInterfaces()
        }
    }

    /// Looks at a part of the tables for a fraction of a millisecond, and continues in the next iteration, after
    /// waiting requests.
    private func expire() {
        let stretch = min(expiryLeft, Self.expiryStretch)
        shared.tracker.withLock { $0.expire(at: reactor.now, budget: stretch) }
        expiryLeft -= stretch
        // Held for one iteration at most. A weak reference would make every other one slower for good.
        if expiryLeft > 0 { reactor.performLater { [self] in expire() } }
    }

    private static let expiryStretch = 2_048

    func report() -> TrackerReport {
        TrackerReport(self, now: reactor.now)
    }

    func logAnnounce(
        _ request: AnnounceRequest, _ transport: TrackerRequestLog.Transport, _ origin: RequestOrigin,
        _ answer: PackedAnnounceResponse
    ) {
        let peers = answer.peers.count / 6 + answer.peers6.count / 18
        log(transport, origin, .announce(request, peers: peers))
    }

    private func logPage(_ head: HTTPRequestHead, of bytes: RawSpan, _ origin: RequestOrigin, status: Int) {
        guard shared.configuration.onRequest != nil else { return }
        let path = ByteString(bytes.array(head.path).prefix(200))
        log(.http, origin, .page(path: path, status: status))
    }

    func log(
        _ transport: TrackerRequestLog.Transport, _ origin: RequestOrigin, _ outcome: TrackerRequestLog.Outcome
    ) {
        shared.configuration.onRequest?(
            TrackerRequestLog(
                transport: transport, source: shared.configuration.policy.source(of: origin), outcome: outcome))
    }
}
