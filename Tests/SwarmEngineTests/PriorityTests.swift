import SwarmTestSupport
import Testing
import TorrentCore

@testable import SwarmEngine

/// Who is tried first, and who makes room, by the canonical priority (BEP 40).
@Suite struct PriorityTests {
    private static let ours = IPAddress.v4(0x7BD5_200A)

    private func priority(_ endpoint: Endpoint) -> UInt32 {
        PeerPriority.between(Endpoint(Self.ours, port: 0), endpoint) ?? 0
    }

    /// As they were told, or by priority once it is known how the world sees us.
    @Test(arguments: [nil, false, true] as [Bool?])
    func amongEqualsThePriorityDecides(isKnownBefore: Bool?) {
        let stage = SwarmStage(adapt: { $0.connecting = 1 })
        stage.start()
        let peers = (1...9).map { SwarmStage.endpoint($0) }
        if isKnownBefore == true { stage.tell(.externalAddress(Self.ours)) }
        var effects = stage.tell(.peersFound(peers, from: .tracker))
        if isKnownBefore == false { stage.tell(.externalAddress(Self.ours)) }
        var order: [Endpoint] = []
        while case .connect(let id, let endpoint)? = effects.first(where: {
            if case .connect = $0 { true } else { false }
        }) {
            order.append(endpoint)
            effects = stage.tell(.linkClosed(id, .connectFailed))
        }
        var expected = peers
        if isKnownBefore == true { expected.sort { priority($0) > priority($1) } }
        if isKnownBefore == false { expected[1...].sort { priority($0) > priority($1) } }
        #expect(order == expected)
        #expect(Set(peers.map(priority)).count == peers.count)
    }

    /// One that has been tried does not come back before others have had their turn; who is near goes first.
    @Test func everyoneHasATurn() throws {
        var book = PeerBook(limit: 10)
        let peers = (1...3).map { SwarmStage.endpoint($0) }
        for peer in peers { book.add(peer, from: .tracker, at: .zero) }
        book.setPriorities { $0 == peers[1] ? 9 : 1 }
        #expect(book.takeNext(at: .zero, skippingSeeds: false) == peers[1])
        book.answered(peers[1])
        book.ended(peers[1], .harmless, at: .zero)
        let later = Moment.zero + .seconds(20)
        #expect(book.takeNext(at: later, skippingSeeds: false) == peers[0])
        var places = OurPlaces(port: 1, interfaces: [])
        let isNews = places.learned(Self.ours)
        let isNewsAgain = places.learned(Self.ours)
        #expect(isNews && !isNewsAgain)
        #expect(places.priority(of: try #require(Endpoint("10.0.0.1:1"))) == .max)
        #expect(places.priority(of: peers[0]) == priority(peers[0]))
        // We do not know how the world sees us in the other family.
        #expect(places.priority(of: try #require(Endpoint("[2a00::1]:1"))) == .max / 2)
    }

    /// All places are taken by peers that are of no use yet: a newcomer gets one if its priority is higher than that of
    /// somebody, and that one leaves whose priority is lowest.
    @Test(arguments: [true, false])
    func aNewcomerOfHighPriorityGetsAPlace(isKnown: Bool) throws {
        let stage = SwarmStage(adapt: { $0.connections = 4 })
        stage.start()
        if isKnown { stage.tell(.externalAddress(Self.ours)) }
        let ranked = (1...9).map { UInt64($0) }.sorted {
            priority(SwarmStage.endpoint($0)) < priority(SwarmStage.endpoint($1))
        }
        var ids: [UInt64: ConnectionID] = [:]
        for number in [ranked[3], ranked[1], ranked[4], ranked[2]] { ids[number] = stage.enter(number) }
        // Nobody can know yet what they have.
        #expect(stage.accept(ranked[8]) == nil)
        stage.pass(.seconds(30))
        let (newcomer, effects) = stage.knock(ranked[8])
        #expect((newcomer != nil) == isKnown)
        #expect(effects.contains(.close(try #require(ids[ranked[1]]), .notUseful)) == isKnown)
        #expect(stage.accept(ranked[0]) == nil)
        // After a minute without use anybody makes room, as ever.
        stage.pass(.seconds(40))
        #expect(stage.accept(ranked[0]) != nil)
    }

    /// Of those that are of no use, the one of the lowest priority makes room for a known peer.
    @Test func theTurnoverGoesByPriority() {
        let stage = SwarmStage(adapt: { $0.connections = 5 })
        stage.start()
        stage.tell(.externalAddress(Self.ours))
        var connected: [ConnectionID: Endpoint] = [:]
        let found = stage.tell(.peersFound((1...9).map { SwarmStage.endpoint($0) }, from: .tracker))
        for case .connect(let id, let endpoint) in found {
            connected[id] = endpoint
            stage.tell(.linkOpened(id, SwarmStage.handshake(UInt64(connected.count))))
            stage.receive(.haveAll, from: id)
        }
        #expect(connected.count == 4)
        let effects = stage.pass(.seconds(121))
        let closed = effects.compactMap { if case .close(let id, .notUseful) = $0 { connected[id] } else { nil } }
        #expect(closed == [connected.values.min { priority($0) < priority($1) }].compactMap(\.self))
    }
}
