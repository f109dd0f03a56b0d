import SwarmTestSupport
import Testing
import TorrentCore

@testable import SwarmEngine

/// Peers tell each other whom they are connected with (BEP 11).
@Suite struct ExchangeTests {
    private static func stage(
        isPrivate: Bool = false, isOn: Bool = true, seeder: Bool = false, connections: Int = 80
    ) -> SwarmStage {
        let stage = SwarmStage(
            seeder: seeder, isPrivate: isPrivate, adapt: { $0.connections = connections },
            configure: { $0.rules.exchangesPeers = isOn })
        stage.start()
        return stage
    }

    /// Peer `number` connects to us, and says that it speaks exchange and listens at its endpoint.
    private static func enter(
        _ number: UInt64, _ stage: SwarmStage, speaks: Bool = true, port: UInt16? = 6_881
    ) -> ConnectionID {
        let id = stage.join(number, .ours, has: [])
        stage.introduce(id, speaking: speaks ? [.exchange] : [], port: port)
        return id
    }

    private static func added(_ numbers: [UInt64], _ flags: ExchangedPeer.Flags = []) -> [ExchangedPeer] {
        numbers.map { ExchangedPeer(SwarmStage.endpoint($0), flags) }
    }

    private func hear(
        _ added: [ExchangedPeer], _ stage: SwarmStage, from id: ConnectionID
    ) -> [Endpoint] {
        let effects = stage.tell(.extended(.exchange(PeerExchange(added: added)), from: id))
        return effects.compactMap { if case .connect(_, let endpoint) = $0 { endpoint } else { nil } }
    }

    // MARK: Telling

    @Test func theFirstMessageComesAsSoonAsThereIsSomebody() {
        let stage = Self.stage()
        let first = Self.enter(1, stage)
        #expect(stage.exchanged(stage.pass(.seconds(5)), with: first) == nil)
        let second = Self.enter(2, stage)
        let effects = stage.pass(.zero)
        #expect(effects == [.sendExtension(first, .exchange), .sendExtension(second, .exchange)])
        #expect(stage.exchanged(effects, with: first) == PeerExchange(added: Self.added([2])))
        #expect(stage.exchanged(effects, with: second) == PeerExchange(added: Self.added([1])))
        // Nothing more to tell, so nothing to be woken for but keep-alives.
        #expect(stage.nextDeadline >= .zero + .seconds(60))
    }

    /// Once a minute at most; whoever is gone by then was never there, and who is there again never left.
    @Test func laterOnesTellWhatHasChangedInAMinute() {
        let stage = Self.stage()
        let asker = Self.enter(1, stage)
        let stays = Self.enter(2, stage)
        let leaves = Self.enter(3, stage)
        let first = stage.exchanged(stage.pass(.seconds(1)), with: asker)
        #expect(first?.added == Self.added([2, 3]))
        let briefly = Self.enter(4, stage)
        stage.tell(.linkClosed(briefly, .remoteClosed))
        stage.tell(.linkClosed(leaves, .remoteClosed))
        stage.tell(.linkClosed(stays, .remoteClosed))
        _ = Self.enter(2, stage)
        _ = Self.enter(5, stage)
        #expect(stage.exchanged(stage.pass(.seconds(58)), with: asker) == nil)
        let second = stage.exchanged(stage.pass(.seconds(2)), with: asker)
        #expect(second == PeerExchange(added: Self.added([5]), dropped: [SwarmStage.endpoint(3)]))
        #expect(stage.exchanged(stage.pass(.seconds(200)), with: asker) == nil)
    }

    /// Whom we do not know where to find is not told of, and nobody is told of himself.
    @Test func onlyThoseWhoseAddressIsKnownAreToldOf() {
        let stage = Self.stage()
        let asker = Self.enter(1, stage)
        let shy = Self.enter(2, stage, port: nil)
        #expect(stage.pass(.seconds(5)) == [.sendExtension(shy, .exchange)])
        stage.introduce(shy, speaking: [], port: 9)
        let expected = ExchangedPeer(Endpoint(SwarmStage.endpoint(2).address, port: 9))
        #expect(stage.exchanged(stage.pass(.zero), with: asker)?.added == [expected])
    }

