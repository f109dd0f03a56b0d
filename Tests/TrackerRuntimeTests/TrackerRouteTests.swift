import Synchronization
import Testing
import TorrentCore
import TrackerRuntime

/// What people write behind the tracker's name, and what proxies say.
@Suite struct TrackerRouteTests {
    static var query: String {
        var query: [UInt8] = []
        TrackerFixture.announce(port: 7_001).appendQuery(to: &query)
        return String(decoding: query, as: UTF8.self)
    }

    @Test func `an announce is one wherever it is sent`() throws {
        let fixture = try TrackerFixture()
        let paths = [
            "/announce", "/announce/", "/announce.php", "/a/b/announce", "/key/announce.php", "/announce/key", "/", "",
            "/tracker", "//announce",
        ]
        for path in paths {
            let target = path.isEmpty ? "http://tracker.example?\(Self.query)" : "\(path)?\(Self.query)"
            let answer = try fixture.fetch(target)
            #expect(answer.status == 200 && answer.body.hasPrefix("d8:complete"), "\(path)")
        }
        for path in ["/announce", "/announce/", "/x/announce.php"] {
            #expect(try fixture.fetch(path).body == "d14:failure reason20:info_hash is missinge", "\(path)")
        }
        #expect(try fixture.fetch("/?port=1").body.hasPrefix("<!doctype html>"))
        #expect(try fixture.fetch("/stats.json?\(Self.query)").body.hasPrefix("{"))
        for path in ["/announcement", "/tracker?port=1", "/x/"] {
            #expect(try fixture.fetch(path).status == 404, "\(path)")
        }
    }

    @Test func `and so is a scrape`() throws {
        let fixture = try TrackerFixture()
        let hash = Self.query.prefix { $0 != "&" }
        for path in ["/scrape", "/scrape/", "/scrape.php", "/key/scrape"] {
            #expect(try fixture.fetch("\(path)?\(hash)").body.hasPrefix("d5:filesd20:"), "\(path)")
        }
    }

    @Test(
        arguments: [
            ("X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 8.8.8.8\r\nX-Forwarded-For: 127.0.0.1\r\n", "8.8.8.8:7001"),
            ("X-Forwarded-For: 8.8.8.8:4711\r\n", "8.8.8.8:7001"),
            ("X-Forwarded-For: 2001:db8::1\r\n", "[2001:db8::1]:7001"),
            ("X-Forwarded-For: \"[2001:db8::1]:4711\"\r\n", "[2001:db8::1]:7001"),
            ("X-Forwarded-For: ::ffff:8.8.8.8\r\n", "8.8.8.8:7001"),
            // What stands before a word that says nothing is a stranger's.
            ("X-Forwarded-For: 8.8.8.8, unknown\r\n", nil), ("X-Forwarded-For: 127.0.0.1\r\n", nil),
            ("Forwarded: for=8.8.8.8\r\n", nil), ("", nil),
        ] as [(String, String?)])
    func `behind a proxy, a peer is at the last address that is no proxy's, or nowhere`(
        lines: String, told: String?
    ) throws {
        let warned = Warnings()
        let fixture = try TrackerFixture {
            $0.trustedProxies = [.loopbackV4]
            $0.onWarning = { if case .silentProxy = $0 { warned.count.add(1, ordering: .relaxed) } }
        }
        for _ in 0..<2 { _ = try fixture.fetch("/announce?\(Self.query)", lines) }
        let (answer, _) = try fixture.announceUDP(
            TrackerFixture.announce(port: 7_002), at: fixture.endpoint, from: .loopbackV4)
        let other = try fixture.announce(TrackerFixture.announce(port: 7_003))
        #expect(Set(other.peers.map(\.description)) == Set(["127.0.0.1:7002"] + (told.map { [$0] } ?? [])))
        #expect(answer.peers.map(\.description) == (told.map { $0.hasPrefix("[") ? [] : [$0] } ?? []))
        #expect(warned.count.load(ordering: .relaxed) == 1, "once")
    }

    @Test func `for whom a proxy speaks unreadably is not believed to be where it says`() throws {
        let fixture = try TrackerFixture { $0.trustedProxies = [.loopbackV4] }
        _ = try fixture.fetch("/announce?\(Self.query)&ip=8.8.4.4", "X-Forwarded-For: unknown\r\n")
        #expect(try fixture.announce(TrackerFixture.announce(port: 7_002)).peers == [])
        _ = try fixture.fetch("/announce?\(Self.query)&ip=8.8.4.4")
        #expect(try fixture.announce(TrackerFixture.announce(port: 7_002)).peers.map(\.description) == ["8.8.4.4:7001"])
    }
}

/// How many warnings came, from whichever thread.
private final class Warnings: Sendable {
    let count = Atomic(0)
}
