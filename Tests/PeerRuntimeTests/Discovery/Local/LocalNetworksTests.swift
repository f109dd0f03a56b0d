import Glibc
import Testing
import TorrentCore
import TorrentIO

@testable import PeerRuntime

@Suite struct LocalNetworksTests {
    private static func interface(
        _ index: UInt32, _ addresses: String..., isTunnel: Bool = false, isLoopback: Bool = false,
        canMulticast: Bool = true
    ) -> NetworkInterface {
        NetworkInterface(
            index: index, addresses: addresses.compactMap { InterfaceAddress($0) }, isTunnel: isTunnel,
            isLoopback: isLoopback, canMulticast: canMulticast)
    }

    private static let machine = [
        interface(1, "127.0.0.1/8", "::1/128", isLoopback: true, canMulticast: false),
        interface(2, "192.168.1.7/24", "fe80::7/64", "2001:db8:1:1::7/64"),
        interface(3, "10.8.0.2/24", "fd08::2/64", isTunnel: true),
        interface(4, "203.0.113.9/12", canMulticast: false), interface(5, "fe80::5/64"),
    ]

    @Test(
        arguments: [
            ("127.0.0.1", true), ("::1", true), ("169.254.3.4", false), ("fe80::99", true), ("192.168.1.200", true),
            ("192.168.2.1", false), ("2001:db8:1:1:ffff::1", true), ("2001:db8:1:2::1", false),
            // At the other end of a tunnel, and in a network that is too large to be one of a house.
            ("10.8.0.1", false), ("fd08::1", false), ("203.0.113.10", false), ("8.8.8.8", false),
            ("239.192.152.143", false), ("0.0.0.0", false),
        ])
    func `near is what has no router between`(address: String, isNear: Bool) throws {
        #expect(LocalNetworks(Self.machine).contains(try #require(IPAddress(address))) == isNear)
    }

    @Test func `a public network of a lab is near`() throws {
        let networks = LocalNetworks([Self.interface(2, "203.0.113.9/24")])
        #expect(networks.contains(try #require(IPAddress("203.0.113.10"))))
        #expect(!networks.contains(try #require(IPAddress("203.0.114.10"))))
    }

    /// Link-local addresses of IPv4 are those of a network that we are in, for they are found behind tunnels, too.
    @Test func `a network without a server is near`() throws {
        let networks = LocalNetworks([Self.interface(2, "169.254.7.1/16")])
        #expect(networks.contains(try #require(IPAddress("169.254.3.4"))))
    }

    /// Such an address stands in the list as one alone.
    @Test func `who has an address by DHCPv6 is near those of its line`() throws {
        let networks = LocalNetworks([
            Self.interface(2, "2001:db8:1:1::5/128"), Self.interface(3, "2001:db8:9:9::5/128", isTunnel: true),
        ])
        #expect(networks.contains(try #require(IPAddress("2001:db8:1:1:ffff::1"))))
        #expect(!networks.contains(try #require(IPAddress("2001:db8:1:2::1"))))
        #expect(!networks.contains(try #require(IPAddress("2001:db8:9:9::1"))))
        let alone = LocalNetworks([Self.interface(1, "::1/128", isLoopback: true)])
        #expect(!alone.contains(try #require(IPAddress("::2"))))
    }

    private static func choose(_ group: LocalGroup, _ source: String? = nil) -> [String] {
        LocalVoices.choose(machine, for: group, source: source.flatMap { IPAddress($0) }).map { "\($0.0) \($0.1)" }
    }

    /// A link-local address of IPv6 is the last choice.
    @Test func `both families are spoken on what can speak to groups, and on loopback`() {
        #expect(Self.choose(.v4) == ["1 127.0.0.1", "2 192.168.1.7"])
        #expect(Self.choose(.v6) == ["1 ::1", "2 2001:db8:1:1::7", "5 fe80::5"])
    }

    @Test func `with an address to listen at it is spoken on that one's interface alone`() {
        #expect(Self.choose(.v4, "192.168.1.7") == ["2 192.168.1.7"])
        #expect(Self.choose(.v4, "127.0.0.1") == ["1 127.0.0.1"])
        #expect(Self.choose(.v4, "192.168.1.8").isEmpty)
    }

    /// On the real loopback: what has come is told once, and again when it has gone and come back.
    @Test func `an interface that comes is noticed, and one that goes`() throws {
        let loopback = try #require(NetworkInterface.all().first { $0.isLoopback })
        var voices = LocalVoices(source: .loopbackV4)
        defer { voices.close() }
        let opened = [voices.open().count, voices.open().count]
        #expect(opened == [1, 0])
        let gone = Self.interface(60_000, "127.0.0.1/8", isLoopback: true)
        let news = [[loopback], [loopback], [], [gone], [gone, loopback], [loopback]].map {
            voices.look($0, at: .zero)
        }
        #expect(news == [true, false, false, false, true, false])
        #expect(voices.areAnywhere && voices.networks.contains(.loopbackV4) && voices.troubles[.v4] != nil)
        #expect(voices.complaint == nil, "it is heard, after all")
    }

