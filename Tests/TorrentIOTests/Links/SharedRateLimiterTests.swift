import Testing
import TorrentCore
import TorrentIO

@Suite struct SharedRateLimiterTests {
    @Test(arguments: [10_000, 100_000, 50_000_000])
    func overTimeExactlyTheRateComesThrough(rate: Int) {
        let limiter = SharedRateLimiter(rate: rate, at: .zero)
        var generator = SplitMix64(seed: 11)
        var now = Moment.zero
        var taken = 0
        while now < Moment.zero + .seconds(60) {
            now = now + .microseconds(Int64.random(in: 10..<5_000, using: &generator))
            taken += limiter.take(upTo: Int.random(in: 1..<1_000_000, using: &generator), at: now)
        }
        let allowed = Double(rate) * (now - .zero).inSeconds
        // At most what time brought and one full bucket, and nothing lost on the way.
        #expect(Double(taken) <= allowed + max(Double(rate) / 4, 16_397))
        #expect(Double(taken) >= allowed * 0.999 - 20_000)
    }

    @Test func idleTimeIsNotSavedUp() {
        let limiter = SharedRateLimiter(rate: 1_000_000, at: .zero)
        _ = limiter.take(upTo: .max / 2, at: .zero)
        #expect(limiter.take(upTo: .max / 2, at: Moment.zero + .seconds(3_600)) == 250_000)
    }

    @Test func theClockNeverGoesBackIntoTheBucket() {
        let limiter = SharedRateLimiter(rate: 1_000_000, at: Moment.zero + .seconds(10))
        _ = limiter.take(upTo: .max / 2, at: Moment.zero + .seconds(10))
        #expect(limiter.take(upTo: 10, at: Moment.zero + .seconds(5)) == 0)
        #expect(limiter.take(upTo: .max / 2, at: Moment.zero + .milliseconds(10_100)) == 100_000)
    }

    @Test(arguments: [1, 10_000, 1_000_000])
    func atTheMomentItNamesThereIsSomething(rate: Int) {
        let limiter = SharedRateLimiter(rate: rate, at: .zero)
        while limiter.take(upTo: 1_000_000, at: .zero) > 0 {}
        let moment = limiter.nextAvailable(at: .zero)
        #expect(moment > .zero)
        #expect(limiter.take(upTo: 1_000_000, at: moment + .microseconds(1)) > 0)
    }

    /// What cannot be divided is set aside whole, in the order in which it was asked for, and at the rate.
    @Test(arguments: [1_000, 20_000, 5_000_000])
    func reservationsComeInOrderAndAtTheRate(rate: Int) {
        let limiter = SharedRateLimiter(rate: rate, at: .zero)
        var times: [Moment] = []
        for _ in 0..<100 { times.append(limiter.reserve(16_397, at: .zero)) }
        #expect(times == times.sorted())
        #expect(times[0] == .zero)
        // Before the last one goes 99 are through, but for what was saved up.
        let due = (99 * 16_397 - Double(rate) / 4) / Double(rate)
        #expect(abs((times[99] - .zero).inSeconds - due) < 0.001)
        // Who takes what is there has to wait until the debt is paid.
        #expect(limiter.take(upTo: 1, at: times[99]) == 0)
        #expect(limiter.take(upTo: 1, at: times[99] + .seconds(17_000 / Double(rate))) == 1)
    }

    @Test func whatWasNotUsedComesBack() {
        let limiter = SharedRateLimiter(rate: 100_000, at: .zero)
        let taken = limiter.take(upTo: 1_000, at: .zero)
        limiter.giveBack(taken)
        #expect(limiter.take(upTo: .max / 2, at: .zero) == 25_000)
    }

    /// The limit of a torrent within that of its node: the stricter one decides.
    @Test(arguments: [(100_000, 1_000_000), (1_000_000, 100_000)])
    func ofTwoLimitsTheStricterHolds(inner: Int, outer: Int) {
        let node = SharedRateLimiter(rate: outer, at: .zero)
        let torrent = SharedRateLimiter(rate: inner, within: node, at: .zero)
        var now = Moment.zero
        var taken = 0
        for _ in 0..<1_000 {
            now = now + .milliseconds(10)
            taken += torrent.take(upTo: 16_384, at: now)
        }
        // Ten seconds, and the quarter of one that was there at the start.
        #expect((1_000_000...1_030_000).contains(taken))
        var last = now
        for _ in 0..<100 { last = max(last, torrent.reserve(16_384, at: now)) }
        #expect((14...17).contains((last - now).inSeconds))
    }

    /// What a torrent does not take is left to others.
    @Test func aStricterTorrentLeavesTheRestToOthers() {
        let node = SharedRateLimiter(rate: 1_000_000, at: .zero)
        let strict = SharedRateLimiter(rate: 100_000, within: node, at: .zero)
        let free = SharedRateLimiter(rate: nil, within: node, at: .zero)
        var now = Moment.zero
        var taken = (strict: 0, free: 0)
        for _ in 0..<1_000 {
            now = now + .milliseconds(10)
            taken.strict += strict.take(upTo: 16_384, at: now)
            taken.free += free.take(upTo: 65_536, at: now)
        }
        #expect((1_000_000...1_030_000).contains(taken.strict))
        #expect((8_900_000...9_260_000).contains(taken.free))
    }

    @Test func aLimitComesAndGoes() {
        let limiter = SharedRateLimiter(rate: nil, at: .zero)
        let limiters = LinkLimiters(download: limiter, upload: limiter)
        #expect(limiters.download == nil && !limiter.isLimiting)
        #expect(limiter.take(upTo: 1 << 30, at: .zero) == 1 << 30)
        #expect(limiter.reserve(1 << 30, at: .zero) == .zero)
        limiter.setRate(1_000, at: .zero)
        #expect(limiters.upload != nil)
        _ = limiter.reserve(100_000, at: .zero)
        #expect(limiter.reserve(1, at: .zero) > .zero + .seconds(90))
        // The debt goes with the limit that it was made under.
        limiter.setRate(1_000_000, at: .zero)
        #expect(limiter.reserve(1, at: .zero) == .zero)
        limiter.setRate(nil, at: .zero)
        #expect(limiters.download == nil)
    }
}
