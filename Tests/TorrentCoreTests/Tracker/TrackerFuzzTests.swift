import Testing
import TorrentCore

/// Mutated input never traps, and what is accepted makes sense.
@Suite struct TrackerFuzzTests {
    @Test func `queries and heads`() {
        var generator = SplitMix64(seed: 31)
        let text =
            "GET /announce?\(AnnounceQueryTests.head)&left=5&event=stopped&ip=::1&key=ab HTTP/1.1\r\nA: b\r\n\r\n"
        for round in 0..<3_000 {
            let bytes = Array(text.utf8).mutated(using: &generator)
            bytes.withBytes { span in
                guard let head = try? HTTPRequestHead.parse(span, limit: 512) else { return }
                #expect(head.path.upperBound <= head.byteCount && head.byteCount <= bytes.count, "round \(round)")
                guard let request = try? AnnounceRequest(query: head.query, of: span) else { return }
                #expect(request.left >= 0 && request.uploaded >= 0, "round \(round)")
            }
        }
    }

    @Test func `answers`() throws {
        var generator = SplitMix64(seed: 32)
        let odd = "d11:external ip4:abcd8:interval2:605:peersl6:abcdefd2:ip1:h4:port1:7eee"
        var seeds: [[UInt8]] = [[], [], Array("d14:failure reason4:busy8:retry ini5ee".utf8), Array(odd.utf8)]
        AnnounceAnswerTests.packed.appendBencode(compact: true, to: &seeds[0])
        AnnounceAnswerTests.packed.appendBencode(compact: false, to: &seeds[1])
        for round in 0..<3_000 {
            let bytes = seeds[round % 4].mutated(using: &generator)
            if let answer = try? AnnounceResponse(bencode: bytes) {
                let bounds = Duration.seconds(1)...AnnounceResponse.longestInterval
                #expect(bounds.contains(answer.interval), "round \(round)")
                #expect(answer.oddities.count <= 16, "round \(round)")
                #expect(answer.peers.allSatisfy { $0.port != 0 }, "round \(round)")
            }
            _ = try? ScrapeResponse(bencode: bytes)
        }
    }

    @Test func `packets`() {
        var generator = SplitMix64(seed: 33)
        let request = UDPTrackerTests.bytes(.announce(connection: 1, transaction: 2, UDPTrackerTests.announce))
        let answer = UDPTrackerTests.announceAnswer(AnnounceAnswerTests.packed)
        for _ in 0..<3_000 {
            _ = try? UDPTrackerTests.request(request.mutated(using: &generator))
            _ = try? UDPTrackerTests.response(answer.mutated(using: &generator), v4: Bool.random(using: &generator))
        }
    }

    @Test func `HTTP answers`() {
        var generator = SplitMix64(seed: 34)
        let seeds = [
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
            "HTTP/1.1 302 Found\r\nLocation: http://x/\r\nContent-Length: 3\r\n\r\nabc",
        ]
        for round in 0..<3_000 {
            let bytes = Array(seeds[round % 2].utf8).mutated(using: &generator)
            var reader = HTTPResponseReader(bodyLimit: 64)
            bytes.withBytes { try? reader.receive($0) }
            try? reader.receiveEnd()
            #expect(reader.body.count <= 64)
        }
    }

    @Test func `redirects`() throws {
        var generator = SplitMix64(seed: 36)
        let url = try TrackerURL("http://u:p@h:8080/a/announce?k=1")
        for round in 0..<3_000 {
            let location = Array("http://h:8080/../x/./announce?k=1&info_hash=%ab&port=5#x".utf8)
            let bytes = Array(location.dropFirst(round % 14)).mutated(using: &generator)
            let text = String(decoding: bytes, as: UTF8.self)
            guard let target = try? url.redirected(to: text) else { continue }
            let clean = try target.withoutParameters(of: UDPTrackerTests.announce, to: url)
            #expect(clean.target.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "round \(round)")
            #expect(clean.userInfo.isEmpty || clean.host == "h" || text.contains("@"), "round \(round)")
        }
    }

    @Test func `URLs`() {
        var generator = SplitMix64(seed: 35)
        for round in 0..<3_000 {
            let bytes = Array("http://user.example:8080/a/announce?k=[::1]#x".utf8).mutated(using: &generator)
            guard let url = try? TrackerURL(String(decoding: bytes, as: UTF8.self)) else { continue }
            let shown = try? TrackerURL(url.description)
            #expect(shown?.target == url.target && shown?.host == url.host && shown?.userInfo == "", "round \(round)")
            #expect(url.target.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "round \(round)")
        }
    }
}
