import DHTEngine
import Dispatch
import Glibc
import Synchronization
import TestSupport
import Testing
import TorrentCore

@testable import PeerRuntime
@testable import TorrentIO

/// How often the DHT is asked anew, when it begins anew, and who waits for names.
@Suite("The pace of the DHT") struct DHTPaceTests {
    private static let start = Moment.zero + .seconds(1_000)

    @Test("Who is short of peers looks soon, then ever more seldom, and soon again when they are gone")
    func pace() {
        var pace = LookPace()
        var (now, looks) = (Self.start, [Duration]())
        while now - Self.start < .seconds(3_600) {
            now = now + pace.pause
            if pace.looks(isShortOfPeers: true) { looks.append(now - Self.start) }
        }
        #expect(looks.first == .seconds(30))
        #expect(looks.count <= 9, "\(looks)")
        #expect(pace.pause == LookPace.longest)
        let looksWithPeers = pace.looks(isShortOfPeers: false)
        #expect(!looksWithPeers && pace.pause == LookPace.first)
    }

    @Test("A peer that comes and goes all the time does not make it begin anew each time")
    func halfAWay() {
        var pace = LookPace()
        let times = (0..<360).count { pace.beginsAnew(at: Self.start + .seconds($0 * 10)) }
        #expect(times == 12)
    }

    @Test("What is due and waits for its turn has no next lookup yet")
    func waitsForItsTurn() throws {
        let reactor = try Reactor(name: "turns")
        let family = DHTFamily(DHTConfiguration(isV4: true, seed: 1), announcing: nil, on: reactor)
        let infoHash = InfoHash(Bytes20(high: 1, middle: 2, low: 3))
        // Nobody is known, so nobody can be asked.
        family.take(.start)
        family.take(.seek(infoHash, nil))
        #expect(family.nextLookup(of: infoHash, at: reactor.now) == nil)
    }

    // MARK: The ways to the world

    private static let (home, away) = (IPAddress.v4(0xC0A8_0102), IPAddress.v4(0x0A01_0203))
    private static let none = NetworkWays.Look(sources: [], addresses: [])
    private static func by(_ sources: IPAddress...) -> NetworkWays.Look { .init(sources: sources, addresses: []) }

    @Test("Another way is told, the same one is not, and one that is gone only when it is there again")
    func ways() {
        var ways = NetworkWays(Self.by(Self.home))
        let same = ways.haveChanged(to: Self.by(Self.home), at: Self.start)
        let gone = ways.haveChanged(to: Self.none, at: Self.start + .seconds(10))
        let back = ways.haveChanged(to: Self.by(Self.home), at: Self.start + .seconds(20))
        let still = ways.haveChanged(to: Self.by(Self.home), at: Self.start + .seconds(100))
        let other = ways.haveChanged(to: Self.by(Self.away), at: Self.start + .seconds(110))
        #expect([same, gone, back, still, other] == [false, false, true, false, true])
    }

    @Test("A way of one family that comes and goes is no other way")
    func flapping() {
        let six = IPAddress.v6(0x2A00 << 48, 1)
        var ways = NetworkWays(Self.by(Self.home, six))
        for step in 0..<9 {
            let look = step.isMultiple(of: 2) ? Self.by(Self.home) : Self.by(Self.home, six)
            let isTold = ways.haveChanged(to: look, at: Self.start + .seconds(step * 60))
            #expect(!isTold)
        }
    }

    @Test("A way that changes each time is told seldom, and the last change is not lost")
    func restless() {
        var ways = NetworkWays(Self.by(Self.home))
        let told = (0..<60).count { step in
            let look = step.isMultiple(of: 2) ? Self.by(Self.away) : Self.by(Self.home)
            return ways.haveChanged(to: look, at: Self.start + .seconds(step * 10))
        }
        #expect((10...20).contains(told))
        var others = NetworkWays(Self.by(Self.home))
        _ = others.haveChanged(to: Self.by(Self.away), at: Self.start)
        let early = others.haveChanged(to: Self.by(Self.home), at: Self.start + .seconds(10))
        let late = others.haveChanged(to: Self.by(Self.home), at: Self.start + NetworkWays.shortestPause)
        #expect(!early && late)
    }

