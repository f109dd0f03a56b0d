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

    @Test func whatWasNotUsedComesBack() {
        let limiter = SharedRateLimiter(rate: 100_000, at: .zero)
        let taken = limiter.take(upTo: 1_000, at: .zero)
        limiter.giveBack(taken)
        #expect(limiter.take(upTo: .max / 2, at: .zero) == 25_000)
    }
}
