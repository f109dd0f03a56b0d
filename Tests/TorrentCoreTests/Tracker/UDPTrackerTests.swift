import Testing
import TorrentCore

@Suite struct UDPTrackerTests {
    static func request(_ bytes: [UInt8]) throws(TrackerRequestError) -> UDPTrackerRequest {
        try bytes.withBytes { span throws(TrackerRequestError) in try UDPTrackerRequest(span) }
    }

    static func response(_ bytes: [UInt8], v4: Bool = true) throws(TrackerResponseError) -> UDPTrackerResponse {
        try bytes.withBytes { span throws(TrackerResponseError) in try UDPTrackerResponse(span, overIPv4: v4) }
    }

    static func bytes(_ request: UDPTrackerRequest, urlData: String = "") -> [UInt8] {
        var output: [UInt8] = []
        request.append(urlData: Array(urlData.utf8), to: &output)
        return output
    }

    /// The answer of transaction 4, if it fits so many bytes.
    static func announceAnswer(
        _ response: PackedAnnounceResponse, overIPv4: Bool = true, room: Int = 1_000
    ) -> [UInt8] {
        let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: room)
        defer { bytes.deallocate() }
        var output = OutputSpan(buffer: bytes, initializedCount: 0)
        UDPTrackerAnswer.appendAnnounce(transaction: 4, response, overIPv4: overIPv4, to: &output)
        return Array(bytes.prefix(output.finalize(for: bytes)))
    }

    static let announce = AnnounceRequest(
        infoHash: InfoHash(hex: String(repeating: "ab", count: 20))!,
        peerID: PeerID(hex: String(repeating: "cd", count: 20))!, port: 0x1AE1, uploaded: 3, downloaded: 1, left: 2,
        event: .started, numberWanted: nil, key: 0x0102_0304)

    @Test func `packets have the bytes of BEP 15`() {
        #expect(Self.bytes(.connect(transaction: 0x0A0B_0C0D)).hex == "0000041727101980" + "00000000" + "0a0b0c0d")
        let packet = Self.bytes(.announce(connection: 0x1122_3344_5566_7788, transaction: 9, Self.announce))
        #expect(
            packet.hex == "1122334455667788" + "00000001" + "00000009" + String(repeating: "ab", count: 20)
                + String(repeating: "cd", count: 20) + "0000000000000001" + "0000000000000002" + "0000000000000003"
                + "00000002" + "00000000" + "01020304" + "ffffffff" + "1ae1")
        let scrape = Self.bytes(
            .scrape(connection: 5, transaction: 6, ScrapeRequest(infoHashes: [Self.announce.infoHash])))
        #expect(scrape.hex == "0000000000000005" + "00000002" + "00000006" + String(repeating: "ab", count: 20))
    }

    @Test func `requests are read back, options and all`() throws {
        let packet = Self.bytes(.announce(connection: 7, transaction: 8, Self.announce), urlData: "/a?b=c")
        #expect(packet.suffix(9) == [2, 6] + Array("/a?b=c".utf8) + [0])
        #expect(try Self.request(packet) == .announce(connection: 7, transaction: 8, Self.announce))
        let long = Self.bytes(
            .announce(connection: 7, transaction: 8, Self.announce), urlData: String(repeating: "x", count: 300))
        #expect(long.count == 98 + 2 + 255 + 2 + 45 + 1)
        #expect(try Self.request(Self.bytes(.connect(transaction: 3))) == .connect(transaction: 3))
    }

    @Test(
        arguments: [
            ([UInt8](repeating: 0, count: 15), .tooShort(bytes: 15)),
            ([UInt8](repeating: 0, count: 16), .notTheProtocol),
            ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1] + [UInt8](repeating: 0, count: 85), .tooShort(bytes: 97)),
            ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9] + [UInt8](repeating: 0, count: 85), .unknownAction(9)),
            ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2] + [UInt8](repeating: 0, count: 23), .missing(.infoHash)),
        ] as [([UInt8], TrackerRequestError)])
    func `what is wrong with a request is named`(packet: [UInt8], error: TrackerRequestError) {
        #expect(throws: error) { try Self.request(packet) }
    }

    @Test func `an event that is none, and bytes behind the packet, do no harm`() throws {
        var packet = Self.bytes(.announce(connection: 7, transaction: 8, Self.announce))
        packet[83] = 4
        packet += [9, 200, 1, 0, 0]
        guard case .announce(_, _, let request) = try Self.request(packet) else {
            throw TrackerRequestError.notTheProtocol
        }
        #expect(request.event == .none && request.ignored == .event)
        #expect(request.infoHash == Self.announce.infoHash && request.port == Self.announce.port)
    }

    @Test func `of a scrape as much is read as a packet may hold`() throws {
        let hashes = [UInt8](repeating: 7, count: 20 * 80)
        guard
            case .scrape(_, _, let request) = try Self.request(
                [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1] + hashes)
        else { throw TrackerRequestError.notTheProtocol }
        #expect(request.infoHashes.count == ScrapeRequest.packetLimit)
    }

    @Test func `numbers that mean nothing are not taken at their word`() throws {
        var packet = Self.bytes(.announce(connection: 7, transaction: 8, Self.announce))
        for place in 64..<72 { packet[place] = 0xFF }
        guard case .announce(_, _, let request) = try Self.request(packet) else {
            throw TrackerRequestError.notTheProtocol
        }
        #expect(request.left == .max)
    }

    @Test func `answers go both ways in both families`() throws {
        var answer = AnnounceAnswerTests.packed
        answer.peers += [1, 2, 3, 4, 0, 0]
        var packet = Self.announceAnswer(answer)
        #expect(Self.announceAnswer(answer, room: packet.count) == packet)
        #expect(Self.announceAnswer(answer, room: packet.count - 1).isEmpty)
        guard case .announce(4, let v4) = try Self.response(packet) else { throw TrackerResponseError.notDictionary }
        #expect(v4.interval == .seconds(900) && v4.complete == 2 && v4.incomplete == 1)
        #expect(v4.peers == [Endpoint("10.0.0.1:6881")], "a peer at port 0 is none")
        packet = Self.announceAnswer(answer, overIPv4: false)
        guard case .announce(4, let v6) = try Self.response(packet, v4: false) else {
            throw TrackerResponseError.notDictionary
        }
        #expect(v6.peers == [Endpoint("[2001::7]:6882")])
        packet = []
        UDPTrackerAnswer.appendConnect(transaction: 4, connection: 99, to: &packet)
        #expect(try Self.response(packet) == .connect(transaction: 4, connection: 99))
        packet = []
        let counts = [ScrapeCounts(complete: 1, incomplete: 2, downloaded: 3), ScrapeCounts()]
        UDPTrackerAnswer.appendScrape(transaction: 4, counts, to: &packet)
        #expect(packet.hex == "0000000200000004" + "000000010000000300000002" + String(repeating: "0", count: 24))
        #expect(try Self.response(packet) == .scrape(transaction: 4, counts))
        packet = []
        UDPTrackerAnswer.appendError(transaction: 4, reason: "no", to: &packet)
        #expect(try Self.response(packet + [0, 65]) == .error(transaction: 4, TrackerFailure(reason: "no")))
    }

    @Test(
        arguments: [
            ("0000003c", "", 60, 0, []), ("00000000", "01020304", 1, 0, [.clamped(.interval), .badPeers(count: 1)]),
            ("ffffffff", "0102030405060708", 1, 1, [.clamped(.interval), .badPeers(count: 1)]),
            ("7fffffff", "010203040506", 86_400, 1, [.clamped(.interval)]),
        ] as [(String, String, Int, Int, [AnswerOddity])])
    func `waits out of range and odd tails do not cost the peers`(
        interval: String, tail: String, seconds: Int, peers: Int, oddities: [AnswerOddity]
    ) throws {
        let hex = "0000000100000004" + interval + "0000000000000000" + tail
        let packet = stride(from: 0, to: hex.count, by: 2).map { UInt8(hex.dropFirst($0).prefix(2), radix: 16)! }
        guard case .announce(4, let answer) = try Self.response(packet) else { throw TrackerResponseError.empty }
        #expect(answer.interval == .seconds(seconds) && answer.peers.count == peers && answer.oddities == oddities)
    }

    @Test func `short and strange answers are refused`() {
        #expect(throws: TrackerResponseError.tooShort(bytes: 7)) { try Self.response([0, 0, 0, 0, 0, 0, 0]) }
        #expect(throws: TrackerResponseError.tooShort(bytes: 8)) { try Self.response([0, 0, 0, 0, 0, 0, 0, 1]) }
        #expect(throws: TrackerResponseError.tooShort(bytes: 8)) { try Self.response([0, 0, 0, 1, 0, 0, 0, 1]) }
        #expect(throws: TrackerResponseError.unknownAction(7)) { try Self.response([0, 0, 0, 7, 0, 0, 0, 1]) }
    }
}