    @Test("Where no way leads to the world the addresses count, but none of the machine or of the cable alone")
    func containers() throws {
        let texts = ["127.0.0.1/8", "fe80::1/64", "169.254.1.1/16", "::1/128"]
        let inner = try texts.map { try #require(InterfaceAddress($0)) }
        #expect(NetworkWays.Look(sources: [], among: inner) == Self.none)
        let local = InterfaceAddress(Self.home, prefixLength: 24)
        let one = NetworkWays.Look(sources: [], among: inner + [local])
        #expect(one == NetworkWays.Look(sources: [], among: [local] + inner.reversed()))
        #expect(!one.isNone)
    }

    @Test("The public address is known where the machine has it itself, and there is one alone")
    func publicAddress() {
        let (first, second, six) = (IPAddress.v4(0x0808_0808), IPAddress.v4(0x0909_0909), IPAddress.v6(0x2A00 << 48, 1))
        #expect(Self.by(first, six).publicAddress(boundTo: .anyV4) == first)
        #expect(Self.by(first, six).publicAddress(boundTo: .anyV6) == six)
        #expect(Self.by(first).publicAddress(boundTo: second) == second)
        #expect(Self.by(Self.home, six).publicAddress(boundTo: .anyV4) == nil)
        let lab = NetworkWays.Look(sources: [], addresses: [first, Self.home])
        #expect(lab.publicAddress(boundTo: .anyV4) == first && lab.publicAddress(boundTo: Self.home) == nil)
        #expect(NetworkWays.Look(sources: [], addresses: [first, second]).publicAddress(boundTo: .anyV4) == nil)
    }

    @Test("The system says by which address what goes somewhere leaves")
    func source() {
        #expect(Sockets.source(towards: Endpoint(.loopbackV4, port: 9)) == .loopbackV4)
    }

    // MARK: Names

    @Test("Names in torrents keep nobody from the user's, and who has to go without hears so")
    func names() throws {
        let reactor = try Reactor(name: "names")
        let gate = DispatchSemaphore(value: 0)
        let strangers = BootstrapNames(
            Resolver(count: 2) { _ in
                gate.wait()
                return .failure(.notFound("gone"))
            }, reactor, limit: 4)
        let users = BootstrapNames(Resolver(count: 1) { _ in .success([.loopbackV4]) }, reactor, limit: .max)
        var (dropped, answered) = (0, 0)
        for number in 0..<10 {
            strangers.lookUp(PeerAddress(host: "n\(number).test", port: 1)) {
                if $0 == .failure(.tooMany) { dropped += 1 } else { answered += 1 }
            }
        }
        var found: [Endpoint] = []
        users.lookUp(PeerAddress(host: "user.test", port: 7)) { found = (try? $0.get()) ?? [] }
        func run(until isDone: () -> Bool) {
            for _ in 0..<5_000 where !isDone() {
                reactor.performLater {}
                reactor.runIteration()
                usleep(1_000)
            }
        }
        run { !found.isEmpty && dropped == 6 }
        #expect(found == [Endpoint(.loopbackV4, port: 7)])
        #expect(dropped == 6 && answered == 0)
        for _ in 0..<4 { gate.signal() }
        run { answered == 4 }
        #expect(answered == 4)
    }

    // MARK: Where others reach us

    @Test("Where another program has our port in one family, nobody is sent there")
    func announcements() throws {
        let reactor = try Reactor(name: "families")
        let (v4, v6) = (Endpoint(.loopbackV4, port: 0), Endpoint(.v6(0, 1), port: 0))
        let hub = DatagramHub([try UDPSocket(v4), try UDPSocket(v6)], reactor: reactor)
        let port = hub.endpoints[0].port
        for isOpenBoth in [true, false] {
            let listeners = [hub.endpoints[0]] + (isOpenBoth ? [Endpoint(v6.address, port: port)] : [])
            let service = DHTService(
                DHTOptions(bootstrap: []),
                DHTService.Surroundings(
                    hub: hub, listeners: listeners, resolver: Resolver(), records: ResumeStore(folder: nil),
                    ourAddress: OurAddress(), onEvent: { _ in }))
            service.begin()
            for _ in 0..<5_000 where service.families.isEmpty {
                reactor.performLater {}
                reactor.runIteration()
                usleep(1_000)
            }
            #expect(service.family(isV4: true)?.announcement?.port == port)
            #expect(service.family(isV4: true)?.announcement?.impliesPort == true)
            #expect(service.family(isV4: false)?.announcement?.port == (isOpenBoth ? port : nil))
            service.rest()
        }
    }
}
