import SwarmEngine
import SwarmTestSupport
import Testing
import TorrentCore

@Suite struct AnnounceTests {
    static func answer(_ stage: SwarmStage, _ tracker: Int, interval: Int = 1_800, minimum: Int? = nil) -> SwarmEffects
    {
        stage.tell(
            .announceAnswered(
                TrackerIndex(tracker), interval: .seconds(interval), minimum: minimum.map { .seconds($0) }))
    }

    static func fail(_ stage: SwarmStage, _ tracker: Int, retryIn: Int? = nil, isFinal: Bool = false) -> SwarmEffects {
        stage.tell(.announceFailed(TrackerIndex(tracker), retryIn: retryIn.map { .seconds($0) }, isFinal: isFinal))
    }

    static func order(_ tracker: Int, _ event: AnnounceEvent) -> SwarmEffect {
        .announce(TrackerIndex(tracker), event, wanted: 50)
    }

    static func tracker(of effect: SwarmEffect?) -> Int? {
        if case .announce(let tracker, _, _) = effect { tracker.position } else { nil }
    }

    @Test func everyTierIsAskedAndOneTrackerOfEach() {
        let stage = SwarmStage(tiers: [1, 1, 1])
        #expect(stage.start().announces == [Self.order(0, .started), Self.order(1, .started), Self.order(2, .started)])
        let inOneTier = SwarmStage(tiers: [3])
        #expect(inOneTier.start().announces.count == 1)
        let alone = SwarmStage(tiers: [1, 1, 1], isPrivate: true)
        #expect(alone.start().announces.count == 1)
    }

    @Test func theFirstThatWorksGoesToTheFront() {
        let stage = SwarmStage(tiers: [2])
        let first = Self.tracker(of: stage.start().announces.first) ?? -1
        let second = Self.tracker(of: Self.fail(stage, first).announces.first)
        #expect(second == 1 - first)
        _ = Self.answer(stage, 1 - first)
        // From now on the tracker that answered is asked, with no event.
        #expect(stage.pass(.seconds(1_800)).announces.first.flatMap(Self.tracker) == 1 - first)
    }

    @Test func failuresAreRepeatedAfterPausesThatDouble() {
        let stage = SwarmStage(tiers: [1])
        stage.start()
        var pauses: [Double] = []
        for _ in 0..<12 {
            let failedAt = stage.now
            _ = Self.fail(stage, 0)
            stage.pass(stage.nextDeadline - stage.now)
            pauses.append((stage.now - failedAt).inSeconds)
        }
        for (failure, pause) in pauses.enumerated() {
            let least = min(1_800, 5 * Double(1 << failure))
            #expect(pause >= least && pause <= least * 1.25, "failure \(failure): \(pause)")
        }
    }

    @Test func aRefusalAndARetryInAreHeeded() {
        let stage = SwarmStage(tiers: [1])
        stage.start()
        _ = Self.fail(stage, 0, isFinal: true)
        #expect(stage.nextDeadline >= .zero + .seconds(300))
        stage.pass(.seconds(301))
        _ = Self.fail(stage, 0, retryIn: 1_200)
        #expect(stage.nextDeadline >= .zero + .seconds(1_500))
    }

    @Test(arguments: [
        (1, 60), (60, 60), (240, 240), (5_000, 5_000), (Int(Int32.max), 86_400),
    ])
    func theTrackersOwnTimeGoesBeforeOurHabit(advised: Int, waited: Int) {
        let stage = SwarmStage(tiers: [1])
        stage.start()
        // Several times: an answer with `retryIn` does not count as a failure that lengthens the next pause.
        for _ in 0..<6 {
            let failedAt = stage.now
            _ = Self.fail(stage, 0, retryIn: advised, isFinal: true)
            #expect(stage.nextDeadline - failedAt == .seconds(waited))
            #expect(stage.pass(.seconds(waited)).announces == [Self.order(0, .started)])
        }
    }

