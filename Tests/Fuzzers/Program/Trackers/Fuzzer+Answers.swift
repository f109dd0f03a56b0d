import TorrentCore

extension Fuzzer {
    /// A tracker's HTTP answer, head and body.
    static let httpAnswer = Fuzzer(
        "http-answer", "an answer is the same however it comes in pieces, and its body keeps to the limit"
    ) {
        [
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;a=b\r\nlo\r\n0\r\nA: b\r\n\r\n",
            "HTTP/1.1 302 Found\r\nLocation: http://x/\r\nContent-Length: 3\r\n\r\nabc",
            "HTTP/1.0 200 OK\r\n\r\nd8:intervali60ee",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nde",
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nabc", "HTTP/1.1 204 No Content\n\n",
            "ICY 200 OK\r\n\r\n",
        ].map { Array($0.utf8) }
    } run: { bytes in
        let whole = read([bytes])
        hold(whole.body.count <= bodyLimit, "a body of \(whole.body.count) bytes")
        hold(read(pieces(of: bytes)) == whole, "another answer when it comes in pieces")
    }

    private static let bodyLimit = 256

    private struct Answer: Equatable {
        var head: HTTPResponseHead?
        var body: [UInt8] = []
        var isCutShort = false
        var fault: HTTPError?
    }

    private static func read(_ parts: [[UInt8]]) -> Answer {
        var reader = HTTPResponseReader(bodyLimit: bodyLimit)
        do throws(HTTPError) {
            for part in parts { try part.withBytes { span throws(HTTPError) in try reader.receive(span) } }
            try reader.receiveEnd()
            return Answer(head: reader.head, body: reader.body, isCutShort: reader.isCutShort)
        } catch {
            // What had come before the fault depends on the pieces, and so does how much of it is shown.
            if case .notHTTP = error { return Answer(fault: .notHTTP(opening: [])) }
            return Answer(fault: error)
        }
    }

    /// What a tracker says in the body.
    static let announceAnswer = Fuzzer(
        "announce-answer", "numbers are in their range, lists keep to their limits, our own answers come back whole"
    ) {
        let odd = "d11:external ip4:abcd8:interval2:605:peersl6:abcdefd2:ip1:h4:port1:7eee"
        var seeds = [
            "d14:failure reason4:busy8:retry ini5ee", odd, "d8:completei1e10:incompletei2e8:intervali60e5:peers0:e",
        ]
        .map { Array($0.utf8) }
        for isCompact in [true, false] {
            var bytes: [UInt8] = []
            packed([10, 0, 0, 1, 26, 225, 10, 0, 0, 2, 26, 226]).appendBencode(compact: isCompact, to: &bytes)
            seeds.append(bytes)
        }
        return seeds
    } run: { bytes in
        if let answer = try? AnnounceResponse(bencode: bytes) {
            check(answer)
            hold(answer.oddities.count <= 32, "\(answer.oddities.count) oddities")
        }
        if let answer = try? ScrapeResponse(bencode: bytes) {
            hold(answer.torrents.allSatisfy { $0.counts.complete >= 0 && $0.counts.incomplete >= 0 }, "fewer than none")
        }
        // The same bytes as peers of our own answer.
        let ours = packed(Array(bytes.prefix(bytes.count / 6 * 6)))
        var written: [UInt8] = []
        ours.appendBencode(compact: true, to: &written)
        var peers: [Endpoint] = []
        ours.forEachPeer { if $0.port != 0 { peers.append($0) } }
        let read = try? AnnounceResponse(bencode: written)
        hold(read?.peers == Array(peers.prefix(AnnounceResponse.peerLimit)), "other peers in our own answer")
    }

    /// An answer with these peers of IPv4.
    private static func packed(_ peers: [UInt8]) -> PackedAnnounceResponse {
        var packed = PackedAnnounceResponse()
        packed.interval = 60
        packed.peers = peers
        return packed
    }

