import SwarmTestSupport
import Testing
import TorrentCore

@testable import SwarmEngine

/// What strangers tell does not keep us from honest peers near those that they name.
@Suite struct NeighbourTests {
    /// Address `number` of 80.0.0.0/24.
    private static func neighbour(_ number: UInt32, port: UInt16 = 6_881) -> Endpoint {
        Endpoint(.v4(0x5000_0000 + number), port: port)
    }

    /// Address `number` of 2a00::/48.
    private static func neighbourV6(_ number: UInt32) -> Endpoint {
        Endpoint(.v6(0x2A00 << 48, UInt64(number)), port: 6_881)
    }

    /// Who may be called now, each of whom fails at once.
    private func callAll(_ book: inout PeerBook, at now: Moment) -> [Endpoint] {
        var called: [Endpoint] = []
        while let next = book.takeNext(at: now, skippingSeeds: false) {
            called.append(next)
            book.ended(next, .failure, at: now)
        }
        return called
    }

    // MARK: Room in the book

    /// A peer tells of many silent addresses near a seed. The tracker's address of the seed is taken all the same, and
    /// called as soon as anybody there may be.
    @Test(arguments: [true, false])
    func exchangedAddressesLeaveRoomForThoseOfTheTracker(isV4: Bool) {
        func address(_ number: UInt32) -> Endpoint { isV4 ? Self.neighbour(number) : Self.neighbourV6(number) }
        var book = PeerBook(limit: 2_000)
        let taken = (UInt32(1)...32).filter { book.add(address($0), from: .exchange, at: .zero) }
        #expect(taken.count == 16)
        #expect(callAll(&book, at: .zero).count == 4)
        let isTaken = book.add(address(99), from: .tracker, at: .zero)
        #expect(isTaken)
        let later = Moment.zero + Neighbourhoods.rest
        #expect(callAll(&book, at: later - .seconds(1)) == [])
        #expect(callAll(&book, at: later).first == address(99))
    }

    /// The same in the swarm, whose only other peer tells the list.
    @Test func theSeedIsCalledAfterAPoisonedMessage() {
        let stage = SwarmStage(configure: { $0.rules.exchangesPeers = true })
        stage.start()
        let teller = stage.join(1, .ours, has: [])
        stage.introduce(teller, speaking: [.exchange])
        let silent = (UInt32(1)...32).map { ExchangedPeer(Self.neighbour($0), []) }
        let seed = Self.neighbour(99)
        var effects = stage.tell(.extended(.exchange(PeerExchange(added: silent)), from: teller))
        #expect(effects.connects.count == 4)
        for id in effects.connects { stage.tell(.linkClosed(id, .connectFailed)) }
        effects = stage.tell(.peersFound([seed], from: .tracker))
        effects += stage.pass(.seconds(601))
        #expect(effects.contains { if case .connect(_, let endpoint) = $0 { endpoint == seed } else { false } })
    }

    /// Of a full neighbourhood one that a peer told of makes room for one of the tracker; one of the tracker does so
    /// only if it has failed.
    @Test func theWorstOfAFullNeighbourhoodMakesRoom() {
        var book = PeerBook(limit: 2_000)
        for number in UInt32(1)...16 { book.add(Self.neighbour(number), from: .exchange, at: .zero) }
        for number in UInt32(17)...32 { book.add(Self.neighbour(number), from: .tracker, at: .zero) }
        let better = (UInt32(33)...60).filter { book.add(Self.neighbour($0), from: .tracker, at: .zero) }
        #expect(better.count == 16 && book.idleCount == 32)
        #expect(book.endpoints.allSatisfy { book.source(of: $0) == .tracker })
        let equal = book.add(Self.neighbour(70), from: .tracker, at: .zero)
        #expect(!equal)
        let called = callAll(&book, at: .zero)
        let after = (UInt32(71)...80).filter { book.add(Self.neighbour($0), from: .tracker, at: .zero) }
        #expect(called.count == 4 && after.count == 4)
        #expect(called.allSatisfy { book.source(of: $0) == nil })
        // They were not forgotten where it counts.
        for endpoint in called { book.add(endpoint, from: .tracker, at: .zero) }
        #expect(callAll(&book, at: .zero) == [])
    }

    /// Whoever has answered, or is connected, makes room for nobody.
    @Test func whoHasAnsweredStays() {
        var book = PeerBook(limit: 4)
        let peer = Self.neighbour(1)
        book.add(peer, from: .exchange, at: .zero)
        #expect(book.takeNext(at: .zero, skippingSeeds: false) == peer)
        let whileBusy = book.add(Self.neighbour(2), from: .tracker, at: .zero)
        book.answered(peer)
        book.ended(peer, .failure, at: .zero)
        let afterwards = book.add(Self.neighbour(2), from: .tracker, at: .zero)
        #expect(!whileBusy && !afterwards)
    }

    // MARK: A lab

