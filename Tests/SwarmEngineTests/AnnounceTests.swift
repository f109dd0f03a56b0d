import SwarmEngine
import Testing
import TorrentCore

@Suite struct AnnounceTests {
    static func answer(_ bench: Bench, _ tracker: Int, interval: Int = 1_800, minimum: Int? = nil) -> SwarmEffects {
        bench.tell(
            .announceAnswered(
                TrackerIndex(tracker), interval: .seconds(interval), minimum: minimum.map { .seconds($0) }))
    }

    static func fail(_ bench: Bench, _ tracker: Int, retryIn: Int? = nil, isFinal: Bool = false) -> SwarmEffects {
        bench.tell(.announceFailed(TrackerIndex(tracker), retryIn: retryIn.map { .seconds($0) }, isFinal: isFinal))
    }

    static func order(_ tracker: Int, _ event: AnnounceEvent) -> SwarmEffect {
        .announce(TrackerIndex(tracker), event, wanted: 50)
    }

    static func tracker(of effect: SwarmEffect?) -> Int? {
        if case .announce(let tracker, _, _) = effect { tracker.position } else { nil }
    }

    @Test func everyTierIsAskedAndOneTrackerOfEach() {
        let bench = Bench(tiers: [1, 1, 1])
        #expect(bench.start().announces == [Self.order(0, .started), Self.order(1, .started), Self.order(2, .started)])
        let inOneTier = Bench(tiers: [3])
        #expect(inOneTier.start().announces.count == 1)
        let alone = Bench(tiers: [1, 1, 1], isPrivate: true)
        #expect(alone.start().announces.count == 1)
    }

    @Test func theFirstThatWorksGoesToTheFront() {
        let bench = Bench(tiers: [2])
        let first = Self.tracker(of: bench.start().announces.first) ?? -1
        let second = Self.tracker(of: Self.fail(bench, first).announces.first)
        #expect(second == 1 - first)
        _ = Self.answer(bench, 1 - first)
        // From now on the tracker that answered is asked, with no event.
        #expect(bench.pass(.seconds(1_800)).announces.first.flatMap(Self.tracker) == 1 - first)
    }

    @Test func failuresAreRepeatedAfterPausesThatDouble() {
        let bench = Bench(tiers: [1])
        bench.start()
        var pauses: [Double] = []
        for _ in 0..<12 {
            let failedAt = bench.now
            _ = Self.fail(bench, 0)
            bench.pass(bench.nextDeadline - bench.now)
            pauses.append((bench.now - failedAt).inSeconds)
        }
        for (failure, pause) in pauses.enumerated() {
            let least = min(1_800, 5 * Double(1 << failure))
            #expect(pause >= least && pause <= least * 1.25, "failure \(failure): \(pause)")
        }
    }

    @Test func aRefusalAndARetryInAreHeeded() {
        let bench = Bench(tiers: [1])
        bench.start()
        _ = Self.fail(bench, 0, isFinal: true)
        #expect(bench.nextDeadline >= .zero + .seconds(300))
        bench.pass(.seconds(301))
        _ = Self.fail(bench, 0, retryIn: 1_200)
        #expect(bench.nextDeadline >= .zero + .seconds(1_500))
    }

    @Test(arguments: [
        (1, 60), (60, 60), (240, 240), (5_000, 5_000), (Int(Int32.max), 86_400),
    ])
    func theTrackersOwnTimeGoesBeforeOurHabit(advised: Int, waited: Int) {
        let bench = Bench(tiers: [1])
        bench.start()
        // Several times: an answer with `retryIn` does not count as a failure that lengthens the next pause.
        for _ in 0..<6 {
            let failedAt = bench.now
            _ = Self.fail(bench, 0, retryIn: advised, isFinal: true)
            #expect(bench.nextDeadline - failedAt == .seconds(waited))
            #expect(bench.pass(.seconds(waited)).announces == [Self.order(0, .started)])
        }
    }

