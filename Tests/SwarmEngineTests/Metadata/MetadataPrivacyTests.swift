import SwarmEngine
import SwarmTestSupport
import Testing
import TorrentCore

/// A torrent that turns out to be private once its metadata is there: from then on one tracker is asked (BEP 27).
@Suite struct MetadataPrivacyTests {
    private func stage(tiers: Int, asksOwn: Bool = false) -> MetadataStage {
        let stage = MetadataStage(blocks: 1, tiers: Array(repeating: 1, count: tiers), asksOwnTracker: asksOwn)
        #expect(stage.start().announces.count == tiers)
        return stage
    }

    /// The metadata comes, and says what the torrent is.
    @discardableResult
    private func learn(_ stage: MetadataStage, isPrivate: Bool = true) throws -> SwarmEffects {
        let id = stage.join(90).id
        return stage.verify(try #require(stage.deliver(0, from: id).effects.toVerify), isPrivate: isPrivate)
    }

    @discardableResult
    private func answer(_ stage: MetadataStage, _ tracker: Int) -> SwarmEffects {
        stage.tell(.announceAnswered(TrackerIndex(tracker), interval: .seconds(1_800), minimum: nil))
    }

    private func find(_ stage: MetadataStage, _ number: UInt64) -> [ConnectionID] {
        stage.tell(.peersFound([SwarmStage.endpoint(number)], from: .tracker)).connects
    }

    /// They may know of us, though their answers are not waited for any more.
    @Test func whoWasBeingAskedIsToldThatWeStop() throws {
        let stage = stage(tiers: 3)
        answer(stage, 0)
        try learn(stage)
        #expect(stage.tell(.stop).announces.compactMap(AnnounceTests.tracker) == [0, 1, 2])
    }

    /// The peers of a tracker that is not asked any more are not those of the torrent.
    @Test(arguments: [true, false])
    func anAnswerThatNobodyWaitsForBringsNobody(isPrivate: Bool) throws {
        let stage = stage(tiers: 2)
        try learn(stage, isPrivate: isPrivate)
        answer(stage, 1)
        #expect(find(stage, 1).isEmpty == isPrivate)
        answer(stage, 0)
        #expect(find(stage, 2).count == 1)
    }

    /// Whose peers we have is remembered: they go once another tracker answers.
    @Test func theOnlyOneThatAnsweredCounts() throws {
        let stage = stage(tiers: 3)
        answer(stage, 1)
        let id = try #require(find(stage, 1).first)
        stage.tell(.linkOpened(id, SwarmStage.handshake(1, .ours)))
        #expect(try learn(stage).closed.isEmpty)
        #expect(answer(stage, 0).contains(.close(id, .notOfTracker)))
    }

    /// Where several have answered nobody stays, so that one is asked for peers at once.
    @Test(arguments: [false, true])
    func oneIsAskedAtOnceWhereNobodyStays(areMixed: Bool) throws {
        let stage = stage(tiers: 2)
        answer(stage, 0)
        if areMixed { answer(stage, 1) }
        #expect(try learn(stage).closed.isEmpty != areMixed)
        #expect(stage.pass(.zero).announces.compactMap(AnnounceTests.tracker) == (areMixed ? [0] : []))
        if areMixed { answer(stage, 0) }
        #expect(find(stage, 1).count == 1)
    }

    private static func stopped(_ effects: SwarmEffects) -> [Int] {
        effects.compactMap { if case .announce(let tracker, .stopped, _) = $0 { tracker.position } else { nil } }
    }

    /// The tracker of this process is told that we leave, and is not asked again, nor told a second time.
    @Test(arguments: [false, true])
    func itsOwnTrackerIsLeftAtOnce(hasAnswered: Bool) throws {
        let stage = stage(tiers: 3, asksOwn: true)
        if hasAnswered { answer(stage, 0) }
        #expect(try Self.stopped(learn(stage)) == [0])
        for tracker in [1, 2] { answer(stage, tracker) }
        let asked = stage.pass(.seconds(7_200)).announces.compactMap(AnnounceTests.tracker)
        #expect(!asked.isEmpty && !asked.contains(0))
        #expect(!Self.stopped(stage.tell(.stop)).contains(0))
    }

    /// Nobody who came by it stays; one who did not, and answers the only tracker of the torrent, does.
    @Test(arguments: [false, true])
    func thoseOfItsOwnTrackerGo(hasAnswered: Bool) throws {
        let stage = stage(tiers: 2, asksOwn: true)
        answer(stage, 1)
        let id = try #require(find(stage, 1).first)
        stage.tell(.linkOpened(id, SwarmStage.handshake(1, .ours)))
        if hasAnswered { answer(stage, 0) }
        #expect(try learn(stage).closed.contains(id) == hasAnswered)
        // A late answer of it brings nobody.
        answer(stage, 0)
        #expect(find(stage, 2).isEmpty)
    }

    /// Nor who was told of because it came to that tracker, though we have no answer of it yet.
    @Test func whoCameToItsOwnTrackerGoes() throws {
        let stage = stage(tiers: 2, asksOwn: true)
        answer(stage, 1)
        let effects = stage.tell(.newcomer(SwarmStage.endpoint(7)))
        let id = try #require(effects.connects.first)
        #expect(try learn(stage).closed.contains(id))
    }

    @Test func withNoTrackerButItsOwnNobodyIsAsked() throws {
        let stage = stage(tiers: 1, asksOwn: true)
        answer(stage, 0)
        _ = find(stage, 1)
        let effects = try learn(stage)
        #expect(Self.stopped(effects) == [0])
        #expect(!effects.closed.isEmpty)
        #expect(stage.pass(.seconds(7_200)).announces.isEmpty)
        #expect(stage.tell(.stop).announces.isEmpty)
    }

    @Test func aPublicOneStaysThere() throws {
        let stage = stage(tiers: 2, asksOwn: true)
        for tracker in [0, 1] { answer(stage, tracker) }
        let effects = try learn(stage, isPrivate: false)
        #expect(Self.stopped(effects).isEmpty && effects.closed.isEmpty)
        let (swarm, _) = stage.promote()
        #expect(Self.stopped(swarm.tell(.stop)) == [0, 1])
    }
}
