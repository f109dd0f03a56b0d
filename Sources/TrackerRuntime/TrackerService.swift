import TorrentCore
import TorrentIO
import TrackerEngine

/// The brain with what its listeners share: one value for answers, meters, and the way requests are answered. Lives on
/// the server's reactor.
final class TrackerService {
    let tracker: Tracker
    var meter = TrafficMeter()
    let issuer: ConnectionIDIssuer
    let reactor: Reactor
    let configuration: TrackerConfiguration
    let startedAt: Moment
    var connections = 0
    /// Where the server listens.
    var endpoints: [Endpoint] = []
    private(set) var announceURLs: [String] = []
    /// TCP connections that there may be, within what the system gives.
    let connectionLimit: Int
    let receiveBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: receiveBytes, alignment: 64)
    private var answer = PackedAnnounceResponse()
    private var body: [UInt8] = []
    private var secondsToInterfaces = 0

    init(configuration: TrackerConfiguration, reactor: Reactor, tracker: Tracker) {
        self.configuration = configuration
        self.reactor = reactor
        self.tracker = tracker
        issuer = ConnectionIDIssuer(secret: (RandomSeed.fromSystem(), RandomSeed.fromSystem()))
        startedAt = reactor.now
        let descriptors = ProcessLimits.raiseDescriptorLimit() - Self.otherDescriptors
        connectionLimit = max(16, min(configuration.limits.connections, descriptors))
    }

    deinit { receiveBuffer.deallocate() }

    /// Descriptors that are left for sockets, files and whatever else the process does.
    private static let otherDescriptors = 128

    // MARK: HTTP

    /// Appends the answer to one request; false if the connection must not go on after it.
    func answer(
        _ head: HTTPRequestHead, of bytes: RawSpan, from remote: IPAddress, mayStay: Bool, to output: inout [UInt8]
    ) -> Bool {
        meter.totals.httpRequests += 1
        let start = output.count
        let stays = mayStay && head.keepsAlive && head.contentLength == 0
        let style = HTTPAnswer.Style(stays: stays, saysKeepAlive: head.isHTTP10, hasBody: head.method != .head)
        if head.method == .other {
            HTTPAnswer.append(.methodNotAllowed, style, to: &output)
        } else if head.contentLength > 0 {
            HTTPAnswer.append(.badRequest, style, to: &output)
        } else {
            route(head, of: bytes, from: remote, style, to: &output)
        }
        meter.totals.bytesOut += UInt64(output.count - start)
        return stays
    }

    private func route(
        _ head: HTTPRequestHead, of bytes: RawSpan, from remote: IPAddress, _ style: HTTPAnswer.Style,
        to output: inout [UInt8]
    ) {
        let origin = RequestOrigin(connection: remote, forwardedFor: forwardedFor(head, of: bytes))
        body.removeAll(keepingCapacity: true)
        switch TrackerRoute(head.path, of: bytes) {
        case .announce:
            announce(head.query, of: bytes, origin)
            HTTPAnswer.append(.ok, .plain, body, style, to: &output)
        case .scrape:
            scrape(head.query, of: bytes, origin)
            HTTPAnswer.append(.ok, .plain, body, style, to: &output)
        case .page(let page):
            page.append(report(), to: &body)
            HTTPAnswer.append(.ok, page.contentType, body, style, to: &output)
            logPage(head, of: bytes, origin, status: 200)
        case .unknown:
            HTTPAnswer.append(.notFound, style, to: &output)
            logPage(head, of: bytes, origin, status: 404)
        }
    }

    private func announce(_ query: Range<Int>, of bytes: RawSpan, _ origin: RequestOrigin) {
        do throws(TrackerRequestError) {
            let request = try AnnounceRequest(query: query, of: bytes)
            do throws(TrackerRefusal) {
                try tracker.announce(request, from: origin, at: reactor.now, answer: &answer)
                answer.appendBencode(compact: request.wantsCompact, to: &body)
                logAnnounce(request, .http, origin)
            } catch {
                refuse("\(error.reason)", error.retry, origin)
            }
        } catch {
            meter.totals.malformed += 1
            refuse("\(error.reason)", nil, origin)
        }
    }

    private func scrape(_ query: Range<Int>, of bytes: RawSpan, _ origin: RequestOrigin) {
        do throws(TrackerRequestError) {
            let request = try ScrapeRequest(query: query, of: bytes)
            // All torrents at once is a list that grows with the tracker, and nobody's business.
            guard !request.infoHashes.isEmpty else { return refuse("say which info_hash to scrape", .never, origin) }
            let files = request.infoHashes.map { ScrapeResponse.File($0, tracker.scrape($0)) }
            ScrapeResponse(files: files).appendBencode(to: &body)
            log(.http, origin, .scrape(torrents: files.count))
        } catch {
            meter.totals.malformed += 1
            refuse("\(error.reason)", nil, origin)
        }
    }

    private func refuse(_ reason: String, _ retry: TrackerFailure.Retry?, _ origin: RequestOrigin) {
        TrackerFailure(reason: reason, retry: retry).appendBencode(to: &body)
        log(.http, origin, .refused(reason))
    }

    /// The last address of the list that is not one of our proxies: what the outermost of them saw.
    private func forwardedFor(_ head: HTTPRequestHead, of bytes: RawSpan) -> IPAddress? {
        let proxies = tracker.policy.trustedProxies
        guard !proxies.isEmpty, let range = head.forwardedFor else { return nil }
        let text = String(decoding: bytes.array(range), as: UTF8.self)
        for part in text.split(separator: ",").reversed() {
            let word = String(part.drop { $0 == " " }.prefix { $0 != " " })
            guard let address = IPAddress(word) ?? Endpoint(word)?.address else { return nil }
            if !proxies.contains(address) { return address }
        }
        return nil
    }

    // MARK: UDP

    /// Puts the answer to one packet into `output`; nothing if it deserves none.
    func answer(packet: RawSpan, from remote: Endpoint, to output: inout [UInt8]) {
        meter.totals.udpRequests += 1
        meter.totals.bytesIn += UInt64(packet.byteCount)
        let now = reactor.now
        let request: UDPTrackerRequest
        do throws(TrackerRequestError) {
            request = try UDPTrackerRequest(packet)
        } catch {
            meter.totals.malformed += 1
            // Only one who has shown that it receives at its address is told what is wrong: anybody else might be
            // using us against somebody.
            guard packet.byteCount >= 16, issuer.accepts(packet.uint64(at: 0), from: remote.address, at: now) else {
                return
            }
            return UDPTrackerAnswer.appendError(
                transaction: packet.uint32(at: 12), reason: error.reason, to: &output)
        }
        switch request {
        case .connect(let transaction):
            let connection = issuer.issue(to: remote.address, at: now)
            UDPTrackerAnswer.appendConnect(transaction: transaction, connection: connection, to: &output)
        case .announce(let connection, let transaction, let announce):
            guard issuer.accepts(connection, from: remote.address, at: now) else { return }
            self.announce(announce, transaction, from: remote.address, at: now, to: &output)
        case .scrape(let connection, let transaction, let scrape):
            guard issuer.accepts(connection, from: remote.address, at: now) else { return }
            let counts = scrape.infoHashes.map { tracker.scrape($0) }
            UDPTrackerAnswer.appendScrape(transaction: transaction, counts, to: &output)
            log(.udp, RequestOrigin(connection: remote.address), .scrape(torrents: counts.count))
        }
    }

    /// Bytes of peers that fit a packet which no link on the way has to take apart: 1,280 less the headers.
    static let packetPeerBytes = 1_280 - 40 - 8 - 20

    private func announce(
        _ request: AnnounceRequest, _ transaction: UInt32, from address: IPAddress, at now: Moment,
        to output: inout [UInt8]
    ) {
        let origin = RequestOrigin(connection: address, packetBytes: Self.packetPeerBytes)
        do throws(TrackerRefusal) {
            try tracker.announce(request, from: origin, at: now, answer: &answer)
            UDPTrackerAnswer.appendAnnounce(transaction: transaction, answer, overIPv4: address.isV4, to: &output)
            logAnnounce(request, .udp, origin)
        } catch {
            UDPTrackerAnswer.appendError(transaction: transaction, reason: error.reason, to: &output)
            log(.udp, origin, .refused("\(error.reason)"))
        }
    }

    // MARK: Telling

    /// Called once a second.
    func tick() {
        meter.tick()
        tracker.expire(at: reactor.now, budget: tracker.expiryBudget)
        secondsToInterfaces -= 1
        if secondsToInterfaces <= 0 { lookAtInterfaces() }
    }

    /// Learns what others call this machine: addresses come and go.
    func lookAtInterfaces() {
        secondsToInterfaces = 60
        let interfaces = InterfaceAddress.all()
        announceURLs = AnnounceURLs.list(endpoints, interfaces)
        tracker.host = HostAddresses(
            interfaces.map { HostAddresses.Interface($0.address, prefixLength: $0.prefixLength) })
    }

    func report() -> TrackerReport {
        TrackerReport(self, now: reactor.now)
    }

    private func logAnnounce(
        _ request: AnnounceRequest, _ transport: TrackerRequestLog.Transport, _ origin: RequestOrigin
    ) {
        guard configuration.onRequest != nil else { return }
        let peers = answer.peers.count / 6 + answer.peers6.count / 18
        log(transport, origin, .announce(request, peers: peers))
    }

    private func logPage(_ head: HTTPRequestHead, of bytes: RawSpan, _ origin: RequestOrigin, status: Int) {
        guard configuration.onRequest != nil else { return }
        let path = String(decoding: bytes.array(head.path).prefix(200), as: UTF8.self)
        log(.http, origin, .page(path: path, status: status))
    }

    private func log(
        _ transport: TrackerRequestLog.Transport, _ origin: RequestOrigin, _ outcome: TrackerRequestLog.Outcome
    ) {
        configuration.onRequest?(
            TrackerRequestLog(transport: transport, source: tracker.policy.source(of: origin), outcome: outcome))
    }
}
