import ByteStrings
import TestSupport
import Testing
import TorrentCore
import TrackerEngine
import TrackerRuntime

/// Who may change the catalogue over HTTP, and what becomes of it.
@Suite struct CataloguePublishingTests {
    private static let type = TrackerFixture.torrentType

    private func send(
        _ line: String, _ fields: String = type, host: String = "127.0.0.1", body: [UInt8] = [],
        to fixture: TrackerFixture
    ) throws -> (status: Int, body: String) {
        try fixture.send(line, fields, host: host, body: body)
    }

    @Test func `this machine publishes and withdraws`() throws {
        let fixture = try TrackerFixture()
        let (file, infoHash) = try SampleTorrent("a").made
        let published = try send("POST /torrents", host: "localhost:1", body: file, to: fixture)
        #expect(published.status == 201 && published.body.hasPrefix("{\"number\":1,\"infohash\":\"\(infoHash)\""))
        #expect(try send("POST /torrents", body: file, to: fixture).status == 200)
        #expect(try send("DELETE /torrents/2", "", to: fixture).status == 404)
        let withdrawn = try send("DELETE /torrents/1", "", host: "[::1]:80", to: fixture)
        #expect(withdrawn.status == 204 && withdrawn.body.isEmpty)
        #expect(try send("DELETE /torrents/\(infoHash)", "", to: fixture).status == 404)
        #expect(try send("POST /torrents", body: file, to: fixture).body.hasPrefix("{\"number\":2,"))
    }

    @Test(arguments: [
        // A name that somebody's page has made to lead here; a page of another origin; a proxy in between.
        ("127.0.0.1.evil.example", "", 403, "not_allowed"), ("x", "", 403, "not_allowed"),
        ("localhost", "Origin: http://evil.example\r\n", 403, "not_allowed"),
        ("localhost", "X-Forwarded-For: 1.2.3.4\r\n", 403, "not_allowed"),
        ("localhost", "Forwarded: for=1.2.3.4\r\n", 403, "not_allowed"),
        ("localhost", "Via: 1.1 proxy\r\n", 403, "not_allowed"),
        ("x", "Authorization: Bearer open sesame\r\n", 401, "token_wrong"),
        ("x", "Authorization: Bearer \r\n", 401, "token_wrong"),
    ])
    func `others may not`(host: String, field: String, status: Int, code: String) throws {
        let fixture = try TrackerFixture { $0.catalogue.token = Array("open-sesame".utf8) }
        let (file, _) = try SampleTorrent("a").made
        for body in [file, []] {
            let answer = try send("POST /torrents", Self.type + field, host: host, body: body, to: fixture)
            #expect(answer.status == status && answer.body.hasSuffix("\"code\":\"\(code)\"}"), "\(answer)")
        }
        #expect(try fixture.fetch("/torrents").body.contains("\"total\":0"))
        _ = try fixture.server.publish(file)
        #expect(try send("DELETE /torrents/1", field, host: host, to: fixture).status == status)
    }

    @Test func `who has the token may, from wherever and by whatever name`() throws {
        let fixture = try TrackerFixture { $0.catalogue.token = Array("open-sesame".utf8) }
        let token = "Authorization: bearer open-sesame\r\nX-Forwarded-For: 1.2.3.4\r\n"
        let (file, _) = try SampleTorrent("a").made
        #expect(try send("POST /torrents", Self.type + token, host: "x", body: file, to: fixture).status == 201)
        #expect(try send("DELETE /torrents/1", token, host: "x", to: fixture).status == 204)
    }

    @Test func `a token for another tracker locks nobody out of his own, and where there is none it is said`() throws {
        let token = "Authorization: Bearer of-another-tracker\r\n"
        let fixture = try TrackerFixture()
        let (file, _) = try SampleTorrent("a").made
        #expect(try send("POST /torrents", Self.type + token, body: file, to: fixture).status == 201)
        for field in ["", token] {
            let refused = try send("POST /torrents", Self.type + field, host: "x", body: file, to: fixture)
            #expect(refused.status == 403 && refused.body.hasSuffix("\"code\":\"no_token\"}"), "\(refused)")
        }
        #expect(try send("DELETE /torrents/1", token, to: fixture).status == 204)
    }

    @Test(arguments: [
        ("PUT /torrents", true, "GET, HEAD, POST"), ("DELETE /torrents", true, "GET, HEAD, POST"),
        ("POST /torrents/1", true, "GET, HEAD, DELETE"), ("DELETE /torrents/1.json", true, "GET, HEAD"),
        ("POST /", true, "GET, HEAD"), ("PUT /torrents", false, "GET, HEAD"),
        ("DELETE /stats.json", false, "GET, HEAD"),
    ])
    func `what may not be done says what may`(line: String, hasCatalogue: Bool, allowed: String) throws {
        let fixture = try TrackerFixture { $0.catalogue.isOn = hasCatalogue }
        let socket = try BlockingSocket(connectingTo: fixture.endpoint)
        try socket.send("\(line) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        let answer = try #require(socket.receiveToEnd())
        #expect(answer.hasPrefix("HTTP/1.1 405 ") && answer.contains("\r\nAllow: \(allowed)\r\n"), "\(answer)")
    }

    @Test func `the log has the status that was answered`() throws {
        let statuses = Recorder<String>()
        let fixture = try TrackerFixture {
            $0.onRequest = { request in
                if case .page(let path, let status) = request.outcome { statuses.add("\(path) \(status)") }
            }
        }
        let (file, _) = try SampleTorrent("a").made
        for _ in 0..<2 { _ = try send("POST /torrents", body: file, to: fixture) }
        _ = try send("POST /torrents", body: Array("no torrent".utf8), to: fixture)
        for _ in 0..<2 { _ = try send("DELETE /torrents/1", "", to: fixture) }
        _ = try send("DELETE /healthz", "", to: fixture)
        #expect(
            statuses.all == [
                "/torrents 201", "/torrents 200", "/torrents 400", "/torrents/1 204", "/torrents/1 404", "/healthz 405",
            ])
    }

