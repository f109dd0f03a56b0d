import SwarmTestSupport
import Testing
import TorrentCore

@testable import SwarmEngine

/// Which addresses are taken from whom.
@Suite struct AddressRulesTests {
    /// The machine of these tests: on a LAN, with an address of the world as well.
    private static let interfaces = ["127.0.0.1/8", "192.168.1.7/24", "2001:db8:5::7/64", "::1/128", "203.0.113.9/32"]
        .compactMap { InterfaceAddress($0) }

    private static let places = [
        "127.0.0.1:1", "[::1]:1", "10.0.0.1:1", "192.168.9.9:1", "100.64.0.1:1", "[fd00::1]:1", "169.254.1.1:1",
        "[fe80::1]:1", "8.8.8.8:1", "[2a00::1]:1",
    ]

    private func called(
        _ places: [String], from source: PeerSource, by teller: String?, port: UInt16 = 0
    ) throws -> (called: [String], leftOut: Int) {
        let stage = SwarmStage(listenPort: port, interfaces: Self.interfaces)
        stage.start()
        let endpoints = try places.map { try #require(Endpoint($0)) }
        let effects = stage.tell(.peersFound(endpoints, from: source, by: teller.flatMap { IPAddress($0) }))
        var leftOut = 0
        for case .leftOut(let count, source, _) in effects { leftOut += Int(count) }
        return (effects.compactMap { if case .connect(_, let endpoint) = $0 { "\(endpoint)" } else { nil } }, leftOut)
    }

    /// How many of `places` are taken: all, all but loopback, or those of the world alone.
    @Test(
        arguments: [
            (.user, nil, 10), (.link, nil, 10),
            (.tracker, "127.0.0.1", 10), (.tracker, "127.9.9.9", 10), (.tracker, "::1", 10),
            // On this machine, by whichever of its addresses.
            (.tracker, "192.168.1.7", 10), (.tracker, "203.0.113.9", 10), (.exchange, "2001:db8:5::7", 10),
            // Near, or behind the same translation as we: its LAN may be another one than ours.
            (.tracker, "192.168.1.99", 8), (.tracker, "10.99.0.1", 8), (.tracker, "100.64.7.7", 8),
            (.tracker, "fe80::9", 8), (.tracker, "fd12::9", 8), (.exchange, "192.168.1.99", 8),
            // Of our network, though its address is one of the world.
            (.tracker, "2001:db8:5::99", 8), (.exchange, "2001:db8:5::99", 8),
            (.tracker, "2001:db8:6::99", 2), (.tracker, "9.9.9.9", 2), (.tracker, nil, 2), (.exchange, "9.9.9.9", 2),
            (.exchange, nil, 2), (.tracker, "203.0.113.8", 2),
        ] as [(PeerSource, String?, Int)])
    func localAddressesComeFromWhoIsThere(source: PeerSource, teller: String?, count: Int) throws {
        let (called, leftOut) = try called(Self.places, from: source, by: teller)
        #expect(called.count == count && leftOut == 10 - count)
        #expect(Set(called).isSuperset(of: ["8.8.8.8:1", "[2a00::1]:1"]))
        if count == 8 { #expect(!called.contains("127.0.0.1:1") && !called.contains("[::1]:1")) }
    }

    /// Wherever they come from.
    @Test(arguments: PeerSource.allCases.filter { $0 != .incoming }, [nil, "127.0.0.1", "10.0.0.1", "9.9.9.9"])
    func nobodyIsCalledWhereNobodyCanBe(source: PeerSource, teller: String?) throws {
        let nowhere = [
            "8.8.8.8:0", "127.0.0.1:0", "[2a00::1]:0", "0.0.0.0:1", "0.1.2.3:1", "224.0.0.1:1", "239.1.1.1:1",
            "240.0.0.1:1", "255.255.255.255:1", "192.168.1.255:1", "[::]:1", "[ff02::1]:1", "[::ffff:224.0.0.1]:1",
        ]
        let (called, leftOut) = try called(nowhere, from: source, by: teller)
        #expect(called == [] && leftOut == nowhere.count)
    }

    /// Our own place as the world sees it, once somebody has told us; another port there is another machine behind the
    /// same translation, and the user may know better.
    @Test func weAreNotCalledFromLists() throws {
        let ours = try #require(Endpoint("98.76.54.32:6881"))
        let beside = try #require(Endpoint("98.76.54.32:6882"))
        for (source, expected) in [(PeerSource.tracker, [beside]), (.exchange, [beside]), (.user, [ours, beside])] {
            let stage = SwarmStage(listenPort: 6_881)
            stage.start()
            stage.tell(.externalAddress(ours.address))
            let effects = stage.tell(.peersFound([ours, beside], from: source))
            let called = effects.compactMap { if case .connect(_, let endpoint) = $0 { endpoint } else { nil } }
            #expect(called == expected, "\(source)")
            // That we are there is nothing that anybody need be told.
            #expect(!effects.contains { if case .leftOut = $0 { true } else { false } })
        }
    }

    /// Once for a list.
    @Test func whatIsLeftOutIsCounted() throws {
        let stage = SwarmStage()
        stage.start()
        let list = ["8.8.8.8:1", "127.0.0.1:1", "10.0.0.1:1", "224.0.0.1:1"].compactMap { Endpoint($0) }
        let teller = IPAddress("9.9.9.9")
        let effects = stage.tell(.peersFound(list, from: .tracker, by: teller))
        #expect(
            effects.filter { if case .leftOut = $0 { true } else { false } } == [.leftOut(3, of: .tracker, by: teller)])
    }

    /// What is known by two ways is one peer, of the better rank.
    @Test func severalWaysMakeOneEntry() {
        let (first, second) = (SwarmStage.endpoint(1), SwarmStage.endpoint(2))
        var book = PeerBook(limit: 10)
        book.add(first, from: .exchange, at: .zero)
        book.add(second, from: .tracker, at: .zero)
        for source in [PeerSource.tracker, .incoming] { book.add(first, from: source, at: .zero) }
        #expect(book.idleCount == 2)
        #expect(book.source(of: first) == .incoming)
        #expect(book.takeNext(at: .zero, skippingSeeds: false) == first)
        // It may serve a private torrent, since a tracker named it, too.
        #expect(book.forgetForbidden(at: .zero) == [])
        #expect(book.source(of: first) == .tracker)
        book.add(SwarmStage.endpoint(3), from: .exchange, at: .zero)
        #expect(book.forgetForbidden(at: .zero) == [SwarmStage.endpoint(3)])
        #expect(book.source(of: SwarmStage.endpoint(3)) == nil)
    }

    /// Whoever failed, and is now named by the user, is tried at once.
    @Test func whomTheUserNamesIsTriedAtOnce() {
        let peer = SwarmStage.endpoint(1)
        var book = PeerBook(limit: 10)
        book.add(peer, from: .tracker, at: .zero)
        #expect(book.takeNext(at: .zero, skippingSeeds: false) == peer)
        book.ended(peer, .failure, at: .zero)
        let soon = Moment.zero + .seconds(5)
        #expect(book.takeNext(at: soon, skippingSeeds: false) == nil)
        book.add(peer, from: .user, at: soon)
        #expect(book.takeNext(at: soon, skippingSeeds: false) == peer)
    }

    /// The order in which they are tried.
    @Test func sourcesHaveTheirOrder() {
        var book = PeerBook(limit: 10)
        for source in PeerSource.allCases.reversed() {
            book.add(SwarmStage.endpoint(UInt64(source.rawValue)), from: source, at: .zero)
        }
        var order: [Endpoint] = []
        while let next = book.takeNext(at: .zero, skippingSeeds: false) { order.append(next) }
        #expect(
            order
                == [.user, .link, .lan, .incoming, .tracker, .exchange, .dht].map { (source: PeerSource) in
                    SwarmStage.endpoint(UInt64(source.rawValue))
                })
    }
}
