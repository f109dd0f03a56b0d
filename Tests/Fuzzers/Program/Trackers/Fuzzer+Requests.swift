import TorrentCore

extension Fuzzer {
    /// The head of a request to our HTTP server.
    static let requestHead = Fuzzer(
        "request-head", "a head is the same whatever is there of it, and its ranges lie within", inputLimit: 1_024
    ) {
        [
            "GET /announce?info_hash=%12&port=1 HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET / HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nabc",
            "HEAD http://h/stats?a=b HTTP/1.1\r\nX-Forwarded-For: 10.0.0.1, 10.0.0.2\r\nX-Forwarded-For: ::1\r\n\r\n",
            "DELETE /torrents/%31.torrent?q=a HTTP/1.1\r\nHost: x\r\nOrigin: y\r\n\r\n",
            "POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n", "GET / HTTP/2.0\r\n\r\n", "GET /\r\n\r\n",
        ].map { Array($0.utf8) }
    } run: { bytes in
        let limit = 512
        let (head, fault) = parseHead(bytes, limit: limit)
        guard let head else {
            // What is refused is not taken once more of it is there; what is incomplete is shorter than the limit.
            hold(fault != nil || bytes.count < limit, "\(bytes.count) bytes and no end")
            return
        }
        hold(head.byteCount <= min(bytes.count, limit), "a head of \(head.byteCount) bytes")
        hold(head.path.upperBound <= head.query.lowerBound && head.query.upperBound <= head.byteCount, "ranges outside")
        hold(head.contentLength >= 0, "a body of \(head.contentLength) bytes")
        hold(parseHead(Array(bytes.prefix(head.byteCount)), limit: limit).head == head, "another head by itself")
        for cut in cuts(of: bytes) where cut < head.byteCount {
            let part = parseHead(Array(bytes.prefix(cut)), limit: limit)
            hold(part.head == nil && part.fault == nil, "an answer after \(cut) of \(head.byteCount) bytes")
        }
        bytes.withBytes { span in
            let members = head.forwardedFor(in: span)
            hold(head.isForwarded || members.isEmpty, "forwarded, and not")
            hold(members.allSatisfy { !$0.isEmpty }, "an empty member")
            hold(head.decodedPath(in: span).count <= head.path.count, "a path that grows")
        }
    }

    private static func parseHead(_ bytes: [UInt8], limit: Int) -> (head: HTTPRequestHead?, fault: HTTPError?) {
        do throws(HTTPError) {
            return (
                try bytes.withBytes { span throws(HTTPError) in try HTTPRequestHead.parse(span, limit: limit) }, nil
            )
        } catch {
            return (nil, error)
        }
    }

    /// The query of an announce.
    static let announceQuery = Fuzzer(
        "announce-query", "what is read is written and read again as it was", inputLimit: 1_024
    ) {
        let hash = "%12%34%56%78%9a%bc%de%f1%23%45%67%89%ab%cd%ef%12%34%56%78%9a"
        let head = "info_hash=\(hash)&peer_id=-PS0100-abcdefghijkl&port=6881"
        let more = "&uploaded=1&downloaded=2&left=3&event=started&numwant=80&key=0A0B0C0D&compact=1&no_peer_id=1"
        return [
            head, head + more + "&ip=10.0.0.9&trackerid=a%20b&supportcrypto=1",
            head + "&event=paused&ipv4=10.0.0.1:5&ipv6=[::1]:6&key=whatever&left=-1&numwant=x&compact=0", "info_hash=1",
        ].map { Array($0.utf8) }
    } run: { bytes in
        guard var request = parseQuery(bytes) else { return }
        hold(request.left >= 0 && request.uploaded >= 0 && request.downloaded >= 0, "less than nothing")
        hold((request.numberWanted ?? 0) >= 0, "fewer peers than none")
        var written: [UInt8] = []
        request.appendQuery(to: &written)
        // What was not understood is not written, and an unknown rest becomes a small number.
        request.ignored = []
        if request.left == AnnounceRequest.unknownLeft { request.left = 16_384 }
        hold(
            parseQuery(written) == request,
            "another request when written again: \(String(decoding: written, as: UTF8.self))")
    }

    private static func parseQuery(_ bytes: [UInt8]) -> AnnounceRequest? {
        try? bytes.withBytes { span throws(TrackerRequestError) in
            try AnnounceRequest(query: 0..<span.byteCount, of: span)
        }
    }

    /// URLs of trackers, and where they redirect to.
    static let trackerURL = Fuzzer(
        "tracker-url", "nothing but plain characters goes into a request; what is shown reads the same", inputLimit: 512
    ) {
        [
            "http://user:word@example.org:8080/a/announce?k=1#x", "udp://[::1]:80", "https://h/../x/./announce",
            "HTTP://H", "http://h:0/", "ftp://h/", "udp://h:1/announce?a=b",
        ].map { Array($0.utf8) }
    } run: { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        guard let asked = try? TrackerURL("http://u:p@h:8080/a/announce?k=1") else { return hold(false, "a right URL") }
        for url in [try? TrackerURL(text), try? asked.redirected(to: text)].compactMap(\.self) {
            hold(url.target.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "\(url.target) in a request")
            hold(url.host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "\(url.host) in a request")
            let shown = try? TrackerURL(url.description)
            let isSame = shown?.target == url.target && shown?.host == url.host && shown?.port == url.port
            hold(isSame || url.description.utf8.count > TrackerURL.lengthLimit, "\(url) is shown otherwise")
            hold(shown?.userInfo.isEmpty ?? true, "\(url) shows a password")
        }
    }

    /// What comes to our UDP port.
    static let udpRequest = Fuzzer(
        "udp-request", "a packet that is read is written and read again as it was", inputLimit: 1_600
    ) {
        let hash = InfoHash(Bytes20(high: 1, middle: 2, low: 3))
        let announce = AnnounceRequest(
            infoHash: hash, peerID: PeerID(Bytes20(high: 4, middle: 5, low: 6)), port: 7, uploaded: 8, left: 9,
            event: .started, numberWanted: 10, key: 11)
        let requests: [UDPTrackerRequest] = [
            .connect(transaction: 1), .announce(connection: 2, transaction: 3, announce),
            .scrape(connection: 4, transaction: 5, ScrapeRequest(infoHashes: [hash, hash])),
        ]
        return requests.map { request in
            var bytes: [UInt8] = []
            request.append(urlData: Array("/announce?key=1".utf8), to: &bytes)
            return bytes
        }
    } run: { bytes in
        guard let request = parsePacket(bytes) else { return }
        var written: [UInt8] = []
        request.append(to: &written)
        guard case .announce(let connection, let transaction, var announce) = request else {
            return hold(parsePacket(written) == request, "another request when written again")
        }
        hold(announce.left >= 0 && announce.uploaded >= 0 && announce.downloaded >= 0, "less than nothing")
        announce.ignored = []
        let same = UDPTrackerRequest.announce(connection: connection, transaction: transaction, announce)
        hold(parsePacket(written) == same, "another announce when written again")
        bytes.withBytes { hold(UDPTrackerRequest.announcedInfoHash($0) == announce.infoHash, "another info hash") }
    }

    private static func parsePacket(_ bytes: [UInt8]) -> UDPTrackerRequest? {
        try? bytes.withBytes { span throws(TrackerRequestError) in try UDPTrackerRequest(span) }
    }
}
