import Testing
import TorrentCore

@Suite struct HTTPRequestHeadTests {
    static func parse(_ text: String, limit: Int = 8_192) throws(HTTPError) -> HTTPRequestHead? {
        try Array(text.utf8).withBytes { bytes throws(HTTPError) in try HTTPRequestHead.parse(bytes, limit: limit) }
    }

    static func part(_ text: String, _ range: Range<Int>) -> String {
        String(decoding: Array(text.utf8)[range], as: UTF8.self)
    }

    @Test func `a request falls into path, query and what matters of its headers`() throws {
        let text = "GET /announce?a=1&b HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 1.2.3.4, 5.6.7.8\r\n\r\nGET /"
        let head = try #require(try Self.parse(text))
        #expect(head.method == .get && head.keepsAlive && head.contentLength == 0)
        #expect(Self.part(text, head.path) == "/announce")
        #expect(Self.part(text, head.query) == "a=1&b")
        #expect(head.isForwarded && Self.forwardedFor(text, head) == ["1.2.3.4", "5.6.7.8"])
        #expect(Self.part(text, head.byteCount..<text.utf8.count) == "GET /")
    }

    static func forwardedFor(_ text: String, _ head: HTTPRequestHead) -> [String] {
        Array(text.utf8).withBytes { head.forwardedFor(in: $0) }.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `several lines of whom a request is for are one list`() throws {
        let text =
            "GET / HTTP/1.1\r\nX-Forwarded-For: a\r\nA: z\r\nx-forwarded-for:  b ,,\tc\t, \r\n"
            + "X-FORWARDED-FOR: d\r\n\r\n"
        let head = try #require(try Self.parse(text))
        #expect(Self.forwardedFor(text, head) == ["a", "b", "c", "d"])
        let plain = "GET / HTTP/1.1\r\nForwarded: for=a\r\n\r\n"
        let other = try #require(try Self.parse(plain))
        #expect(!other.isForwarded && Self.forwardedFor(plain, other) == [])
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\n\r\n", true), ("GET / HTTP/1.0\r\n\r\n", false),
        ("GET / HTTP/1.1\r\nConnection: close\r\n\r\n", false),
        ("GET / HTTP/1.1\r\nCONNECTION: Upgrade , CLOSE\r\n\r\n", false),
        ("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true),
        ("GET / HTTP/1.1\n\n", true),
    ])
    func `who keeps the connection`(text: String, keeps: Bool) throws {
        #expect(try Self.parse(text)?.keepsAlive == keeps)
    }

    @Test func `proxies write whole URLs`() throws {
        let text = "GET http://example.org/scrape?x HTTP/1.1\r\n\r\n"
        let head = try #require(try Self.parse(text))
        #expect(Self.part(text, head.path) == "/scrape" && Self.part(text, head.query) == "x")
        for (target, path, query) in [
            ("http://x", "", ""), ("https://x:8/a/", "/a/", ""), ("HTTP://x?q=/", "", "q=/"),
            ("http://[::1]/?", "/", ""),
        ] {
            let text = "GET \(target) HTTP/1.1\r\n\r\n"
            let head = try #require(try Self.parse(text))
            #expect(Self.part(text, head.path) == path && Self.part(text, head.query) == query, "\(target)")
        }
    }

    @Test(
        arguments: [
            ("GET /\r\n\r\n", .malformedStartLine), ("\u{13}BitTorrent protocol\r\n\r\n", .malformedStartLine),
            ("GET  / HTTP/1.1\r\n\r\n", .malformedStartLine), ("GET x HTTP/1.1\r\n\r\n", .malformedStartLine),
            ("GET / HTTP/2.0\r\n\r\n", .unsupportedVersion), ("GET / HTTP/1.1\r\nno colon\r\n\r\n", .malformedHeader),
            ("GET / HTTP/1.1\r\nA : b\r\n\r\n", .malformedHeader),
            ("GET / HTTP/1.1\r\n folded\r\n\r\n", .malformedHeader),
            ("GET / HTTP/1.1\r\nContent-Length: 1x\r\n\r\n", .malformedContentLength),
            ("GET / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", .unsupportedEncoding),
            ("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", .unsupportedEncoding),
            ("POST / HTTP/1.1\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n", .unsupportedEncoding),
            ("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .unsupportedEncoding),
            ("GET / HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\n", .malformedContentLength),
            ("GET / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 0\r\n\r\n", .malformedContentLength),
        ] as [(String, HTTPError)])
    func `what is wrong is named`(text: String, error: HTTPError) {
        #expect(throws: error) { try Self.parse(text) }
    }

    @Test func `a body is announced by its length or by chunks`() throws {
        let length = try #require(
            try Self.parse("POST /x HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-Continue\r\nX-Y:  z \r\n\r\n"))
        #expect(length.method == .post && length.contentLength == 5 && length.hasBody && length.expectsContinue)
        let chunked = try #require(try Self.parse("POST /x HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n"))
        #expect(chunked.isChunked && chunked.hasBody && !chunked.expectsContinue)
        #expect(try Self.parse("GET / HTTP/1.1\r\nContent-Length: 0\r\n\r\n")?.hasBody == false)
        #expect(try Self.parse("GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n")?.expectsContinue == false)
    }

    @Test func `any header line can be asked for`() throws {
        let text = "GET / HTTP/1.1\r\nRange:  bytes=1-2 \r\nrange: other\r\n\r\n"
        let head = try #require(try Self.parse(text))
        Array(text.utf8).withBytes {
            #expect(head.field("range", in: $0) == Array("bytes=1-2".utf8))
            #expect(head.field("host", in: $0) == nil)
        }
    }

    @Test func `an unfinished head waits until the limit`() throws {
        let text = "GET /" + String(repeating: "a", count: 100) + " HTTP/1.1\r\n\r\n"
        for count in 0..<text.utf8.count { #expect(try Self.parse(Self.part(text, 0..<count)) == nil) }
        #expect(try Self.parse(text, limit: text.utf8.count) != nil)
        #expect(throws: HTTPError.headTooLong(limit: 64)) { try Self.parse(text, limit: 64) }
    }
}
