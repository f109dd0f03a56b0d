import SwarmTestSupport
import Testing
import TorrentCore

@testable import SwarmEngine

/// What a private torrent keeps to (BEP 27).
@Suite struct PrivateTorrentTests {
    private func stage(isPrivate: Bool = true, admitsUnnamed: Bool = true) -> SwarmStage {
        var rules = SwarmRules()
        rules.admitsUnnamed = admitsUnnamed
        return SwarmStage(tiers: [2], isPrivate: isPrivate, rules: rules)
    }

    private func connect(_ stage: SwarmStage, _ number: UInt64, from source: PeerSource) throws -> ConnectionID {
        let called = stage.tell(.peersFound([SwarmStage.endpoint(number)], from: source)).connects
        let id = try #require(called.first)
        stage.tell(.linkOpened(id, SwarmStage.handshake(number)))
        return id
    }

    /// The tracker that answered first fails, and the other one of the tier answers.
    private func switchTracker(_ stage: SwarmStage, from first: Int) -> SwarmEffects {
        stage.pass(.seconds(60))
        _ = AnnounceTests.fail(stage, first)
        return AnnounceTests.answer(stage, 1 - first)
    }

    /// With another tracker all that came by the one before is gone, and who came by itself. Whom the user named is
    /// called again after a while.
    @Test(arguments: [true, false])
    func anotherTrackerMeansOtherPeers(isPrivate: Bool) throws {
        let stage = stage(isPrivate: isPrivate)
        let first = try #require(AnnounceTests.tracker(of: stage.start().announces.first))
        _ = AnnounceTests.answer(stage, first, interval: 60)
        let ids = [
            try connect(stage, 1, from: .tracker), try connect(stage, 2, from: .user), stage.enter(3),
        ]
        let pending = try #require(stage.tell(.peersFound([SwarmStage.endpoint(4)], from: .tracker)).connects.first)
        // The same tracker again changes nothing.
        stage.pass(.seconds(60))
        let again = AnnounceTests.answer(stage, first, interval: 60)
        #expect(!again.contains { if case .close = $0 { true } else { false } })
        let effects = switchTracker(stage, from: first)
        let closed = effects.compactMap { if case .close(let id, .notOfTracker) = $0 { id } else { nil } }
        #expect(Set(closed) == (isPrivate ? Set(ids + [pending]) : []))
        guard isPrivate else { return }
        #expect(stage.connections.isEmpty && stage.figures.connecting == 0)
        #expect(stage.figures.known == 1)
        let calledAgain = stage.pass(.seconds(60)).compactMap {
            if case .connect(_, let endpoint) = $0 { endpoint } else { nil }
        }
        #expect(calledAgain == [SwarmStage.endpoint(2)])
        // The peers of the new tracker are called.
        #expect(stage.tell(.peersFound([SwarmStage.endpoint(5)], from: .tracker)).connects.count == 1)
    }

    /// Names that a tracker told may take long to be looked up: by then another one may have taken its place.
    @Test(arguments: [true, false])
    func whatAnotherTrackerToldIsOfNoUse(isPrivate: Bool) throws {
        let stage = stage(isPrivate: isPrivate)
        let first = try #require(AnnounceTests.tracker(of: stage.start().announces.first))
        _ = AnnounceTests.answer(stage, first, interval: 60)
        func uses(_ tracker: Int) -> Bool { stage.swarm.usesAnswers(of: TrackerIndex(tracker)) }
        #expect(uses(first) && uses(1 - first) != isPrivate)
        _ = switchTracker(stage, from: first)
        #expect(uses(first) != isPrivate && uses(1 - first))
    }

    /// Who may connect to us: anybody, or whom tracker or user named; not asked of a public torrent.
    @Test(arguments: [(true, true, [1, 2, 3]), (true, false, [1, 2]), (false, false, [1, 2, 3])])
    func whoMayConnect(isPrivate: Bool, admitsUnnamed: Bool, welcome: [Int]) {
        let stage = stage(isPrivate: isPrivate, admitsUnnamed: admitsUnnamed)
        stage.start()
        stage.tell(.connectionsLimited(50))
        stage.tell(.peersFound([SwarmStage.endpoint(1)], from: .tracker))
        stage.tell(.peersFound([SwarmStage.endpoint(2)], from: .user))
        // Told by others, which counts for nothing.
        for source in [PeerSource.exchange, .link] { stage.tell(.peersFound([SwarmStage.endpoint(3)], from: source)) }
        // From another port than it listens at.
        let came = (1...3).filter { number in
            let place = Endpoint(SwarmStage.endpoint(UInt64(number)).address, port: 50_000)
            return stage.knock(from: place, SwarmStage.handshake(UInt64(number))).id != nil
        }
        #expect(came == welcome)
    }

    /// Though it could not be reached and has been forgotten, it may come by itself; with another tracker it may not.
    @Test func whoCannotBeReachedMayCome() throws {
        let stage = stage(admitsUnnamed: false)
        let first = try #require(AnnounceTests.tracker(of: stage.start().announces.first))
        _ = AnnounceTests.answer(stage, first)
        var called = stage.tell(.peersFound([SwarmStage.endpoint(1)], from: .tracker)).connects
        for _ in 0..<PeerBook.mostFailures {
            let id = try #require(called.first)
            stage.tell(.linkClosed(id, .connectFailed))
            called = stage.pass(PeerBook.longestPause + .seconds(1)).connects
        }
        #expect(stage.figures.known == 0)
        let id = try #require(stage.accept(1))
        stage.tell(.linkClosed(id, .remoteClosed))
        _ = switchTracker(stage, from: first)
        #expect(stage.accept(1) == nil)
    }

    @Test func whatIsRememberedOfThemIsBounded() {
        var vouched = VouchedAddresses(limit: 3)
        for number in 0..<5 { vouched.add(SwarmStage.endpoint(UInt64(number)).address) }
        vouched.add(SwarmStage.endpoint(4).address)
        let known = (0..<5).filter { vouched.contains(SwarmStage.endpoint(UInt64($0)).address) }
        #expect(known == [2, 3, 4])
        vouched.removeAll()
        vouched.add(SwarmStage.endpoint(1).address)
        #expect((0..<5).filter { vouched.contains(SwarmStage.endpoint(UInt64($0)).address) } == [1])
    }
}