    /// However often it comes and goes, it is told once a minute.
    @Test func `where something was said within the minute, an interface is no news`() throws {
        let loopback = try #require(NetworkInterface.all().first { $0.isLoopback })
        let announce = LocalAnnounce(port: 9, infoHashes: [InfoHash(Bytes20(high: 9, middle: 9, low: 9))])
        var voices = LocalVoices(source: .loopbackV4)
        defer { voices.close() }
        _ = voices.open()
        var news: [Bool] = []
        for second in [0, 10, 59, 61] {
            _ = voices.look([], at: .zero + .seconds(second))
            news.append(voices.haveNew)
            _ = voices.look([loopback], at: .zero + .seconds(second))
            news.append(voices.haveNew)
            if voices.haveNew { voices.say(announce, onlyToNew: true, at: .zero + .seconds(second)) }
            news.append(voices.haveNew)
        }
        let (once, never) = ([false, true, false], [false, false, false])
        #expect(news == once + never + never + once)
    }

    @Test func `no two packets of a minute leave on one interface`() throws {
        let loopback = try #require(NetworkInterface.all().first { $0.isLoopback })
        let hearer = try MulticastSocket(group: LocalGroup.v4.endpoint)
        defer { hearer.close() }
        try hearer.join(loopback.index)
        var voices = LocalVoices(source: .loopbackV4)
        defer { voices.close() }
        _ = voices.open()
        _ = voices.look([loopback], at: .zero)
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1_500, alignment: 8)
        defer { room.deallocate() }
        var heard: [Int] = []
        for (second, onlyToNew) in [(0, true), (1, false), (59, false), (60, false), (61, false)] {
            // Others of this machine may speak meanwhile.
            let cookie = Array("\(UInt64.random(in: 0...(.max)))".utf8)
            let announce = LocalAnnounce(
                port: 9, infoHashes: [InfoHash(Bytes20(high: 9, middle: 9, low: 9))], cookie: cookie)
            voices.say(announce, onlyToNew: onlyToNew, at: .zero + .seconds(second))
            while let (length, _) = try hearer.receive(into: room) {
                let parsed = Array(room[..<length]).withBytes { try? LocalAnnounce(parsing: $0) }
                if parsed?.cookie == cookie { heard.append(second) }
            }
        }
        #expect(heard == [0, 60])
    }

    @Test func `where nobody can be heard it is said why`() throws {
        let loopback = try #require(NetworkInterface.all().first { $0.isLoopback })
        let tunnel = Self.interface(3, "127.0.0.1/8", isTunnel: true)
        var voices = LocalVoices(source: .loopbackV4)
        defer { voices.close() }
        _ = voices.open()
        _ = voices.look([tunnel], at: .zero)
        #expect(!voices.areAnywhere && voices.complaint == "no interface for it")
        _ = voices.look([loopback], at: .zero)
        #expect(voices.areAnywhere && voices.complaint == nil)
        // Link-local addresses of IPv6 lead nowhere.
        var others = LocalVoices(source: nil, families: [.v6])
        defer { others.close() }
        _ = others.open()
        _ = others.look([Self.interface(loopback.index, "fe80::5/64")], at: .zero)
        #expect(!others.areAnywhere && others.complaint != nil)
    }

    /// Another program has the port, and does not share it.
    @Test func `what is taken by another program is said of its family alone`() throws {
        let loopback = try #require(NetworkInterface.all().first { $0.isLoopback })
        var voices = LocalVoices(source: nil)
        defer { voices.close() }
        let opened = voices.open()
        let v4 = try #require(opened.first { voices.isOf($0, .v4) })
        voices.abandon(v4, SystemError(code: EADDRINUSE, call: "bind"))
        _ = voices.look([loopback], at: .zero)
        let isAlone = opened.count == 1 || !voices.areAnywhere
        #expect(voices.complaint == "address already in use" + (isAlone ? "" : " (IPv4)"))
        let again = voices.open()
        #expect(again.count == 1)
        _ = voices.look([loopback], at: .zero)
        #expect(voices.complaint == nil)
    }

    @Test func `where nobody can connect to us nothing is said`() {
        var voices = LocalVoices(source: nil, families: [.v4])
        defer { voices.close() }
        let opened = voices.open()
        #expect(opened.count == 1)
    }

    @Test func `interfaces are bounded`() {
        let many = (1...100).map { Self.interface($0, "10.0.\($0).1/24") }
        #expect(LocalVoices.choose(many, for: .v4, source: nil).count == LocalVoices.mostInterfaces)
    }
}
