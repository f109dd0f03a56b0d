import ByteStrings
import Testing
import TorrentCore
import TrackerRuntime

/// What the catalogue of a tracker gives over HTTP.
@Suite struct CatalogueHTTPTests {
    @Test func `what is published in process is listed and given, with the tracker as it was reached`() throws {
        let fixture = try TrackerFixture()
        let (file, infoHash) = try SampleTorrent("Ice and fire.txt").made
        let entry = try fixture.server.publish(file)
        #expect(entry.number == 1 && entry.infoHash == infoHash && entry.name == "Ice and fire.txt")
        let list = try fixture.fetch("/torrents")
        #expect(list.status == 200)
        #expect(list.body.contains("\"number\":1,\"infohash\":\"\(infoHash)\",\"name\":\"Ice and fire.txt\""))
        #expect(list.body.hasSuffix(#""total":1,"offset":0,"limit":100,"changes":1}"#))
        for path in ["/torrents/1.torrent", "/torrents/\(infoHash).torrent", "/Ice%20and%20fire.txt"] {
            let socket = try BlockingSocket(connectingTo: fixture.endpoint)
            try socket.send("GET \(path) HTTP/1.1\r\nHost: tracker.example:8080\r\n\r\n")
            let given = try Metainfo(parsing: socket.receiveAnswer().body)
            #expect(given.infoHash == infoHash)
            #expect(given.trackerTiers == [["http://tracker.example:8080/announce"]])
        }
        #expect(fixture.server.withdraw(infoHash))
        #expect(try fixture.fetch("/torrents/1.torrent").status == 404)
        #expect(try fixture.fetch("/Ice%20and%20fire.txt").status == 404)
    }

    @Test func `a torrent keeps all that it has, and a private one its trackers`() throws {
        let fixture = try TrackerFixture()
        var sample = SampleTorrent("a")
        sample.trackers = ["http://own.example/announce", "udp://other.example:1/announce"]
        let host = "Host: t.example\r\n"
        func given(_ number: Int) throws -> (bytes: [UInt8], tiers: [[String]]) {
            let socket = try BlockingSocket(connectingTo: fixture.endpoint)
            try socket.send("GET /torrents/\(number).torrent HTTP/1.1\r\n\(host)\r\n")
            let body = try socket.receiveAnswer().body
            return (body, try Metainfo(parsing: body).trackerTiers)
        }
        _ = try fixture.server.publish(sample.made.file)
        let first = try given(1)
        #expect(first.tiers == [["http://t.example/announce"]] + sample.trackers.map { [$0] })
        #expect(String(decoding: first.bytes, as: UTF8.self).hasSuffix("6:x-kept8:as it ise"))
        sample.isPrivate = true
        let (file, _) = try sample.made
        _ = try fixture.server.publish(file)
        #expect(try given(2).bytes == file)
        #expect(try !fixture.fetch("/torrents/2.json").body.contains("t.example"))
    }

    @Test func `a torrent that names the tracker already is given as it is`() throws {
        let fixture = try TrackerFixture()
        var sample = SampleTorrent("a")
        sample.trackers = ["http://x/announce"]
        let (file, _) = try sample.made
        _ = try fixture.server.publish(file)
        let socket = try BlockingSocket(connectingTo: fixture.endpoint)
        try socket.send(TrackerFixture.get("/torrents/1.torrent"))
        #expect(try socket.receiveAnswer().body == file)
    }

    @Test(
        arguments: [
            ("a.example:81", "http://a.example:81/announce"), ("[::1]:9", "http://[::1]:9/announce"),
            ("1.2.3.4", "http://1.2.3.4/announce"), ("a/b", nil), ("a@b", nil), ("a b", nil), ("\"", nil), ("", nil),
            ("a:0", nil), ("a:99999", nil), ("-%20", nil),
        ] as [(String, String?)])
    func `the tracker is named as it was reached, if that can be`(host: String, announce: String?) throws {
        let fixture = try TrackerFixture()
        _ = try fixture.server.publish(SampleTorrent("a").made.file)
        let socket = try BlockingSocket(connectingTo: fixture.endpoint)
        try socket.send("GET /torrents/1.torrent HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        let given = try Metainfo(parsing: socket.receiveAnswer().body)
        #expect(given.trackerTiers == [[announce ?? fixture.server.announceURLs[0]]])
    }

    @Test func `one torrent is told with its files, a list shows names of peers, and a stop at once`() throws {
        let fixture = try TrackerFixture()
        let (file, infoHash) = try SampleTorrent("a").made
        _ = try fixture.server.publish(file)
        var announce = TrackerFixture.announce(port: 7, left: 0)
        (announce.infoHash, announce.name) = (infoHash, "Ada <script>")
        _ = try fixture.announce(announce)
        let told = try fixture.fetch("/torrents/\(infoHash).json").body
        #expect(told.contains("\"file_list\":[{\"path\":\"a\",\"length\":100}],\"piece_length\":16384,\"pieces\":1,"))
        #expect(told.contains("\"seeders\":1,\"leechers\":0,\"downloads\":0,") && told.contains("\"comment\":null"))
        #expect(try fixture.fetch("/torrents").body.contains("\"seeds\":[\"Ada <script>\"],\"others\":[]"))
        announce.event = .stopped
        _ = try fixture.announce(announce)
        #expect(try fixture.fetch("/torrents").body.contains("\"seeders\":0,\"leechers\":0,\"downloads\":0"))
        #expect(try fixture.fetch("/torrents").body.contains("\"seeds\":[],\"others\":[]"))
    }

    @Test func `where several share a name, or a browser asks, there are words`() throws {
        let fixture = try TrackerFixture()
        var sample = SampleTorrent("same name")
        _ = try fixture.server.publish(sample.made.file)
        #expect(try fixture.fetch("/same%20name", "Accept: text/html,*/*\r\n").body.contains("<html"))
        sample.length = 99
        _ = try fixture.server.publish(sample.made.file)
        let several = try fixture.fetch("/same%20name")
        #expect(several.status == 300 && several.body.contains("1, 2"))
        // What the tracker has itself goes first.
        _ = try fixture.server.publish(SampleTorrent("healthz").made.file)
        #expect(try fixture.fetch("/healthz").body == "ok\n")
        #expect(try fixture.fetch("/no%20such").status == 404)
    }

    @Test func `names that are no UTF-8 are found, and told byte for byte`() throws {
        let fixture = try TrackerFixture()
        _ = try fixture.server.publish(SampleTorrent(ByteString([0x61, 0xFF])).made.file)
        #expect(try fixture.fetch("/torrents").body.contains(#""name":"a\\xff","name_bytes":"61ff""#))
        #expect(try fixture.fetch("/a%FF").status == 200)
    }

    @Test func `a list comes in pages and is searched`() throws {
        let fixture = try TrackerFixture()
        for number in 1...5 { _ = try fixture.server.publish(SampleTorrent("file \(number)").made.file) }
        let page = try fixture.fetch("/torrents?q=FILE+&sort=-name&offset=1&limit=2").body
        #expect(page.contains(#""total":5,"offset":1,"limit":2,"changes":5"#))
        #expect(page.contains("file 4") && page.contains("file 3") && !page.contains("file 5"))
        let head = try BlockingSocket(connectingTo: fixture.endpoint)
        try head.send("HEAD /torrents HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        let text = try #require(head.receiveToEnd())
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n") && text.hasSuffix("\r\n\r\n"))
    }
}
