import TestSupport
import Testing
import TorrentCore

@testable import TorrentIO

/// Several protocols at one port.
@Suite struct DatagramHubTests {
    /// Takes what begins with what it likes, and writes down all that it hears.
    private final class Owner: DatagramOwner {
        var taken: [[UInt8]] = []
        var senders: Set<Endpoint> = []
        var failures: [(endpoint: Endpoint, isRefused: Bool)] = []
        var wants: ([UInt8]) -> Bool = { _ in true }

        func take(_ datagram: RawSpan, from sender: Endpoint) -> Bool {
            guard wants(datagram.array) else { return false }
            taken.append(datagram.array)
            senders.insert(sender)
            return true
        }

        func notDelivered(to endpoint: Endpoint, _ error: SystemError) {
            failures.append((endpoint, error.isRefused))
        }
    }

    /// A hub of one family on a reactor that the test runs by hand.
    private struct Stage {
        let reactor: Reactor
        let hub: DatagramHub
        let dht = Owner()
        let trackers = Owner()

        init(_ addresses: [IPAddress], poller: PollerKind = .preferred) throws {
            reactor = try Reactor(name: "hub", poller: poller)
            hub = DatagramHub(try addresses.map { try UDPSocket(Endpoint($0, port: 0)) }, reactor: reactor)
            hub.register(dht, for: .dht)
            hub.register(trackers, for: .trackerAnswer)
            try hub.start()
        }

        /// Runs iterations until it is so, ten seconds at the most.
        func run(until isSo: () -> Bool) -> Bool {
            for _ in 0..<1_000 {
                if isSo() { return true }
                reactor.setTimer(after: .milliseconds(10)) {}
                reactor.runIteration()
            }
            return isSo()
        }
    }

    private static func answer(_ number: Int) -> [UInt8] { [0, 0, 0, 1, 0, 0, 0, UInt8(number)] }
    private static func gone(_ address: IPAddress) throws -> Endpoint {
        Endpoint(address, port: UInt16(try LoopbackServer.freePort()))
    }

    @Test(arguments: SocketTests.loopbacks)
    func eachOwnerGetsWhatLooksLikeItsOwn(address: IPAddress) throws {
        let stage = try Stage([address])
        let peer = try UDPSocket(Endpoint(address, port: 0))
        let place = try #require(stage.hub.endpoints.first)
        stage.trackers.wants = { $0.last != 9 }
        let utp: [UInt8] = [0x01] + [UInt8](repeating: 0, count: 19)
        for bytes in [Self.answer(1), Array("de".utf8), [7, 7], utp, Self.answer(9), Self.answer(2)] {
            try peer.send(bytes, to: place)
        }
        #expect(stage.run { stage.trackers.taken.count == 2 })
        #expect(stage.trackers.taken == [Self.answer(1), Self.answer(2)])
        #expect(stage.dht.taken == [Array("de".utf8)])
        #expect(stage.dht.senders == [peer.endpoint] && stage.trackers.senders == [peer.endpoint])
        // Of no look, without an owner, and one that its owner does not wait for.
        #expect(stage.hub.counts == .init(taken: 3, dropped: 3))
        #expect(stage.trackers.failures.isEmpty)
    }

    @Test func anOwnerThatHasGoneLeavesItsPlace() throws {
        let reactor = try Reactor(name: "hub")
        let hub = DatagramHub([], reactor: reactor)
        do { hub.register(Owner(), for: .dht) }
        let second = Owner()
        hub.register(second, for: .dht)
        hub.send([1], to: Endpoint(.loopbackV4, port: 9))
        #expect(second.failures.count == 1)
    }

    @Test(arguments: PollerKind.allCases)
    func burstsOfMoreThanABatchComeAndGoWhole(poller: PollerKind) throws {
        let stage = try Stage([.loopbackV4], poller: poller)
        let peer = try Stage([.loopbackV4])
        let (here, there) = (stage.hub.endpoints[0], peer.hub.endpoints[0])
        for number in 0..<150 {
            stage.hub.send(Self.answer(number), to: there)
            peer.hub.send(Self.answer(number), to: here)
        }
        let sent = (0..<150).map { Self.answer($0) }
        stage.reactor.runIteration()
        #expect(peer.run { peer.trackers.taken.count == 150 })
        #expect(stage.run { stage.trackers.taken.count == 150 })
        #expect(peer.trackers.taken == sent && peer.trackers.senders == [here])
        #expect(stage.trackers.taken == sent && stage.trackers.senders == [there])
    }

    @Test(arguments: SocketTests.loopbacks, PollerKind.allCases)
    func wherePacketsFindNobodyIsToldAndTheOthersArrive(address: IPAddress, poller: PollerKind) throws {
        let stage = try Stage([address], poller: poller)
        let gone = try (0..<3).map { _ in try Self.gone(address) }
        let peer = try Stage([address])
        let there = peer.hub.endpoints[0]
        for number in 0..<60 {
            stage.hub.send(Self.answer(number), to: there)
            stage.hub.send(Self.answer(number), to: gone[number % 3])
        }
        #expect(stage.run { Set(stage.trackers.failures.map(\.endpoint)) == Set(gone) })
        #expect(stage.trackers.failures.allSatisfy { $0.isRefused })
        #expect(peer.run { peer.trackers.taken.count == 60 })
        let sent = (0..<60).map { Self.answer($0) }
        #expect(peer.trackers.taken == sent && peer.trackers.failures.isEmpty)
        // Nothing is left that would wake the reactor again and again.
        stage.hub.send(Self.answer(77), to: there)
        stage.reactor.runIteration()
        #expect(peer.run { peer.trackers.taken.last == Self.answer(77) })
    }

    @Test func aFamilyThatIsNotThereAndWhatIsTooLongIsTold() throws {
        let stage = try Stage([.loopbackV4])
        let (other, same) = (Endpoint(.loopbackV6, port: 9), Endpoint(.loopbackV4, port: 9))
        #expect(stage.hub.hasFamily(of: same) && !stage.hub.hasFamily(of: other))
        stage.hub.send([1], to: other)
        stage.hub.send([UInt8](repeating: 0, count: DatagramHub.longestDatagram + 1), to: same)
        #expect(stage.trackers.failures.map(\.endpoint) == [other, same])
        // Port 0 is nobody's.
        let nowhere = Endpoint(.loopbackV4, port: 0)
        stage.hub.send([1], to: nowhere)
        #expect(stage.run { stage.trackers.failures.map(\.endpoint) == [other, same, nowhere] })
    }

    @Test func whatWaitsIsLimited() throws {
        let stage = try Stage([.loopbackV4])
        let peer = try UDPSocket(Endpoint(.loopbackV4, port: 0))
        for number in 0..<DatagramHub.queueLimit + 5 { stage.hub.send(Self.answer(number & 0xFF), to: peer.endpoint) }
        #expect(stage.hub.counts.crowdedOut == 5)
        stage.reactor.runIteration()
        stage.hub.send(Self.answer(1), to: peer.endpoint)
        #expect(stage.hub.counts.crowdedOut == 5, "there is room again")
    }
}