    /// Thirty machines of a lab with public addresses, told of by the lab's tracker. Fourteen are silent, and stand
    /// before the seed in the list: an attempt there takes twenty seconds until it is given up.
    @Test func theSeedOfALabIsFoundWithinAMinute() {
        let interfaces = ["127.0.0.1/8", "80.0.0.200/24"].compactMap { InterfaceAddress($0) }
        let stage = SwarmStage(interfaces: interfaces, adapt: { $0.connecting = 8 })
        stage.start()
        let lab = (UInt32(1)...30).map { Self.neighbour($0) }
        let seed = lab[14]
        var underWay: [(end: Moment, id: ConnectionID)] = []
        var calledAt: Moment?
        func take(_ effects: SwarmEffects) {
            for case .connect(let id, let endpoint) in effects {
                if endpoint == seed, calledAt == nil { calledAt = stage.now }
                underWay.append((stage.now + .seconds(20), id))
            }
        }
        take(stage.tell(.peersFound(lab, from: .tracker, by: IPAddress("80.0.0.250"))))
        while calledAt == nil, stage.now < .zero + .seconds(600) {
            take(stage.pass(.seconds(1)))
            let ended = underWay.filter { $0.end <= stage.now }
            underWay.removeAll { $0.end <= stage.now }
            for (_, id) in ended { take(stage.tell(.linkClosed(id, .connectFailed))) }
        }
        #expect(calledAt.map { $0 <= .zero + .seconds(60) } == true)
    }

    /// Which addresses of the world are as good as local: those of our own small networks, told by who is there.
    @Test(
        arguments: [
            ("80.0.0.250", 16), ("127.0.0.1", 16), ("80.0.0.200", 16), ("192.168.1.9", 16), ("9.9.9.9", 4), (nil, 4),
        ] as [(String?, Int)])
    func nearAreThoseOfOurNetwork(teller: String?, calls: Int) {
        for (network, isSmall) in [("80.0.0.200/20", true), ("80.0.0.200/19", false), ("80.0.0.200/32", false)] {
            let stage = SwarmStage(interfaces: [network].compactMap { InterfaceAddress($0) })
            stage.start()
            let lab = (UInt32(1)...30).map { Self.neighbour($0) }
            let effects = stage.tell(.peersFound(lab, from: .tracker, by: teller.flatMap { IPAddress($0) }))
            #expect(effects.connects.count == (isSmall ? calls : 4), "\(network)")
        }
    }

    /// A stranger told of it first, and it may not be called; then somebody near does.
    @Test func whoIsNearTellsBetter() {
        var book = PeerBook(limit: 2_000)
        for number in UInt32(1)...8 { book.add(Self.neighbour(number), from: .exchange, at: .zero) }
        #expect(callAll(&book, at: .zero).count == 4)
        for number in UInt32(1)...8 { book.add(Self.neighbour(number), from: .tracker, isNear: true, at: .zero) }
        #expect(callAll(&book, at: .zero).count == 4)
        // A private torrent keeps what its tracker told: they are near still.
        #expect(book.forgetForbidden(at: .zero) == [])
        #expect(callAll(&book, at: .zero + .seconds(1_200)).count == 8)
    }

    // MARK: Those who are connected

    /// Each one that stands connected in a neighbourhood allows one more attempt there, up to a number.
    @Test(arguments: [(0, 4), (1, 5), (7, 11), (8, 12), (20, 12)])
    func whoIsConnectedAllowsMoreAttempts(connected: Int, attempts: Int) {
        var book = PeerBook(limit: 2_000)
        for number in UInt32(1)...20 { book.add(Self.neighbour(number), from: .tracker, at: .zero) }
        #expect(callAll(&book, at: .zero).count == 4)
        for _ in 0..<connected { book.joined(Self.neighbour(200).address, isIncoming: true, at: .zero) }
        // Elsewhere is another matter.
        for _ in 0..<5 { book.joined(SwarmStage.endpoint(1).address, isIncoming: true, at: .zero) }
        #expect(callAll(&book, at: .zero).count == attempts - 4)
        for _ in 0..<connected { book.left(Self.neighbour(200).address) }
        #expect(callAll(&book, at: .zero + Neighbourhoods.rest - .seconds(1)) == [])
    }

    /// Two rounds without an answer; the rest after the second is twice as long, unless somebody there connects to us.
    @Test(arguments: [(nil, 1_800), (true, 1_300), (false, 1_800)] as [(Bool?, Int)])
    func whoComesFromThereShortensTheRest(isIncoming: Bool?, end: Int) {
        var book = PeerBook(limit: 2_000)
        for number in UInt32(1)...20 { book.add(Self.neighbour(number), from: .tracker, at: .zero) }
        #expect(callAll(&book, at: .zero).count == 4)
        #expect(callAll(&book, at: .zero + .seconds(600)).count == 4)
        if let isIncoming {
            book.joined(Self.neighbour(200).address, isIncoming: isIncoming, at: .zero + .seconds(700))
            book.left(Self.neighbour(200).address)
        }
        #expect(callAll(&book, at: .zero + .seconds(end - 1)) == [])
        #expect(callAll(&book, at: .zero + .seconds(end)).count == 4)
    }

