import HTTPService
import Testing
import TorrentCore
import TrackerRuntime

/// What the tracker does with connections, patient and impatient, honest and not.
@Suite struct TrackerHTTPTests {
    @Test func `a connection carries many requests, split anywhere`() throws {
        let fixture = try TrackerFixture()
        let socket = try BlockingSocket(connectingTo: fixture.endpoint)
        for port: UInt16 in 7_001...7_005 {
            let request = Array(TrackerFixture.get(TrackerFixture.announce(port: port)).utf8)
            try socket.send(Array(request[..<40]))
            try socket.send(Array(request[40...]))
            let answer = try socket.receiveAnswer()
            #expect(answer.head?.keepsAlive == true)
            #expect(try AnnounceResponse(bencode: answer.body).peers.count == Int(port) - 7_001)
        }
    }

    @Test func `pipelined requests are answered in order`() throws {
        let fixture = try TrackerFixture()
        let socket = try BlockingSocket(connectingTo: fixture.endpoint)
        let requests = (0..<300).map { TrackerFixture.get($0 % 2 == 0 ? "/healthz" : "/nothing") }.joined()
        try socket.send(requests + TrackerFixture.get("/healthz", "Connection: close\r\n"))
        let text = try #require(socket.receiveToEnd())
        let statuses = text.split(separator: "\r\n").filter { $0.contains("HTTP/1.1 ") }.map { $0.hasSuffix("200 OK") }
        #expect(statuses == (0..<300).map { $0 % 2 == 0 } + [true])
        #expect(text.hasSuffix("Connection: close\r\n\r\nok\n"))
    }

    @Test func `HTTP 1_0 closes unless it asks to stay`() throws {
        let fixture = try TrackerFixture()
        let socket = try BlockingSocket(connectingTo: fixture.endpoint)
        try socket.send("GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        #expect(try socket.receiveAnswer().head?.keepsAlive == true)
        try socket.send("GET /healthz HTTP/1.0\r\n\r\n")
        #expect(socket.receiveToEnd()?.hasSuffix("\r\n\r\nok\n") == true)
    }

    @Test(arguments: [
        ("GET /" + String(repeating: "a", count: 9_000) + " HTTP/1.1\r\n\r\n", "431"),
        ("GET / HTTP/1.1\r\n" + String(repeating: "A: b\r\n", count: 3_000), "431"),
        ("\u{13}BitTorrent protocol\r\n\r\n", "400"), ("GET / HTTP/3.0\r\n\r\n", "505"),
        ("POST /announce HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", "405"),
        ("GET / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", "400"),
    ])
    func `what is no request for us gets its status and the connection ends`(text: String, status: String) throws {
        let fixture = try TrackerFixture()
        let socket = try BlockingSocket(connectingTo: fixture.endpoint)
        try socket.send(text)
        let answer = try #require(socket.receiveToEnd(), "reset before the answer could be read")
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
        #expect(answer.contains("Connection: close\r\n"))
    }

    @Test func `who dawdles over a request or says nothing is shown out`() throws {
        let fixture = try TrackerFixture {
            $0.limits.http.headTime = .milliseconds(200)
            $0.limits.http.idleTime = .milliseconds(400)
        }
        let slow = try BlockingSocket(connectingTo: fixture.endpoint)
        try slow.send("GET / HT")
        let silent = try BlockingSocket(connectingTo: fixture.endpoint)
        let idle = try BlockingSocket(connectingTo: fixture.endpoint)
        try idle.send(TrackerFixture.get("/healthz"))
        _ = try idle.receiveAnswer()
        #expect(slow.receive() == [] && silent.receive() == [] && idle.receive() == [])
        #expect(try fixture.fetch("/healthz").status == 200)
    }

    @Test func `beyond its connections the tracker makes others wait, and goes on`() throws {
        let fixture = try TrackerFixture {
            $0.limits.connections = 16
            $0.limits.http.headTime = .milliseconds(300)
        }
        let crowd = try (0..<40).map { _ in try BlockingSocket(connectingTo: fixture.endpoint) }
        #expect(try fixture.fetch("/healthz").status == 200, "served once the silent ones have been shown out")
        withExtendedLifetime(crowd) {}
    }

    @Test func `a client that never reads does not make the tracker keep its answers`() throws {
        let fixture = try TrackerFixture { $0.limits.http.sendTime = .milliseconds(300) }
        let socket = try BlockingSocket(connectingTo: fixture.endpoint)
        let requests = String(repeating: TrackerFixture.get("/"), count: 200)
        // Far more than socket buffers hold of the answers; sending fails at the latest when the tracker closes.
        for _ in 0..<40 { guard (try? socket.send(requests)) != nil else { break } }
        #expect(try fixture.fetch("/healthz").status == 200)
    }

    @Test func `a proxy that is named speaks for its clients`() throws {
        let fixture = try TrackerFixture { $0.trustedProxies = [.loopbackV4] }
        var target = Array("/announce?".utf8)
        TrackerFixture.announce(port: 7_001).appendQuery(to: &target)
        let line = "X-Forwarded-For: 1.1.1.1, 8.8.8.8, 127.0.0.1\r\n"
        _ = try fixture.fetch(String(decoding: target, as: UTF8.self), line)
        let told = try fixture.announce(TrackerFixture.announce(port: 7_002)).peers
        #expect(told == [try #require(Endpoint("8.8.8.8:7001"))])
        let other = try TrackerFixture()
        _ = try other.fetch(String(decoding: target, as: UTF8.self), line)
        #expect(
            try other.announce(TrackerFixture.announce(port: 7_002)).peers == [
                Endpoint(.loopbackV4, port: 7_001)
            ])
    }

    @Test func `the pages show what there is, and untrusted names do no harm`() throws {
        let fixture = try TrackerFixture()
        let request = TrackerFixture.announce(port: 7_001, left: 0)
        fixture.server.register(name: "<script>\"x\"&\u{1}ü", for: request.infoHash)
        _ = try fixture.announce(request)
        let page = try fixture.fetch("/status")
        #expect(page.status == 200 && page.body.contains("&lt;script&gt;&quot;x&quot;&amp; ü"))
        #expect(!page.body.contains("<script>") && page.body.contains(request.infoHash.hex))
        #expect(page.body.contains("http://127.0.0.1:\(fixture.endpoint.port)/announce"))
        let statistics = try fixture.fetch("/stats.json").body
        #expect(statistics.contains("\"torrents\":1,\"seeders\":1,\"leechers\":0"))
        #expect(statistics.contains(#""name":"<script>\"x\"&\u0001\u00fc""#))
        let metrics = try fixture.fetch("/metrics").body
        #expect(metrics.contains("# TYPE p2p_tracker_peers gauge\np2p_tracker_peers{role=\"seeder\"} 1\n"))
        #expect(metrics.contains("\np2p_tracker_announces_total 1\n"))
        #expect(try fixture.fetch("/nothing").status == 404)
    }

    @Test func `HEAD shows the head alone`() throws {
        let fixture = try TrackerFixture()
        let socket = try BlockingSocket(connectingTo: fixture.endpoint)
        try socket.send("HEAD /healthz HTTP/1.1\r\nConnection: close\r\n\r\n")
        let answer = try #require(socket.receiveToEnd())
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.contains("Content-Length: 3\r\n"))
        #expect(answer.hasSuffix("\r\n\r\n"))
    }
}