    private static func check(_ answer: AnnounceResponse) {
        hold((.seconds(1)...AnnounceResponse.longestInterval).contains(answer.interval), "\(answer.interval)")
        hold(
            answer.minInterval.map { $0 >= .seconds(1) } ?? true, "a wait of \(String(describing: answer.minInterval))")
        hold(answer.peers.count <= AnnounceResponse.peerLimit, "\(answer.peers.count) peers")
        hold(answer.namedPeers.count <= AnnounceResponse.nameLimit, "\(answer.namedPeers.count) names")
        hold(answer.peers.allSatisfy { $0.port != 0 }, "a peer at port 0")
        hold((answer.complete ?? 0) >= 0 && (answer.incomplete ?? 0) >= 0, "fewer than none")
    }

    /// What a UDP tracker sends.
    static let udpAnswer = Fuzzer("udp-answer", "what our tracker would say of it is read as it was", inputLimit: 1_600)
    {
        var connect: [UInt8] = []
        UDPTrackerAnswer.appendConnect(transaction: 1, connection: 2, to: &connect)
        var scrape: [UInt8] = []
        UDPTrackerAnswer.appendScrape(
            transaction: 1, [ScrapeCounts(complete: 1, incomplete: 2, downloaded: 3)], to: &scrape)
        var failure: [UInt8] = []
        UDPTrackerAnswer.appendError(transaction: 1, reason: "no", to: &failure)
        let announce: [UInt8] = [0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 60, 0, 0, 0, 1, 0, 0, 0, 1, 10, 0, 0, 1, 26, 225]
        return [connect, scrape, failure, announce]
    } run: { bytes in
        for overIPv4 in [true, false] {
            guard let answer = parseAnswer(bytes, overIPv4: overIPv4) else { continue }
            var written: [UInt8] = []
            switch answer {
            case .connect(let transaction, let connection):
                UDPTrackerAnswer.appendConnect(transaction: transaction, connection: connection, to: &written)
            case .scrape(let transaction, let counts):
                UDPTrackerAnswer.appendScrape(transaction: transaction, counts, to: &written)
            case .error(_, let failure):
                hold(failure.reason.utf8.count <= 3 * TrackerFailure.reasonLimit, "a reason that is too long")
                continue
            case .announce(let transaction, let answer):
                check(answer)
                // Of one family alone; what is IPv4 in the guise of IPv6 has been taken for what it is.
                guard answer.peers.allSatisfy({ $0.address.isV4 == overIPv4 }) else { continue }
                written = announce(transaction, answer, overIPv4: overIPv4)
                guard case .announce(_, let again)? = parseAnswer(written, overIPv4: overIPv4) else {
                    return hold(false, "our own answer is refused")
                }
                hold(again.peers == answer.peers && again.interval == answer.interval, "another answer")
                hold(again.complete == answer.complete && again.incomplete == answer.incomplete, "other counts")
                continue
            }
            hold(parseAnswer(written, overIPv4: overIPv4) == answer, "another answer when written again")
        }
    }

    private static func parseAnswer(_ bytes: [UInt8], overIPv4: Bool) -> UDPTrackerResponse? {
        try? bytes.withBytes { span throws(TrackerResponseError) in try UDPTrackerResponse(span, overIPv4: overIPv4) }
    }

    private static func announce(_ transaction: UInt32, _ answer: AnnounceResponse, overIPv4: Bool) -> [UInt8] {
        var packed = PackedAnnounceResponse()
        packed.interval = UInt32(clamping: answer.interval.components.seconds)
        packed.complete = UInt32(clamping: answer.complete ?? 0)
        packed.incomplete = UInt32(clamping: answer.incomplete ?? 0)
        for peer in answer.peers { packed.append(peer) }
        var bytes: [UInt8] = []
        bytes.append(addingCapacity: 2_048) { output in
            UDPTrackerAnswer.appendAnnounce(transaction: transaction, packed, overIPv4: overIPv4, to: &output)
        }
        return bytes
    }
}
