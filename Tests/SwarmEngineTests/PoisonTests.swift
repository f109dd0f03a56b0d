import SwarmTestSupport
import Testing
import TorrentCore

@testable import SwarmEngine

/// Lists that are made to have us knock at other people's doors.
@Suite struct PoisonTests {
    /// A swarm that is told the same list again and again, in a world where nobody answers but a few.
    private struct Hour {
        let stage: SwarmStage
        /// Who answers.
        let alive: Set<Endpoint>
        /// When each address was called.
        private(set) var calls: [Endpoint: [Moment]] = [:]
        private(set) var connected: Set<Endpoint> = []
        private var underWay: [(end: Moment, id: ConnectionID, endpoint: Endpoint)] = []
        private var nextID: UInt64 = 1_000

        init(_ stage: SwarmStage, alive: [Endpoint] = []) {
            self.stage = stage
            self.alive = Set(alive)
            take(stage.start())
        }

        mutating func take(_ effects: SwarmEffects) {
            for case .connect(let id, let endpoint) in effects {
                calls[endpoint, default: []].append(stage.now)
                underWay.append((stage.now + .seconds(2), id, endpoint))
            }
        }

        mutating func pass(_ time: Duration) {
            let end = stage.now + time
            while stage.now < end {
                take(stage.pass(.seconds(1)))
                let ending = underWay.filter { $0.end <= stage.now }
                underWay.removeAll { $0.end <= stage.now }
                for (_, id, endpoint) in ending {
                    guard alive.contains(endpoint) else {
                        take(stage.tell(.linkClosed(id, .connectFailed)))
                        continue
                    }
                    nextID += 1
                    connected.insert(endpoint)
                    take(stage.tell(.linkOpened(id, SwarmStage.handshake(nextID))))
                }
            }
        }
    }

    private static func random(_ generator: inout SplitMix64, _ prefix: UInt32, bits: UInt32) -> Endpoint {
        let low = UInt32(truncatingIfNeeded: generator.next()) & ((1 << bits) - 1)
        return Endpoint(.v4(prefix | low), port: UInt16.random(in: 1...65_535, using: &generator))
    }

