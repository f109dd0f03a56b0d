import Testing
import TorrentCore

@Suite struct HTTPRequestTests {
    private static func text(_ request: HTTPRequest) -> String { String(decoding: request.bytes, as: UTF8.self) }

    @Test func `what is asked for is on the wire as it is meant`() throws {
        var request = HTTPRequest(try HTTPURL("http://h:81/a?b"), agent: "x/1")
        #expect(
            Self.text(request)
                == "GET /a?b HTTP/1.1\r\nHost: h:81\r\nUser-Agent: x/1\r\nAccept-Encoding: identity\r\n"
                + "Connection: close\r\n\r\n")
        request.fields = [.range(from: 5, through: 9), .range(from: 7, through: nil)]
        request.acceptsGzip = true
        #expect(Self.text(request).contains("\r\nRange: bytes=5-9\r\nRange: bytes=7-\r\nAccept-Encoding: gzip\r\n"))
        request = HTTPRequest(try HTTPURL("http://h/"), agent: "x")
        request.method = .post
        #expect(Self.text(request).hasPrefix("POST / ") && Self.text(request).contains("\r\nContent-Length: 0\r\n"))
        request.body = Array("{}".utf8)
        #expect(Self.text(request).contains("\r\nContent-Length: 2\r\n") && Self.text(request).hasSuffix("\r\n\r\n{}"))
    }

    @Test func `a header line cannot hold another`() {
        #expect(HTTPRequest.Field("A", "b\r\nC: d") == nil && HTTPRequest.Field("A:b", "c") == nil)
        #expect(HTTPRequest.Field("A\nB", "c") == nil && HTTPRequest.Field("", "c") == nil)
        #expect(HTTPRequest.Field("Accept", "text/html, */*") != nil)
    }

    @Test func `a password goes to its own host alone`() throws {
        let first = try HTTPURL("http://a:b@h/x")
        let request = HTTPRequest(first, agent: "x")
        #expect(Self.text(request).contains("\r\nAuthorization: Basic YTpi\r\n"))
        let moved = request.aimed(at: try first.redirected(to: "//other/y?z"))
        #expect(Self.text(moved).hasPrefix("GET /y?z HTTP/1.1\r\nHost: other\r\n"))
        #expect(!Self.text(moved).contains("Authorization"))
        #expect(Self.text(request.aimed(at: try first.redirected(to: "/y"))).contains("Authorization"))
    }

    @Test func `the web has no datagrams`() {
        #expect(throws: NetworkURLError<HTTPScheme>.unknownScheme("udp")) { try HTTPURL("udp://h:1/") }
        #expect(
            NetworkURLError<HTTPScheme>.unknownScheme("udp").description == "udp:// is neither http:// nor https://")
        #expect(TrackerURLError.missingPort.description == "udp:// needs a port")
    }
}