    @Test func whoSaidNoIsLeftAloneWhileTheOthersAreAsked() {
        let stage = SwarmStage(tiers: [2])
        let first = Self.tracker(of: stage.start().announces.first) ?? -1
        // The other one is asked at once; it is down.
        #expect(Self.fail(stage, first, retryIn: 1_000, isFinal: true).announces == [Self.order(1 - first, .started)])
        for _ in 0..<4 {
            _ = Self.fail(stage, 1 - first)
            let next = stage.pass(stage.nextDeadline - stage.now)
            #expect(next.announces == [Self.order(1 - first, .started)])
        }
        // The refusal is over: the first one is asked again after the next failure of the other.
        stage.pass(.seconds(1_000))
        #expect(Self.tracker(of: Self.fail(stage, 1 - first).announces.first) == nil)
        let later = stage.pass(stage.nextDeadline - stage.now)
        #expect(Self.tracker(of: later.announces.first) == first)
    }

    @Test func whoRunsShortHeedsARefusal() {
        let stage = SwarmStage(tiers: [1])
        stage.start()
        _ = Self.answer(stage, 0, interval: 900, minimum: 100)
        // Sooner than the interval, since there are no peers.
        #expect(stage.pass(.seconds(100)).announces == [Self.order(0, .none)])
        _ = Self.fail(stage, 0, retryIn: 5_000, isFinal: true)
        #expect(stage.pass(.seconds(4_999)).announces.isEmpty)
        #expect(stage.pass(.seconds(1)).announces == [Self.order(0, .none)])
    }

    @Test func whereAllSaidNoTheFirstToHaveItsTimeIsAsked() {
        let stage = SwarmStage(tiers: [2])
        let first = Self.tracker(of: stage.start().announces.first) ?? -1
        _ = Self.fail(stage, first, retryIn: 900, isFinal: true)
        _ = Self.fail(stage, 1 - first, retryIn: 600, isFinal: true)
        #expect(stage.nextDeadline == .zero + .seconds(600))
        #expect(stage.pass(.seconds(600)).announces == [Self.order(1 - first, .started)])
    }

    @Test func completedIsSaidOnceAndNotByOneWhoBeganSo() {
        let stage = SwarmStage(pieces: 1, tiers: [1])
        stage.start()
        _ = Self.answer(stage, 0)
        let seed = stage.join(1)
        stage.receive(.unchoke, from: seed)
        stage.deliver(stage.block(0, 0), from: seed)
        stage.deliver(stage.block(0, 1), from: seed)
        #expect(stage.store(stage.geometry.piece(0)).announces == [Self.order(0, .completed)])
        _ = Self.answer(stage, 0)
        #expect(stage.pass(.seconds(1_800)).announces == [Self.order(0, .none)])

        let seeder = SwarmStage(seeder: true, tiers: [1])
        #expect(seeder.start().announces == [Self.order(0, .started)])
        _ = Self.answer(seeder, 0)
        #expect(seeder.pass(.seconds(3_000)).announces == [Self.order(0, .none)])
    }

    @Test func whoRunsShortAsksSoonerThoughNotTooSoonAndLessAndLess() {
        let stage = SwarmStage(tiers: [1])
        stage.start()
        var pauses: [Double] = []
        for _ in 0..<6 {
            let answeredAt = stage.now
            _ = Self.answer(stage, 0, interval: 900, minimum: 100)
            stage.pass(stage.nextDeadline - stage.now)
            pauses.append((stage.now - answeredAt).inSeconds)
        }
        #expect(pauses == [100, 200, 400, 800, 900, 900])

        let seeder = SwarmStage(seeder: true, tiers: [1])
        seeder.start()
        _ = Self.answer(seeder, 0, interval: 900, minimum: 100)
        #expect(seeder.nextDeadline == .zero + .seconds(900))
    }

    @Test func stoppedIsSaidOnlyWhereWeAreKnown() {
        let stage = SwarmStage(tiers: [1, 1])
        stage.start()
        _ = Self.answer(stage, 0)
        _ = Self.fail(stage, 1)
        #expect(stage.tell(.stop) == [.announce(TrackerIndex(0), .stopped, wanted: 0)])
    }
}
