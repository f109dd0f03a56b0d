import ByteStrings
import Testing
import TorrentCore
import TrackerRuntime

/// What the tracker offers, as a page for people.
@Suite struct CataloguePageTests {
    /// Names that would be more than text if anybody let them, and what is to be read of them.
    static let hostile: [(name: ByteString, shown: String)] = [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;_script&gt;"),
        ("\"><img src=x onerror='alert(1)'>", "&quot;&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;"),
        ("&lt;b&gt;", "&amp;lt;b&amp;gt;"), ("</template></title>", "&lt;_template&gt;&lt;_title&gt;"),
        ("a\u{202E}gpj.exe", "a gpj.exe"), ("a\u{1B}[2Jb\u{85}c", "a [2Jb c"), ("a\u{2066}b\u{FEFF}c", "a b c"),
        (" \u{2067} ", "(no name)"),
        (ByteString(Array(repeating: 0x78, count: 300)), String(repeating: "x", count: 200) + "…"),
    ]

    static func page(_ fixture: TrackerFixture, _ target: String, _ headers: String = "") throws -> String {
        let answer = try fixture.fetch(target, headers)
        try #require(answer.status == 200 && answer.body.hasPrefix("<!doctype html>"), "\(target)")
        return answer.body
    }

    /// With torrents of these names, the first of which has number 1.
    static func fixture(_ names: [ByteString]) throws -> TrackerFixture {
        let fixture = try TrackerFixture()
        for name in names { _ = try fixture.server.publish(SampleTorrent(name).made.file) }
        return fixture
    }

    @Test func `names of strangers are text, whatever they are`() throws {
        let fixture = try Self.fixture(Self.hostile.map(\.name))
        let peer = "%3Cimg%20src=x%3E%E2%80%AE"
        for number in 1...Self.hostile.count {
            let (_, infoHash) = try SampleTorrent(Self.hostile[number - 1].name).made
            var query: [UInt8] = Array("/announce?".utf8)
            AnnounceRequest(
                infoHash: infoHash, peerID: PeerID(.zero), port: 7_001, left: 0, event: .started, numberWanted: 0
            ).appendQuery(to: &query)
            _ = try fixture.fetch(String(decoding: query, as: UTF8.self) + "&name=\(peer)")
        }
        let pages = try [Self.page(fixture, "/")] + (1...9).map { try Self.page(fixture, "/torrents/\($0)") }
        for page in pages {
            #expect(page.matches(of: #/<script/#).count == 1 && !page.contains("<img"))
            #expect(page.contains("<bdi>&lt;img src=x&gt;"))
            #expect(page.matches(of: #/<template|<\/title>/#).count == (page == pages[0] ? 2 : 1))
            let stray = page.unicodeScalars.filter {
                $0.value < 0x20 && $0 != "\n" || 0x7F...0x9F ~= $0.value || 0x202A...0x202E ~= $0.value
                    || 0x2066...0x2069 ~= $0.value || $0.value == 0xFEFF
            }
            #expect(stray.isEmpty)
            // No attribute is opened by a name: each has its value in quotes, and none is a handler or a style.
            #expect(page.firstMatch(of: #/<[^>]*\s(on[a-z]+|style)=/#) == nil)
        }
        for (number, (_, shown)) in Self.hostile.enumerated() {
            #expect(pages[0].contains("<bdi>\(shown)</bdi></a>"), "\(shown)")
            #expect(pages[number + 1].contains("<h1><bdi>\(shown)</bdi></h1>"), "\(shown)")
        }
    }