    @Test func theFlagsSayWhatIsKnown() throws {
        let stage = Self.stage()
        let asker = Self.enter(1, stage)
        let found = stage.tell(.peersFound([SwarmStage.endpoint(8)], from: .tracker))
        let id = try #require(found.connects.first)
        stage.tell(.linkOpened(id, SwarmStage.handshake(8)))
        stage.receive(.haveAll, from: id)
        let seed = stage.join(9, .ours)
        stage.introduce(seed, speaking: [])
        let told = stage.exchanged(stage.pass(.seconds(1)), with: asker)
        #expect(told?.added == Self.added([8], [.reachable, .uploadOnly]) + Self.added([9], .uploadOnly))
    }

    @Test func noMoreThanFiftyAreToldOfAtOnce() {
        let stage = Self.stage(connections: 200)
        var others: [ConnectionID] = []
        for number in UInt64(10)..<70 { others.append(Self.enter(number, stage, speaks: false)) }
        let asker = Self.enter(1, stage)
        let first = stage.exchanged(stage.pass(.zero), with: asker)
        #expect(first?.added == Self.added(Array(10..<60)))
        let second = stage.exchanged(stage.pass(.seconds(61)), with: asker)
        #expect(second == PeerExchange(added: Self.added(Array(60..<70))))
        for id in others { stage.tell(.linkClosed(id, .remoteClosed)) }
        let third = stage.exchanged(stage.pass(.seconds(61)), with: asker)
        #expect(third?.dropped.count == 50 && third?.added == [])
        let fourth = stage.exchanged(stage.pass(.seconds(61)), with: asker)
        #expect(Set((third?.dropped ?? []) + (fourth?.dropped ?? [])) == Set((10..<70).map { SwarmStage.endpoint($0) }))
    }

    /// An address of our LAN leads nowhere, or to somebody else, beyond it.
    /// Somebody announces itself at the tracker of this process: all hear of it at once, though they were told just
    /// now, and the next ones a little later, together.
    @Test func newcomersAtOurTrackerAreToldOfAtOnce() {
        let stage = Self.stage()
        let peers = [Self.enter(1, stage), Self.enter(2, stage)]
        stage.pass(.seconds(20))
        let effects = stage.tell(.newcomer(SwarmStage.endpoint(3)))
        for peer in peers { #expect(stage.exchanged(effects, with: peer)?.added == Self.added([3])) }
        #expect(effects.contains { if case .connect(_, SwarmStage.endpoint(3)) = $0 { true } else { false } })
        #expect(stage.tell(.newcomer(SwarmStage.endpoint(3))) == [])
        for number in 4...6 {
            #expect(stage.exchanged(stage.tell(.newcomer(SwarmStage.endpoint(UInt64(number)))), with: peers[0]) == nil)
        }
        let later = stage.exchanged(stage.pass(Exchange.pauseForNewcomers), with: peers[0])
        #expect(later?.added == Self.added([4, 5, 6]))
    }

    /// We could not reach it for two minutes: it is no more told of, and whoever heard of it hears that it is gone.
    @Test func newcomersWhomWeDoNotReachAreForgotten() {
        let stage = Self.stage()
        let asker = Self.enter(1, stage)
        stage.pass(.seconds(1))
        #expect(stage.exchanged(stage.tell(.newcomer(SwarmStage.endpoint(3))), with: asker)?.added == Self.added([3]))
        stage.pass(Exchange.newcomerTime + .seconds(1))
        let second = Self.enter(2, stage)
        let effects = stage.pass(.seconds(60))
        #expect(
            stage.exchanged(effects, with: asker)
                == PeerExchange(added: Self.added([2]), dropped: [SwarmStage.endpoint(3)]))
        #expect(stage.exchanged(effects, with: second)?.added == Self.added([1]))
    }

    @Test func whoAnnouncesItselfHereIsNobodyToAPrivateTorrent() {
        let stage = Self.stage(isPrivate: true)
        _ = Self.enter(1, stage)
        #expect(stage.tell(.newcomer(SwarmStage.endpoint(3))) == [])
    }