    @Test func whoSaidNoIsLeftAloneWhileTheOthersAreAsked() {
        let bench = Bench(tiers: [2])
        let first = Self.tracker(of: bench.start().announces.first) ?? -1
        // The other one is asked at once; it is down.
        #expect(Self.fail(bench, first, retryIn: 1_000, isFinal: true).announces == [Self.order(1 - first, .started)])
        for _ in 0..<4 {
            _ = Self.fail(bench, 1 - first)
            let next = bench.pass(bench.nextDeadline - bench.now)
            #expect(next.announces == [Self.order(1 - first, .started)])
        }
        // The refusal is over: the first one is asked again after the next failure of the other.
        bench.pass(.seconds(1_000))
        #expect(Self.tracker(of: Self.fail(bench, 1 - first).announces.first) == nil)
        let later = bench.pass(bench.nextDeadline - bench.now)
        #expect(Self.tracker(of: later.announces.first) == first)
    }

    @Test func whoRunsShortHeedsARefusal() {
        let bench = Bench(tiers: [1])
        bench.start()
        _ = Self.answer(bench, 0, interval: 900, minimum: 100)
        // Sooner than the interval, since there are no peers.
        #expect(bench.pass(.seconds(100)).announces == [Self.order(0, .none)])
        _ = Self.fail(bench, 0, retryIn: 5_000, isFinal: true)
        #expect(bench.pass(.seconds(4_999)).announces.isEmpty)
        #expect(bench.pass(.seconds(1)).announces == [Self.order(0, .none)])
    }

    @Test func whereAllSaidNoTheFirstToHaveItsTimeIsAsked() {
        let bench = Bench(tiers: [2])
        let first = Self.tracker(of: bench.start().announces.first) ?? -1
        _ = Self.fail(bench, first, retryIn: 900, isFinal: true)
        _ = Self.fail(bench, 1 - first, retryIn: 600, isFinal: true)
        #expect(bench.nextDeadline == .zero + .seconds(600))
        #expect(bench.pass(.seconds(600)).announces == [Self.order(1 - first, .started)])
    }

    @Test func completedIsSaidOnceAndNotByOneWhoBeganSo() {
        let bench = Bench(pieces: 1, tiers: [1])
        bench.start()
        _ = Self.answer(bench, 0)
        let seed = bench.join(1)
        bench.receive(.unchoke, from: seed)
        bench.deliver(bench.block(0, 0), from: seed)
        bench.deliver(bench.block(0, 1), from: seed)
        #expect(bench.store(bench.geometry.piece(0)).announces == [Self.order(0, .completed)])
        _ = Self.answer(bench, 0)
        #expect(bench.pass(.seconds(1_800)).announces == [Self.order(0, .none)])

        let seeder = Bench(seeder: true, tiers: [1])
        #expect(seeder.start().announces == [Self.order(0, .started)])
        _ = Self.answer(seeder, 0)
        #expect(seeder.pass(.seconds(3_000)).announces == [Self.order(0, .none)])
    }

    @Test func whoRunsShortAsksSoonerThoughNotTooSoonAndLessAndLess() {
        let bench = Bench(tiers: [1])
        bench.start()
        var pauses: [Double] = []
        for _ in 0..<6 {
            let answeredAt = bench.now
            _ = Self.answer(bench, 0, interval: 900, minimum: 100)
            bench.pass(bench.nextDeadline - bench.now)
            pauses.append((bench.now - answeredAt).inSeconds)
        }
        #expect(pauses == [100, 200, 400, 800, 900, 900])

        let seeder = Bench(seeder: true, tiers: [1])
        seeder.start()
        _ = Self.answer(seeder, 0, interval: 900, minimum: 100)
        #expect(seeder.nextDeadline == .zero + .seconds(900))
    }

    @Test func stoppedIsSaidOnlyWhereWeAreKnown() {
        let bench = Bench(tiers: [1, 1])
        bench.start()
        _ = Self.answer(bench, 0)
        _ = Self.fail(bench, 1)
        #expect(bench.tell(.stop) == [.announce(TrackerIndex(0), .stopped, wanted: 0)])
    }
}