    @Test func `no page lets anything run or be fetched but what is the tracker's`() throws {
        let fixture = try Self.fixture(["a name"])
        for (target, headers) in [
            ("/", ""), ("/torrents/1", ""), ("/a%20name", "Accept: text/html\r\n"), ("/?q=%22%3E%3Cscript%3E", ""),
        ] {
            let socket = try BlockingSocket(connectingTo: fixture.endpoint)
            try socket.send(TrackerFixture.get(target, "Connection: close\r\n" + headers))
            let answer = try #require(socket.receiveToEnd())
            for part in [
                "default-src 'none';", "script-src 'self';", "style-src 'self';", "frame-ancestors 'none';",
                "require-trusted-types-for 'script'; trusted-types 'none'\r\n", "Referrer-Policy: no-referrer\r\n",
                "X-Content-Type-Options: nosniff\r\n",
            ] { #expect(answer.contains(part), "\(target): \(part)") }
            #expect(!answer.contains("unsafe-") && !answer.contains("http-equiv") && !answer.contains("<style"))
            let addresses = answer.matches(of: #/(?:src|href|action)="([^"]*)"/#).map { String($0.1) }
            #expect(
                addresses.contains { $0.hasSuffix("page.css") } && addresses.contains { $0.hasSuffix("catalogue.js") })
            for address in addresses {
                #expect(
                    !address.contains("//") || address.hasPrefix("data:") || address.hasPrefix("magnet:"), "\(address)")
                #expect(!address.hasPrefix("/"), "\(address) would leave a proxy's folder")
            }
        }
        let script = try fixture.fetch("/catalogue.js")
        #expect(script.body.contains(".slice(0, 16)") && !script.body.contains("MOSTWORDS"))
        #expect(
            script.status == 200
                && script.body.firstMatch(of: #/innerHTML|insertAdjacent|document\.write|eval\(/#) == nil)
    }

    @Test func `what the script looks for is on the page`() throws {
        let fixture = try Self.fixture(["a name"])
        let (list, own) = (try Self.page(fixture, "/"), try Self.page(fixture, "/torrents/1"))
        let script = try fixture.fetch("/catalogue.js").body
        let names = Set(script.matches(of: #/byID\("([a-z]+)"\)/#).map { String($0.1) })
        #expect(names.count > 10)
        for name in names { #expect(list.contains("id=\"\(name)\"") || own.contains("id=\"\(name)\""), "\(name)") }
        for field in ["number", "name", "private", "from", "torrent", "magnet", "get", "seeders", "leechers", "age"] {
            #expect(
                list.matches(of: try Regex("data-field=\"\(field)\"")).count == 2, "\(field): a row and its template")
        }
    }

    @Test func `it is searched, sorted and turned by its form and its links`() throws {
        let fixture = try Self.fixture((1...120).map { ByteString(Array("lecture \($0)".utf8)) })
        func names(_ page: String) -> [String] {
            page.matches(of: #/<bdi>(lecture \d+)<\/bdi><\/a>/#).map { String($0.1) }
        }
        let first = try Self.page(fixture, "/")
        #expect(names(first) == (71...120).reversed().map { "lecture \($0)" })
        #expect(
            first.contains("1 to 50 of 120 torrents") && first.contains("<title>120 torrents · p2p-tracker</title>"))
        #expect(first.matches(of: #/aria-sort="/#).count == 1 && first.contains("value=\"-number\""))
        let next = try #require(first.firstMatch(of: #/id="next" class="button" href="([^"]*)">/#)).1
        #expect(names(try Self.page(fixture, "/" + next.replacing("&amp;", with: "&"))).first == "lecture 70")
        // A button of the head sends its order behind that of the form.
        let sorted = try Self.page(fixture, "/?q=Lecture+1&sort=number&sort=-name&limit=100000")
        #expect(names(sorted).first == "lecture 91" && names(sorted).count == 40)
        #expect(
            sorted.contains("class=\"name\" aria-sort=\"descending\"")
                && sorted.contains("name=\"q\" value=\"Lecture 1\""))
        #expect(names(try Self.page(fixture, "/?limit=100000")).count == 100)
        #expect(names(try Self.page(fixture, "/?offset=5000")).last == "lecture 1", "the last page")
        #expect(names(try Self.page(fixture, "/?sort=nonsense&limit=0&offset=x")).count == 50)
        // What cannot be understood is passed over, and the rest is not.
        let partly = try Self.page(fixture, "/?q=lecture+12\(String(repeating: "+1", count: 20))&sort=nonsense&limit=x")
        #expect(names(partly) == ["lecture 120", "lecture 112", "lecture 12"])
        #expect(partly.contains("name=\"q\" value=\"lecture 12\(String(repeating: " 1", count: 14))\""))
        #expect(try fixture.fetch("/torrents?q=\(String(repeating: "+a", count: 17))").status == 400)
        let nothing = try Self.page(fixture, "/?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
        #expect(nothing.contains("value=\"&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;\""))
        #expect(nothing.contains("<section class=\"panel empty\" id=\"nothing\">"))
        #expect(nothing.matches(of: #/<script/#).count == 1)
    }

    @Test func `it says how to fetch and to publish, with the address that the reader typed`() throws {
        let fixture = try TrackerFixture()
        let local = "http://127.0.0.1:\(fixture.endpoint.port)"
        func page(_ target: String, host: String) throws -> String {
            let socket = try BlockingSocket(connectingTo: fixture.endpoint)
            try socket.send("GET \(target) HTTP/1.1\r\nHost: \(host)\r\n\r\n")
            return try String(decoding: socket.receiveAnswer().body, as: UTF8.self)
        }
        let empty = try page("/", host: "192.168.1.7:6969")
        #expect(empty.contains("<code>p2p-peer publish FOLDER --to http://192.168.1.7:6969</code>"))
        #expect(empty.contains("id=\"empty\">") && empty.contains("id=\"list\" aria-label=\"Torrents\" hidden>"))
        _ = try fixture.server.publish(SampleTorrent("one").made.file)
        for (host, address) in [
            ("192.168.1.7:6969", "http://192.168.1.7:6969"), ("tracker.example", "http://tracker.example"),
            ("[2001:db8::1]:80", "http://[2001:db8::1]"), ("a;reboot\"<b>", local), ("", local),
        ] {
            for target in ["/", "/torrents/1"] {
                let html = try page(target, host: host)
                #expect(html.contains("data-copy=\"p2p-peer get \(address) 1\""), "\(host) \(target)")
                #expect(!html.contains("reboot"))
            }
        }
    }

    @Test func `a torrent's page has its files by folder, and is bounded`() throws {
        let fixture = try TrackerFixture()
        let files = (0..<3_000).map { number -> BencodeValue in
            var file = BencodeDictionary()
            file["length"] = .integer(100)
            let long = String(repeating: "<", count: 240)
            file["path"] = .list([.text("day \(number / 1_500)"), .text(long), .text("\(number)\(long)")])
            return .dictionary(file)
        }
        var info = BencodeDictionary()
        info["files"] = .list(files)
        info["name"] = .text("walk")
        info["piece length"] = .integer(16_384)
        info["pieces"] = .string(Array(repeating: 7, count: 20 * 19))
        var root = BencodeDictionary()
        root["comment"] = .text("<b>\(String(repeating: "&", count: 9_000))")
        root["info"] = .dictionary(info)
        _ = try fixture.server.publish(BencodeValue.dictionary(root).encoded)
        let page = try Self.page(fixture, "/torrents/1")
        #expect(
            page.matches(of: #/<li class="folder">/#).count == 1
                && page.matches(of: #/<li class="within">/#).count == 1_000)
        #expect(page.contains("and 2,000 more") && page.contains("3,000 files") && !page.contains("<b>&"))
        #expect(page.utf8.count < 2 << 20)
    }

    @Test func `a browser that asks for a torrent that is gone gets a page, a script gets words`() throws {
        let fixture = try Self.fixture([])
        let page = try fixture.fetch("/torrents/7", "Accept: text/html,*/*\r\n")
        #expect(page.status == 404 && page.body.contains("<h1>Not here</h1>") && page.body.contains("href=\"../\""))
        let words = try fixture.fetch("/torrents/7")
        #expect(words.status == 404 && words.body.hasPrefix("{\"error\":"))
    }

    @Test func `without a catalogue, the page of figures is the only one`() throws {
        let off = try TrackerFixture { $0.catalogue.isOn = false }
        for path in ["/", "/status"] {
            let page = try Self.page(off, path)
            #expect(page.contains("id=\"traffic\"") && !page.contains("<nav"))
        }
        #expect(try !off.fetch("/no/such").body.contains("/torrents"))
        let on = try Self.fixture([])
        #expect(try on.fetch("/no/such").body.contains("/torrents"))
        #expect(try !Self.page(on, "/").contains("id=\"traffic\""))
        let figures = try Self.page(on, "/status")
        #expect(figures.contains("id=\"traffic\"") && figures.contains("href=\"./\">Torrents</a>"))
    }
}
