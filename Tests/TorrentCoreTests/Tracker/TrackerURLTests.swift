import Testing
import TorrentCore

@Suite struct TrackerURLTests {
    @Test(
        arguments: [
            ("http://example.org/announce", "http", "example.org", 80, "/announce"),
            (
                "HTTPS://Example.ORG:8443/a/announce.php?key=1&x", "https", "example.org", 8_443,
                "/a/announce.php?key=1&x"
            ),
            ("udp://tracker.example:6969", "udp", "tracker.example", 6_969, "/"),
            ("udp://[2001:db8::1]:1337/announce", "udp", "2001:db8::1", 1_337, "/announce"),
            ("http://127.0.0.1:6969?info=1#part", "http", "127.0.0.1", 6_969, "/?info=1"),
            ("http://h:/x", "http", "h", 80, "/x"), (" \thttp://h/x \r\n", "http", "h", 80, "/x"),
            ("http://h/a b%20c", "http", "h", 80, "/a%20b%20c"), ("http://n:p%40w@h:81/x", "http", "h", 81, "/x"),
            ("http://h?passkey=1", "http", "h", 80, "/?passkey=1"),
            ("http://h/ü", "http", "h", 80, "/%C3%BC"),
            // A combining mark or a joiner makes no other character of the delimiter before it.
            ("http://h/\u{301}x", "http", "h", 80, "/%CC%81x"), ("http://h?\u{301}", "http", "h", 80, "/?%CC%81"),
            ("http://h:8/\u{200D}", "http", "h", 8, "/%E2%80%8D"), ("http://h/a#\u{301}b", "http", "h", 80, "/a"),
        ] as [(String, String, String, UInt16, String)])
    func `a URL falls into its parts`(text: String, scheme: String, host: String, port: UInt16, target: String) throws {
        let url = try TrackerURL(text)
        #expect(url.scheme.rawValue == scheme)
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.target == target)
        #expect(url.userInfo == (text.contains("@") ? "n:p%40w" : ""))
        let shown = try TrackerURL(url.description)
        #expect(shown.userInfo.isEmpty && (shown == url || !url.userInfo.isEmpty))
    }

    @Test(
        arguments: [
            ("example.org/announce", .noScheme),
            ("ftp://example.org/", .unknownScheme("ftp")),
            ("http://us er@example.org/", .badUserInfo),
            ("http://user@\u{301}example.org/", .badHost("\u{301}example.org")),
            ("http:///announce", .badHost("")),
            ("http://exa mple.org/", .badHost("exa mple.org")),
            ("http://exämple.org/", .badHost("exämple.org")),
            ("http://[::1/announce", .badHost("[::1")),
            ("http://[127.0.0.1]/", .badHost("127.0.0.1")),
            ("http://[::1]x/", .badHost("[::1]x")),
            ("http://h:0/", .badPort("0")),
            ("http://h:65536/", .badPort("65536")),
            ("http://h:+80/", .badPort("+80")),
            ("udp://h/announce", .missingPort),
            ("http://h/a\r\nX-Evil: 1", .badTarget),
            ("http://h/" + String(repeating: "a", count: 2_048), .tooLong(bytes: 2_057)),
        ] as [(String, TrackerURLError)])
    func `what is wrong is named`(text: String, error: TrackerURLError) {
        #expect(throws: error) { try TrackerURL(text) }
    }

    @Test func `redirects are resolved, and cannot smuggle`() throws {
        let url = try TrackerURL("http://h:81/a/announce?k=1")
        #expect(try url.redirected(to: "/b").description == "http://h:81/b")
        #expect(try url.redirected(to: "/\u{301}b").description == "http://h:81/%CC%81b")
        #expect(try url.redirected(to: "c?d").description == "http://h:81/a/c?d")
        #expect(try url.redirected(to: "//other/x").description == "http://other/x")
        #expect(try url.redirected(to: "https://other/x").description == "https://other/x")
        #expect(try url.redirected(to: "?x=http://y").description == "http://h:81/a/announce?x=http://y")
        #expect(try url.redirected(to: "../b/./c?../d").description == "http://h:81/b/c?../d")
        #expect(try url.redirected(to: "/../..").description == "http://h:81/")
        #expect(try url.redirected(to: "HTTP://Other/x#y").description == "http://other/x")
        #expect(try url.redirected(to: "#part") == url)
        #expect(throws: TrackerURLError.badTarget) { try url.redirected(to: "/b\r\nX: 1") }
        #expect(throws: TrackerURLError.unknownScheme("file")) { try url.redirected(to: "file:///etc/passwd") }
    }

    @Test(
        arguments: [
            // The query kept, as servers do; a parameter of the redirect's own; one of the torrent's, called as ours.
            ("http://h/announce", "/new?{}", "/new"), ("http://h/announce", "/new?a=b&{}&c", "/new?a=b&c"),
            ("http://h/announce?key=mine", "/new?key=mine&{}", "/new?key=mine"),
            ("http://h/announce", "/new?key=theirs&{}", "/new?key=theirs"),
            ("http://h/announce", "/new?event=stopped&PORT=1", "/new?PORT=1"), ("http://h/announce", "/new", "/new"),
        ])
    func `a redirect does not say our parameters twice`(asked: String, location: String, left: String) throws {
        let url = try TrackerURL(asked)
        var ours: [UInt8] = []
        UDPTrackerTests.announce.appendQuery(to: &ours)
        // Some servers code anew what they hand on.
        let query = String(decoding: ours, as: UTF8.self).replacing("%AB", with: "%ab")
        let target = try url.redirected(to: location.replacing("{}", with: query))
            .withoutParameters(of: UDPTrackerTests.announce, to: url)
        #expect(target.description == "http://h\(left)")
    }

    @Test func `a name and a password are said to their host alone`() throws {
        let url = try TrackerURL("http://Aladdin:open%20sesame@h/announce")
        let request = String(decoding: HTTPRequest(url, agent: "x").bytes, as: UTF8.self)
        #expect(request.contains("\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"))
        #expect(url.authority == "h")
        #expect(try url.redirected(to: "/x").userInfo == url.userInfo)
        #expect(try url.redirected(to: "//h/x").userInfo == url.userInfo)
        #expect(try url.redirected(to: "//other/x").userInfo.isEmpty)
        #expect(try url.redirected(to: "http://h/x").userInfo == url.userInfo)
        #expect(try url.redirected(to: "http://other/x").userInfo == "")
        #expect(try url.redirected(to: "https://h/x").userInfo == "")
    }

    @Test(arguments: [
        ("http://h/announce", "/announce?info_hash="), ("http://h/announce?key=1", "/announce?key=1&info_hash="),
        ("http://h/announce?", "/announce?info_hash="), ("http://h?a=b&", "/?a=b&info_hash="),
    ])
    func `a query joins one that is there`(text: String, start: String) throws {
        let url = try TrackerURL(text)
        let target = url.target(for: UDPTrackerTests.announce)
        #expect(String(decoding: target, as: UTF8.self).hasPrefix(start))
        let request = String(decoding: HTTPRequest(url, target: target, agent: "test/1").bytes, as: UTF8.self)
        #expect(request.hasPrefix("GET \(start)"))
        #expect(
            request.hasSuffix("Host: h\r\nUser-Agent: test/1\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n")
        )
    }

    @Test(arguments: [
        ("http://h/announce.php", false), ("http://h/x/announce?a", false), ("http://h", true),
        ("http://h/?u=announce", true), ("http://h/stats", true),
    ])
    func `a URL that leads elsewhere is known by its path`(text: String, lacks: Bool) throws {
        #expect(try TrackerURL(text).lacksAnnounce == lacks)
    }

    @Test func `a host header has brackets and a port where they belong`() throws {
        #expect(try TrackerURL("http://[::1]/a").authority == "[::1]")
        #expect(try TrackerURL("http://[::1]:81/a").authority == "[::1]:81")
        #expect(try TrackerURL("https://h:443/a").authority == "h")
        #expect(try TrackerURL("udp://h:80/announce").urlData == [])
        #expect(try TrackerURL("udp://h:80/k/announce?x").urlData == Array("/k/announce?x".utf8))
    }
}
