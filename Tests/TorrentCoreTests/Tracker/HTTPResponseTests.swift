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
            ("hello", .malformedStartLine), ("HTTP/2 200 OK\r\n\r\n", .malformedStartLine),
            ("HTTP/1.1 abc OK\r\n\r\n", .malformedStartLine), ("HTTP/1.9 200 OK\r\n\r\n", .unsupportedVersion),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", .unexpectedEnd),
            ("HTTP/1.1 200 OK\r\nContent-Le", .unexpectedEnd),
            ("HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n", .bodyTooLong(limit: 1_000)),
            ("HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 1_001), .bodyTooLong(limit: 1_000)),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", .malformedContentLength),
            ("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nx", .unsupportedEncoding),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\nx", .unsupportedEncoding),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", .malformedChunk),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n", .malformedChunk),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", .malformedChunk),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe", .unexpectedEnd),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n500\r\n" + String(repeating: "x", count: 0x500),
                .bodyTooLong(limit: 1_000)
            ),
            ("HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 20_000), .headTooLong(limit: 16_384)),
        ] as [(String, HTTPError)])
    func `what is wrong is named`(text: String, error: HTTPError) {
        #expect(throws: error) { try Self.read(text) }
    }

    @Test func `endless chunk lines and trailers end`() {
        let extensions = "1;" + String(repeating: "x", count: 70_000)
        #expect(throws: HTTPError.malformedChunk) {
            try Self.read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + extensions)
        }
    }
}
