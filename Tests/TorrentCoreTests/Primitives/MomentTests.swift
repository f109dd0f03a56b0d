import Testing
import TorrentCore

@Suite struct MomentTests {
    @Test(arguments: [
        (Duration.zero, Int64(0)), (.nanoseconds(-1), -1), (.seconds(3) + .nanoseconds(7), 3_000_000_007),
        // Cut, towards zero.
        (.nanoseconds(1) / 2, 0), (.nanoseconds(-3) / 2, -1),
        // The longest that can be told.
        (.seconds(9_223_372_036), 9_223_372_036_000_000_000), (.seconds(9_223_372_037), .max),
        (.seconds(Int64.max), .max), (.seconds(Int64.min), .min),
    ])
    func aDurationInWholeNanoseconds(duration: Duration, nanoseconds: Int64) {
        #expect(duration.wholeNanoseconds == nanoseconds)
    }

    @Test func theDistantFutureStaysDistant() {
        #expect(Moment.distantFuture + .seconds(1) == .distantFuture)
        #expect(Moment.zero + .seconds(Int64.max) == .distantFuture)
        #expect(Moment(nanoseconds: 5) - Moment(nanoseconds: 8) == .nanoseconds(-3))
    }
}