    @Test func `what is no torrent, or no torrent for us, is refused with its reason`() throws {
        let fixture = try TrackerFixture { $0.catalogue.limits.torrentBytes = 300 }
        let (file, _) = try SampleTorrent("a").made
        let large = try SampleTorrent(ByteString(String(repeating: "n", count: 250))).made.file
        for (answer, status, code) in [
            (try send("POST /torrents", body: Array("hello".utf8), to: fixture), 400, "bad_torrent"),
            (try send("POST /torrents", to: fixture), 400, "bad_torrent"),
            (try send("POST /torrents", body: large, to: fixture), 413, "too_large"),
            (try send("POST /torrents", "", body: file, to: fixture), 415, "wrong_type"),
            (try send("POST /torrents", "Content-Type: text/plain\r\n", body: file, to: fixture), 415, "wrong_type"),
            (try fixture.fetch("/torrents?sort=colour"), 400, "bad_query"),
            (try fixture.fetch("/torrents/7.json"), 404, "not_there"),
            (try fixture.fetch("/torrents/none"), 404, "not_there"),
        ] as [((status: Int, body: String), Int, String)] {
            #expect(answer.status == status && answer.body.hasSuffix("\"code\":\"\(code)\"}"), "\(code): \(answer)")
        }
        #expect(try send("POST /torrents/1", body: file, to: fixture).status == 405)
        #expect(try send("DELETE /torrents", "", to: fixture).status == 405)
    }

    @Test func `a full catalogue says so`() throws {
        let fixture = try TrackerFixture { $0.catalogue.limits.torrents = 1 }
        let (first, infoHash) = try SampleTorrent("a").made
        let second = try SampleTorrent("b").made.file
        #expect(try send("POST /torrents", body: first, to: fixture).status == 201)
        var announce = TrackerFixture.announce(port: 7, left: 0)
        announce.infoHash = infoHash
        _ = try fixture.announce(announce)
        let full = try send("POST /torrents", body: second, to: fixture)
        #expect(full.status == 507 && full.body.hasSuffix("\"code\":\"full\"}"))
        announce.event = .stopped
        _ = try fixture.announce(announce)
        #expect(try send("POST /torrents", body: second, to: fixture).status == 201)
    }

    @Test func `where all may publish, each takes back only what is his`() throws {
        let fixture = try TrackerFixture {
            $0.catalogue.isOpen = true
            $0.trustedProxies = [.loopbackV4]
        }
        let (file, _) = try SampleTorrent("a").made
        let (ada, bob) = ("X-Forwarded-For: 1.2.3.4\r\n", "X-Forwarded-For: 1.2.3.5\r\n")
        #expect(try send("POST /torrents", Self.type + ada, body: file, to: fixture).status == 201)
        #expect(try send("DELETE /torrents/1", bob, to: fixture).status == 403)
        #expect(try send("DELETE /torrents/1", ada, to: fixture).status == 204)
    }

    @Test func `a tracker without a catalogue has none`() throws {
        let fixture = try TrackerFixture { $0.catalogue.isOn = false }
        let (file, _) = try SampleTorrent("a").made
        #expect(throws: CatalogueRefusal.off) { try fixture.server.publish(file) }
        for answer in [try fixture.fetch("/torrents"), try send("POST /torrents", body: file, to: fixture)] {
            #expect(answer.status == 404 && answer.body.hasSuffix("\"code\":\"off\"}"))
        }
    }

    @Test func `where only listed torrents are tracked, others learn why they are not`() throws {
        let fixture = try TrackerFixture { $0.catalogue.isListedOnly = true }
        let (file, infoHash) = try SampleTorrent("a").made
        var announce = TrackerFixture.announce(port: 7, left: 0)
        announce.infoHash = infoHash
        #expect(throws: TrackerResponseError.self) { try fixture.announce(announce) }
        var query: [UInt8] = []
        ScrapeRequest(infoHashes: [infoHash]).appendQuery(to: &query)
        let scrape = "/scrape?" + String(decoding: query, as: UTF8.self)
        #expect(try fixture.fetch(scrape).body.contains("only the torrents in its catalogue"))
        _ = try fixture.server.publish(file)
        #expect(try fixture.announce(announce).complete == 1)
        #expect(try fixture.fetch(scrape).body.contains("8:completei1e"))
    }
}