    /// Thousands of addresses of one /24 and of one /48, of this machine, of LANs, of groups, without a port, and our
    /// own, beside a few honest ones; told each minute, in another order, by tracker and peers.
    @Test(arguments: 1...4)
    func apoisonedListHasLittleEffect(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let ours = try #require(IPAddress("98.76.54.32"))
        let honest = (0..<12).map { Endpoint(.v4(0x5000_0001 + UInt32($0) << 16), port: 6_881) }
        var stage = SwarmStage(listenPort: 6_881)
        if seed % 2 == 0 { stage = SwarmStage(listenPort: 6_881, adapt: { $0.knownPeers = 100 }) }
        var hour = Hour(stage, alive: honest)
        hour.take(stage.tell(.externalAddress(ours)))
        let victim = try #require(IPAddress("203.0.113.0")).neighbourhood
        let other = try #require(IPAddress("2001:db8:77::")).neighbourhood
        for minute in 0..<60 {
            var list = (0..<1_500).map { _ in Self.random(&generator, 0xCB00_7100, bits: 8) }
            list += (0..<300).map { _ in
                Endpoint(.v6(0x2001_0DB8_0077_0000 | generator.next() >> 48, generator.next()), port: 80)
            }
            for (prefix, bits) in [(0x7F00_0000, 24), (0x0A00_0000, 24), (0xC0A8_0000, 16), (0xE000_0000, 28)] {
                list += (0..<100).map { _ in Self.random(&generator, UInt32(prefix), bits: UInt32(bits)) }
            }
            list += (0..<100).map { Endpoint(.v4(0x0900_0000 + UInt32($0) << 8), port: 0) }
            list += [Endpoint(ours, port: 6_881), Endpoint(.v4(.max), port: 6_881)]
            // Those that are honest come late.
            if minute >= 2 { list += honest }
            list.shuffle(using: &generator)
            let teller = try #require(IPAddress("9.9.9.9"))
            hour.take(stage.tell(.peersFound(list, from: minute % 2 == 0 ? .tracker : .exchange, by: teller)))
            hour.pass(.seconds(60))
        }
        for (endpoint, moments) in hour.calls where !honest.contains(endpoint) {
            #expect(endpoint.address.scope == .world && endpoint.port != 0 && endpoint.address != ours)
            #expect(victim.contains(endpoint.address) || other.contains(endpoint.address), "\(endpoint)")
            for (one, next) in zip(moments, moments.dropFirst()) { #expect(next - one >= .seconds(600), "\(endpoint)") }
        }
        for block in [victim, other] {
            let calls = hour.calls.filter { block.contains($0.key.address) }.values.joined()
            // Four at first, four ten minutes later, four twenty minutes after that.
            #expect((1...12).contains(calls.count), "\(calls.count) calls to \(block)")
            for start in calls { #expect(calls.count { $0 >= start && $0 - start < .seconds(600) } <= 4) }
        }
        #expect(hour.connected.count == honest.count)
    }

    /// Local addresses go by endpoint: a class of a hundred at one address, or on one LAN, is no attack.
    @Test(arguments: [("127.0.0.1", 0x7F00_0001, 0), ("10.7.7.1", 0x0A07_0700, 1)] as [(String, UInt32, UInt32)])
    func aClassroomIsNoAttack(teller: String, base: UInt32, step: UInt32) throws {
        let stage = SwarmStage(adapt: {
            $0.connecting = 100; $0.connections = 200
        })
        let pupils = (0..<100).map { Endpoint(.v4(base + 1 + UInt32($0) * step), port: UInt16(7_000 + $0)) }
        var hour = Hour(stage, alive: pupils)
        hour.take(stage.tell(.peersFound(pupils, from: .tracker, by: IPAddress(teller))))
        hour.pass(.seconds(5))
        #expect(hour.connected.count == 100)
    }

    /// Honest peers that share a neighbourhood: each answer makes room for the next, up to a number at once.
    @Test func whoAnswersMakesRoomForNeighbours() {
        let stage = SwarmStage()
        let peers = (1...20).map { Endpoint(.v4(0x5000_0000 + UInt32($0)), port: 6_881) }
        var hour = Hour(stage, alive: peers)
        hour.take(stage.tell(.peersFound(peers, from: .tracker)))
        #expect(hour.calls.count == Neighbourhoods.mostUnanswered)
        hour.pass(.seconds(20))
        #expect(hour.connected.count == Neighbourhoods.mostAtOnce)
        // One leaves, the next comes.
        let left = stage.connections[0].id
        hour.take(stage.tell(.linkClosed(left, .remoteClosed)))
        hour.pass(.seconds(5))
        #expect(hour.connected.count == Neighbourhoods.mostAtOnce + 1)
    }

    /// The user may name a whole neighbourhood, and so may those who connect to us.
    @Test(arguments: [PeerSource.user, .link])
    func whoIsNamedIsNotCounted(source: PeerSource) {
        let stage = SwarmStage()
        let peers = (1...16).map { Endpoint(.v4(0x5000_0000 + UInt32($0)), port: 6_881) }
        var hour = Hour(stage)
        hour.take(stage.tell(.peersFound(peers, from: source)))
        #expect(hour.calls.count == 16)
    }

    /// What was tried is remembered though the address is forgotten, as far as there is room.
    @Test func aForgottenAddressIsNotNew() throws {
        var book = PeerBook(limit: 10)
        let victim = Endpoint(.v4(0x5000_0001), port: 80)
        var now = Moment.zero
        book.add(victim, from: .tracker, at: now)
        #expect(book.takeNext(at: now, skippingSeeds: false) == victim)
        book.ended(victim, .failure, at: now)
        for _ in 0..<9 {
            now = now + .seconds(60)
            book.forget(victim, at: now)
            book.add(victim, from: .tracker, at: now)
            #expect(book.takeNext(at: now, skippingSeeds: false) == nil)
        }
        now = now + .seconds(60)
        #expect(book.takeNext(at: now, skippingSeeds: false) == victim)
        book.ended(victim, .failure, at: now)
        // A stream of others that are only told of does not push it out; as many that are tried do.
        for areTried in [false, true] {
            for number in 0..<UInt32(60) {
                let other = Endpoint(.v4(0x5100_0000 + number << 8), port: 80)
                book.forget(victim, at: now)
                book.add(other, from: .tracker, at: now)
                if areTried, let next = book.takeNext(at: now + .seconds(1), skippingSeeds: false) {
                    book.ended(next, .failure, at: now + .seconds(1))
                }
                book.forget(other, at: now)
            }
            book.add(victim, from: .tracker, at: now)
            #expect(book.takeNext(at: now, skippingSeeds: false) == (areTried ? victim : nil))
        }
    }

    /// Each kind of address, and its pauses: after each failed attempt, and after one that had answered before.
    @Test(
        arguments: [
            (.tracker, "80.0.0.1:1", [600, 1_200, 1_800]), (.exchange, "80.0.0.1:1", [600, 1_200, 1_800]),
            (.exchange, "[2a00::1]:1", [600, 1_200, 1_800]), (.incoming, "80.0.0.1:1", [15, 30, 60]),
            (.tracker, "10.0.0.1:1", [15, 30, 60]), (.tracker, "127.0.0.1:1", [15, 30, 60]),
            (.link, "80.0.0.1:1", [15, 30, 60]),
            (.user, "80.0.0.1:1", [1, 2, 4]),
        ] as [(PeerSource, String, [Int])])
    func pausesGoByWhereItCameFrom(source: PeerSource, place: String, pauses: [Int]) throws {
        let peer = try #require(Endpoint(place))
        for hasAnswered in [false, true] {
            var book = PeerBook(limit: 10)
            var now = Moment.zero
            book.add(peer, from: source, at: now)
            var seen: [Int] = []
            while seen.count < 3 {
                let before = now
                while book.takeNext(at: now, skippingSeeds: false) == nil { now = now + .seconds(1) }
                if now > before { seen.append(Int((now - before).inSeconds)) }
                if hasAnswered, seen.isEmpty { book.answered(peer) }
                book.ended(peer, .failure, at: now)
            }
            #expect(seen == (hasAnswered && pauses[0] == 600 ? [15, 30, 60] : pauses))
        }
    }
}
