import TestSupport
import Testing

/// Where trackers send us, and by which way we leave.
@Suite struct TrackerRedirectTests {
    @Test(arguments: ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
    func ourParametersAreSaidOnce(status: String) async throws {
        let heads = Heads()
        let server = try LoopbackServer { connection in
            let head = connection.receiveHead()
            heads.add(head)
            let target = head.split(separator: " ")[1]
            let query = target.drop { $0 != "?" }
            guard target.hasPrefix("/announce") else {
                connection.send(FakeTracker.http(FakeTracker.body(5)))
                return
            }
            let location = "Location: ../new\(query)&token=7\r\n"
            connection.send(FakeTracker.http([], status: status, location))
        }
        let peers = try await AnnounceStage().peers("http://t.test:\(server.port)/announce?passkey=1")
        #expect(peers == [5])
        let last = try #require(heads.all.last)
        #expect(heads.all.count == 2 && last.hasPrefix("GET /new?passkey=1&token=7&info_hash="))
        for name in ["info_hash=", "peer_id=", "port=", "left=", "event=", "key=010", "numwant="] {
            #expect(last.ranges(of: name).count == 1, "\(name) in \(last)")
        }
    }

    @Test("A URL without a path is asked as it stands, and at /announce where there is nothing", arguments: ["", "/"])
    func noPath(path: String) async throws {
        let heads = Heads()
        let strict = try LoopbackServer { connection in
            let head = connection.receiveHead()
            heads.add(head)
            let isThere = head.hasPrefix("GET /announce?")
            connection.send(isThere ? FakeTracker.http(FakeTracker.body(5)) : FakeTracker.http([], status: "404 No"))
        }
        #expect(try await AnnounceStage().peers("http://t.test:\(strict.port)\(path)") == [5])
        #expect(heads.all.map { $0.prefix { $0 != "?" } } == ["GET /", "GET /announce"])
        #expect(heads.all.allSatisfy { $0.ranges(of: "info_hash=").count == 1 })

        let taken = Heads()
        let server = try FakeTracker.server(FakeTracker.http(FakeTracker.body(5)), heads: taken)
        #expect(try await AnnounceStage().peers("http://t.test:\(server.port)\(path)") == [5])
        #expect(taken.all.map { $0.prefix { $0 != "?" } } == ["GET /"])
    }

    @Test func aTrackerWithoutAnAnnounceIsAskedTwice() async throws {
        let heads = Heads()
        let server = try FakeTracker.server(FakeTracker.http([], status: "404 No"), heads: heads)
        let reason = try await AnnounceStage().failure("http://t.test:\(server.port)")
        #expect(reason.contains("404"))
        #expect(heads.all.count == 2)
    }

    @Test func aLoopEnds() async throws {
        let heads = Heads()
        let answer = FakeTracker.http([], status: "302 Found", "Location: /announce\r\n")
        let server = try FakeTracker.server(answer, heads: heads)
        let reason = try await AnnounceStage().failure("http://t.test:\(server.port)/announce")
        #expect(reason == "it redirects more than 5 times")
        #expect(heads.all.count == 6)
    }

    @Test func aRedirectOutOfOurReachIsTold() async throws {
        for (location, reason) in [
            ("https://t.test/announce", "it redirects to https, where we do not follow"),
            ("http://:1/", "it redirects to a bad URL: \"\" is no host name or address"),
        ] {
            let answer = FakeTracker.http([], status: "302 Found", "Location: \(location)\r\n")
            let server = try FakeTracker.server(answer)
            #expect(try await AnnounceStage().failure("http://t.test:\(server.port)/announce") == reason)
        }
    }

    @Test func everythingLeavesByTheAddressWeListenAt() async throws {
        let heads = Heads()
        let server = try LoopbackServer { connection in
            _ = connection.receiveHead()
            heads.add(connection.remoteHost)
            connection.send(FakeTracker.http(FakeTracker.body(5)))
        }
        let datagrams = try LoopbackDatagrams { FakeTracker.datagram($0, peer: 6) }
        // Its IPv6 address is not even tried.
        let stage = try AnnounceStage(["::1", "127.0.0.1"], source: "127.0.0.9")
        #expect(try await stage.peers("http://t.test:\(server.port)/announce") == [5])
        #expect(try await stage.peers("udp://t.test:\(datagrams.port)/announce") == [6])
        #expect(heads.all == ["127.0.0.9"])
        #expect(datagrams.senders == ["127.0.0.9", "127.0.0.9"])
        let apart = try AnnounceStage(["::1"], source: "127.0.0.9")
        #expect(
            try await apart.failure("udp://t.test:1/announce") == "it has IPv6 only, and --listen names an IPv4 address"
        )
    }
}
