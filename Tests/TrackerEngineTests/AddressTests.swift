import Testing
import TorrentCore
import TrackerEngine

/// Peers are told of by addresses that the asker can reach.
@Suite struct AddressTests {
    /// A machine at 192.168.1.7, 10.1.0.7 and fd00::7.
    static func stage() throws -> TrackerStage {
        let stage = TrackerStage()
        stage.tracker.host = HostAddresses([
            .init(.loopbackV4, prefixLength: 8), .init(try #require(IPAddress("192.168.1.7")), prefixLength: 24),
            .init(try #require(IPAddress("10.1.0.7")), prefixLength: 16),
            .init(try #require(IPAddress("fd00::7")), prefixLength: 64),
        ])
        return stage
    }

    @Test func `a peer on the tracker's machine is called by what the asker calls the machine`() throws {
        let stage = try Self.stage()
        try stage.announce("127.0.0.1:6881", left: 0)
        #expect(try stage.announce("127.0.0.1:7000") == ["127.0.0.1:6881"])
        #expect(try stage.announce("192.168.1.20:1") == ["192.168.1.7:6881", "192.168.1.7:7000"])
        let told = try stage.announce("10.1.3.4:1")
        #expect(told == ["10.1.0.7:6881", "10.1.0.7:7000", "192.168.1.20:1"])
        #expect(try stage.announce("192.168.1.20:1", packetBytes: 1_212).contains("192.168.1.7:6881"))
    }

    @Test func `over IPv4 too, if it announced itself at the IPv6 loopback address`() throws {
        let stage = try Self.stage()
        try stage.announce("[::1]:6881", left: 0)
        #expect(try stage.announce("192.168.1.20:1") == ["192.168.1.7:6881"])
        #expect(try stage.announce("192.168.1.20:1", packetBytes: 1_212) == ["192.168.1.7:6881"])
        #expect(try stage.announce("[fd00::20]:2", packetBytes: 1_212) == ["[fd00::7]:6881"])
        #expect(try stage.announce("127.0.0.1:5").contains("[::1]:6881"))
    }

    @Test func `peers of the network are no use to the world`() throws {
        let stage = try Self.stage()
        try stage.announce("127.0.0.1:6881", left: 0)
        try stage.announce("192.168.1.20:1", left: 0)
        #expect(try stage.announce("8.0.0.1:1") == [], "the machine has no public address")
        try stage.announce("8.0.0.2:2", left: 0)
        #expect(try stage.announce("8.0.0.1:1") == ["8.0.0.2:2"])
        #expect(try stage.announce("192.168.1.21:1").count == 4)
        stage.tracker.host = HostAddresses([.init(try #require(IPAddress("9.9.9.9")), prefixLength: 24)])
        #expect(try stage.announce("8.0.0.1:1") == ["8.0.0.2:2", "9.9.9.9:6881"])
    }

    @Test func `a peer is not told of itself by another name`() throws {
        let stage = try Self.stage()
        try stage.announce("127.0.0.1:6881", left: 0)
        #expect(try stage.announce("192.168.1.7:6881") == [])
    }

    @Test func `the address of a request is believed from near, and from nobody else`() throws {
        let stage = try Self.stage()
        let claim = { (request: inout AnnounceRequest) in request.address = IPAddress("8.8.8.8") }
        try stage.announce("127.0.0.1:1", change: claim)
        try stage.announce("192.168.1.20:2", change: claim)
        try stage.announce("7.0.0.1:3", change: claim)
        try stage.announce("[fd00::9]:4", change: claim)
        #expect(try stage.announce("6.0.0.1:9") == ["7.0.0.1:3", "8.8.8.8:1", "8.8.8.8:2", "8.8.8.8:4"])
        try stage.announce("127.0.0.1:5") { $0.address = IPAddress("224.0.0.1") }
        #expect(try stage.announce("127.0.0.1:9").contains("127.0.0.1:5"), "nobody can be at a group's address")
    }

    @Test func `a second address counts as the first does`() throws {
        let stage = try Self.stage()
        try stage.announce("192.168.1.20:1") { $0.otherIPv6 = Endpoint("[2001::1]:7") }
        #expect(stage.counts() == ScrapeCounts(0, 2, 0))
        try stage.announce("192.168.1.20:1", .stopped) { $0.otherIPv6 = Endpoint("[2001::1]:7") }
        #expect(stage.counts() == ScrapeCounts(0, 0, 0))
        try stage.announce("7.0.0.1:1") { $0.otherIPv6 = Endpoint("[2001::1]:7") }
        #expect(stage.counts() == ScrapeCounts(0, 1, 0), "anybody could name a victim")
    }

    @Test func `a named proxy is believed, others are not`() throws {
        var policy = TrackerPolicy()
        let proxy = try #require(IPAddress("8.0.0.1"))
        let client = try #require(IPAddress("7.0.0.1"))
        let stranger = try #require(IPAddress("8.0.0.2"))
        policy.trustedProxies = [proxy]
        var request = AnnounceRequest(infoHash: TrackerStage.hash(0), peerID: PeerID(.zero), port: 1, left: 1)
        #expect(policy.address(of: request, from: RequestOrigin(connection: proxy, forwardedFor: client)) == client)
        let other = RequestOrigin(connection: stranger, forwardedFor: client)
        #expect(policy.address(of: request, from: other) == stranger)
        request.address = IPAddress("6.0.0.1")
        #expect(policy.address(of: request, from: RequestOrigin(connection: proxy)) == request.address)
        #expect(
            policy.address(of: request, from: RequestOrigin(connection: proxy, isObscure: true)) == proxy,
            "whom it speaks for cannot be read")
        #expect(
            policy.address(of: request, from: RequestOrigin(connection: proxy, forwardedFor: client)) == client,
            "a stranger behind a proxy is a stranger")
    }

    @Test func `who can be reached nowhere is refused`() {
        let stage = TrackerStage()
        #expect(throws: TrackerRefusal.badAddress) { try stage.announce("0.0.0.0:1") }
        #expect(throws: TrackerRefusal.badAddress) { try stage.announce("[ff02::1]:1") }
    }

    @Test func `an asker learns its address if it can use it`() throws {
        let stage = TrackerStage()
        try stage.announce("8.0.0.1:1")
        #expect(stage.answer.externalAddress == IPAddress("8.0.0.1"))
        try stage.announce("127.0.0.1:1")
        #expect(stage.answer.externalAddress == nil)
    }
}