    /// The swarm counts whoever is connected, until it is gone.
    @Test func aPeerThatConnectsCounts() {
        let stage = SwarmStage()
        stage.start()
        let peers = (UInt32(1)...20).map { Self.neighbour($0) }
        var called = stage.tell(.peersFound(peers, from: .tracker)).connects
        #expect(called.count == 4)
        let (id, effects) = stage.knock(from: Self.neighbour(200, port: 50_000), SwarmStage.handshake(7))
        called = effects.connects + stage.pass(.zero).connects
        #expect(called.count == 1)
        if let id { called = stage.tell(.linkClosed(id, .remoteClosed)).connects + stage.pass(.zero).connects }
        #expect(id != nil && called == [])
        _ = stage.knock(from: Self.neighbour(201, port: 50_000), SwarmStage.handshake(8))
        #expect(stage.pass(.zero).connects == [])
    }

    // MARK: Those who come

    /// One machine connects to us a thousand times, and says each time that it listens elsewhere. Soon after, all peers
    /// of the tracker have been called, though but one attempt is made at once.
    @Test func oneMachineIsNotManyPeers() {
        let stage = SwarmStage(adapt: {
            $0.connecting = 1; $0.connections = 10
        })
        stage.start()
        var called: [Endpoint] = []
        var underWay: [ConnectionID] = []
        func take(_ effects: SwarmEffects) {
            for case .connect(let id, let endpoint) in effects {
                called.append(endpoint)
                underWay.append(id)
            }
        }
        for number in UInt16(1)...1_000 {
            let (id, effects) = stage.knock(
                from: Self.neighbour(1, port: 40_000 + number), SwarmStage.handshake(1_000 + UInt64(number)))
            take(effects)
            guard let id else { return #expect(Bool(false), "it was not let in") }
            take(stage.introduce(id, speaking: [], port: number))
            take(stage.tell(.linkClosed(id, .remoteClosed)))
        }
        // Its places have had their first pause.
        take(stage.pass(.seconds(20)))
        take(stage.tell(.peersFound((1...9).map { SwarmStage.endpoint($0) }, from: .tracker)))
        for _ in 0..<20 {
            if !underWay.isEmpty { take(stage.tell(.linkClosed(underWay.removeFirst(), .connectFailed))) }
            take(stage.pass(.seconds(1)))
        }
        #expect(Set(called.filter { $0.address == Self.neighbour(1).address }).count <= 4)
        #expect(called.count { $0.address != Self.neighbour(1).address } == 9)
    }

    /// Machines of a LAN may share an address.
    @Test func manyMayComeFromALocalAddress() throws {
        var book = PeerBook(limit: 2_000)
        for (place, most) in [("10.0.0.1", 10), ("127.0.0.1", 10), ("80.0.0.1", 4), ("2a00::1", 4)] {
            let address = try #require(IPAddress(place))
            var count = 0
            for port in UInt16(1)...10 where book.takesIncoming(from: address) {
                book.add(Endpoint(address, port: port), from: .incoming, at: .zero)
                count += 1
            }
            #expect(count == most, "\(place)")
        }
    }

    /// Whoever connected to us is tried first, but once it has failed no sooner than those of a tracker.
    @Test func whoCameAndIsNotThereComesLater() {
        var book = PeerBook(limit: 10)
        let (came, told) = (SwarmStage.endpoint(1), SwarmStage.endpoint(2))
        book.add(told, from: .tracker, at: .zero)
        book.add(came, from: .incoming, at: .zero)
        #expect(book.takeNext(at: .zero, skippingSeeds: false) == came)
        book.ended(came, .failure, at: .zero)
        #expect(book.takeNext(at: .zero + .seconds(60), skippingSeeds: false) == told)
    }

    // MARK: Hope

    /// All that we know of are dead, and rest for long: the tracker is asked before its interval is over.
    @Test(arguments: [true, false])
    func deadPeersAreNoHope(areDead: Bool) {
        let stage = SwarmStage(tiers: [1])
        stage.start()
        let found = stage.tell(.peersFound((1...8).map { SwarmStage.endpoint($0) }, from: .tracker))
        stage.tell(.announceAnswered(TrackerIndex(0), interval: .seconds(1_800), minimum: nil))
        #expect(found.connects.count == 8)
        if areDead { for id in found.connects { stage.tell(.linkClosed(id, .connectFailed)) } }
        #expect(stage.pass(.seconds(120)).announces.isEmpty != areDead)
    }

    /// People expect that whom they name is tried again soon, though it was away for long.
    @Test(arguments: [(PeerSource.user, 128), (.link, 128), (.incoming, 240)])
    func theLongestPause(source: PeerSource, pause: Int) {
        var book = PeerBook(limit: 10)
        let peer = SwarmStage.endpoint(1)
        book.add(peer, from: source, at: .zero)
        var now = Moment.zero
        var longest = Duration.zero
        for _ in 0..<12 {
            guard book.takeNext(at: now, skippingSeeds: false) == peer else { break }
            book.ended(peer, .failure, at: now)
            guard book.takeNext(at: now, skippingSeeds: false) == nil, book.nextTry < .distantFuture else { break }
            longest = max(longest, book.nextTry - now)
            now = book.nextTry
        }
        #expect(longest == .seconds(pause))
    }
}
