import Testing
import TorrentCore

@Suite struct HTTPResponseTests {
    /// Feeds `text` in pieces of `step` bytes, then the end of the connection.
    static func read(_ text: String, step: Int = 1_000, limit: Int = 1_000) throws(HTTPError) -> HTTPResponseReader {
        try read(Array(text.utf8), step: step, limit: limit)
    }

    static func read(_ bytes: [UInt8], step: Int, limit: Int = 1_000) throws(HTTPError) -> HTTPResponseReader {
        var reader = HTTPResponseReader(bodyLimit: limit)
        for start in stride(from: 0, to: bytes.count, by: step) {
            let part = Array(bytes[start..<min(start + step, bytes.count)])
            try part.withBytes { span throws(HTTPError) in try reader.receive(span) }
        }
        try reader.receiveEnd()
        return reader
    }

    static func body(_ reader: HTTPResponseReader) -> String { String(decoding: reader.body, as: UTF8.self) }

    @Test(arguments: [1, 2, 3, 7, 1_000])
    func `bodies come by length, in chunks, or to the end, in whatever pieces`(step: Int) throws {
        let length = try Self.read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloXX", step: step)
        #expect(Self.body(length) == "hello" && length.isComplete && length.head?.status == 200)
        let end = try Self.read("HTTP/1.0 200 OK\r\n\r\nhello", step: step)
        #expect(Self.body(end) == "hello" && end.isComplete)
        let chunked = try Self.read(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "3;a=b\r\nhel\r\n00002\r\nlo\r\n0\r\nTrail: er\r\n\r\nXX",
            step: step)
        #expect(Self.body(chunked) == "hello" && chunked.isComplete)
        let continued = try Self.read(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", step: step)
        #expect(Self.body(continued) == "ok")
        let redirect = try Self.read("HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 9\r\n\r\n", step: step)
        let bytes = try Self.read(
            Array("HTTP/1.1 302 Found\r\nLocation: /".utf8) + [0xE9] + Array("\r\nContent-Length: 0\r\n\r\n".utf8),
            step: step)
        #expect(bytes.head?.location == "/%E9")
        #expect(redirect.head?.isRedirect == true && redirect.head?.location == "/x")
    }

    @Test(
        arguments: [
            ("hello", .notHTTP(opening: Array("hello".utf8))), ("HTTP/2 200 OK\r\n\r\n", .malformedStartLine),
            ("HTTP/1.1 abc OK\r\n\r\n", .malformedStartLine), ("HTTP/2.0 200 OK\r\n\r\n", .unsupportedVersion),
            ("", .noAnswer), ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", .unexpectedEnd),
            ("HTTP/1.1 200 OK\r\nContent-Le", .unexpectedEnd),
            ("HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n", .bodyTooLong(limit: 1_000)),
            ("HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 1_001), .bodyTooLong(limit: 1_000)),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", .malformedContentLength),
            ("HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nx", .unsupportedEncoding),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\nx", .unsupportedEncoding),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", .malformedChunk),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n", .malformedChunk),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", .malformedChunk),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n", .unexpectedEnd),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n500\r\n" + String(repeating: "x", count: 0x500),
                .bodyTooLong(limit: 1_000)
            ),
            ("HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 20_000), .headTooLong(limit: 16_384)),
        ] as [(String, HTTPError)])
    func `what is wrong is named`(text: String, error: HTTPError) {
        #expect(throws: error) { try Self.read(text) }
    }

    @Test(
        arguments: [
            ("Content-Length: 50\r\n\r\nhello", true), ("Transfer-Encoding: chunked\r\n\r\n9\r\nhello", true),
            ("Content-Length: five\r\n\r\nhello", false), ("Warning in line 7\r\n folded\r\n\r\nhello", false),
            ("Transfer-Encoding: identity\r\n\r\nhello", false),
        ])
    func `what a careless server sends is read`(rest: String, isCutShort: Bool) throws {
        let reader = try Self.read("HTTP/1.5 200\r\n\(rest)")
        #expect(Self.body(reader) == "hello" && reader.isComplete && reader.isCutShort == isCutShort)
    }

    @Test func `what has been done to a body is known`() throws {
        for (value, coding) in [
            ("gzip", .compressed), ("Deflate", .compressed), ("x-gzip", .compressed), ("identity", .identity),
            ("", .identity),
        ] as [(String, HTTPResponseHead.ContentCoding)] {
            let fields = "Content-Encoding: \(value)\r\nRetry-After: 90\r\n"
            let reader = try Self.read("HTTP/1.1 503 Busy\r\n\(fields)\r\nx")
            #expect(reader.head?.coding == coding && reader.head?.retryAfter == 90)
        }
    }

    @Test(
        arguments: [
            ([0x15, 3, 1, 0, 2, 2, 70], "https"), (Array("SSH-2.0-OpenSSH_9\r\n".utf8), "SSH"),
            ([19] + Array("BitTorrent protocol".utf8), "a peer"),
            (Array("220 mail ready\r\n".utf8), "\"220 mail ready\""),
            ([0, 1, 2], "not HTTP"),
        ] as [([UInt8], String)])
    func `another protocol is named`(bytes: [UInt8], word: String) {
        let error = #expect(throws: HTTPError.self) { _ = try Self.read(bytes, step: 100) }
        #expect(error?.description.contains(word) == true)
        #expect(error?.description.contains("\n") == false)
    }

    /// Whoever sends nothing but these would keep its client busy for ever.
    @Test(arguments: [1, 7, 100_000])
    func `answers before the answer are passed over, within a limit`(step: Int) throws {
        let interim = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        let limit = HTTPResponseReader.interimLimit
        let most = try Self.read(String(repeating: interim, count: limit) + answer, step: step)
        #expect(Self.body(most) == "ok" && most.isComplete)
        #expect(throws: HTTPError.tooManyInterimAnswers(limit: limit)) {
            _ = try Self.read(String(repeating: interim, count: limit + 1) + answer, step: step)
        }
        #expect(throws: HTTPError.tooManyInterimAnswers(limit: limit)) {
            _ = try Self.read(String(repeating: interim, count: 100_000), step: max(step, 1_000))
        }
    }

    @Test(arguments: [1, 3, 1_000])
    func `a body may be taken out as it comes, and its limit counts all of it`(step: Int) throws {
        for rest in [
            "Content-Length: 12\r\n\r\nhello, world", "\r\nhello, world",
            "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n",
        ] {
            for limit in [12, 11] {
                var reader = HTTPResponseReader(bodyLimit: limit)
                var taken: [UInt8] = []
                let feed = {
                    let bytes = Array("HTTP/1.1 200 OK\r\n\(rest)".utf8)
                    for start in stride(from: 0, to: bytes.count, by: step) {
                        try Array(bytes[start..<min(start + step, bytes.count)]).withBytes { try reader.receive($0) }
                        taken += reader.takeBody()
                    }
                    try reader.receiveEnd()
                }
                if limit == 11 {
                    #expect(throws: HTTPError.bodyTooLong(limit: 11)) { try feed() }
                } else {
                    try feed()
                    #expect(taken == Array("hello, world".utf8) && reader.isComplete && reader.received == 12)
                    #expect(!reader.isCutShort)
                }
            }
        }
    }

    @Test func `the answer to HEAD ends with its head`() throws {
        var reader = HTTPResponseReader(hasBody: false)
        try Array("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n".utf8).withBytes { try reader.receive($0) }
        #expect(reader.isComplete && reader.head?.contentLength == 5 && !reader.isCutShort)
    }

    @Test func `endless chunk lines and trailers end`() {
        let extensions = "1;" + String(repeating: "x", count: 70_000)
        #expect(throws: HTTPError.malformedChunk) {
            try Self.read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + extensions)
        }
    }
}