    @Test func nobodyOutsideHearsOfTheLan() {
        let stage = Self.stage()
        let near = Endpoint(.v4(0x0A00_0001), port: 1)
        let (neighbour, _) = stage.knock(from: near, SwarmStage.handshake(5, .ours))
        let (other, _) = stage.knock(from: Endpoint(.v4(0x0A00_0002), port: 1), SwarmStage.handshake(6, .ours))
        guard let neighbour, let other else { return #expect(Bool(false), "nobody let in") }
        stage.introduce(neighbour, speaking: [.exchange])
        stage.introduce(other, speaking: [.exchange])
        let far = Self.enter(1, stage)
        let effects = stage.pass(.zero)
        #expect(stage.exchanged(effects, with: far) == nil)
        let lan = ExchangedPeer(Endpoint(.v4(0x0A00_0002), port: 6_881))
        #expect(stage.exchanged(effects, with: neighbour)?.added == [lan] + Self.added([1]))
    }

    @Test(arguments: [(true, true), (false, false)])
    func aPrivateTorrentNeitherTellsNorBelieves(isPrivate: Bool, isOn: Bool) {
        let stage = Self.stage(isPrivate: isPrivate, isOn: isOn)
        #expect(!stage.swarm.extensionHandshake(listenPort: nil).ids.speaks(.exchange))
        let asker = Self.enter(1, stage)
        _ = Self.enter(2, stage)
        #expect(stage.exchanged(stage.pass(.seconds(200)), with: asker) == nil)
        #expect(hear(Self.added([7]), stage, from: asker).isEmpty)
    }

    @Test func whoTurnsItOffIsToldNoMore() {
        let stage = Self.stage()
        let asker = Self.enter(1, stage)
        var later = ExtensionHandshake()
        later.ids[.exchange] = 0
        stage.tell(.extensionHandshake(later, from: asker))
        _ = Self.enter(2, stage, speaks: false)
        #expect(stage.pass(.seconds(5)) == [])
    }

    // MARK: Hearing

    @Test func whoIsToldOfIsConnectedTo() {
        let stage = Self.stage()
        let teller = Self.enter(1, stage)
        #expect(hear(Self.added([7, 8, 1]), stage, from: teller) == [SwarmStage.endpoint(7), SwarmStage.endpoint(8)])
    }

    /// Two who have everything have nothing for each other.
    @Test func aSeedLooksForNoSeed() {
        let stage = Self.stage(seeder: true)
        let teller = Self.enter(1, stage)
        let peers = Self.added([7], .uploadOnly) + Self.added([8])
        #expect(hear(peers, stage, from: teller) == [SwarmStage.endpoint(8)])
    }

    @Test func whoFloodsIsNotBelievedAnyMore() {
        let stage = Self.stage()
        let teller = Self.enter(1, stage)
        let other = Self.enter(2, stage)
        for number in 0..<UInt64(ExchangeRecord.mostMessages) {
            #expect(hear(Self.added([10 + number]), stage, from: teller).count == 1)
        }
        #expect(hear(Self.added([30]), stage, from: teller).isEmpty)
        stage.pass(.seconds(100))
        #expect(hear(Self.added([31]), stage, from: teller).isEmpty)
        #expect(hear(Self.added([32]), stage, from: other) == [SwarmStage.endpoint(32)])
    }

    /// One a minute is believed for ever.
    @Test func whoKeepsToTheMinuteIsBelieved() {
        let stage = Self.stage(connections: 200)
        let teller = Self.enter(1, stage)
        for number in 0..<UInt64(12) {
            #expect(hear(Self.added([10 + number]), stage, from: teller).count == 1)
            stage.pass(.seconds(60))
        }
    }

    @Test func noMoreOfAMessageIsBelievedThanTheLimit() {
        let stage = Self.stage(connections: 1_000)
        let teller = Self.enter(1, stage)
        func many(_ from: UInt64) -> [ExchangedPeer] { Self.added(Array(from..<from + 200)) }
        _ = hear(many(1_000), stage, from: teller)
        let known = stage.figures.known + stage.figures.connecting
        #expect(known == PeerExchange.mostRead)
        _ = hear(many(2_000), stage, from: teller)
        #expect(stage.figures.known + stage.figures.connecting == known + ExchangeRecord.mostBelieved)
    }
}
