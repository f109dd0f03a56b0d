import Testing
import TorrentCore

@testable import DHTEngine

/// When a torrent is looked up again.
@Suite struct SeekingTests {
    private let announcement = DHTAnnouncement(port: 1, impliesPort: false)

    @Test func theOneThatIsDueForLongestIsNext() {
        var seeking = Seeking()
        var generator = SplitMix64(seed: 1)
        for byte in 1...3 as ClosedRange<UInt8> {
            seeking.seek(.test(byte), nil, at: .zero + .seconds(Int(byte)))
        }
        let now = Moment.zero + .seconds(9)
        #expect(seeking.begin(at: now)?.infoHash == .test(1))
        seeking.ended(.test(1), found: false, at: now, using: &generator)
        #expect(seeking.begin(at: now)?.infoHash == .test(2))
        #expect(seeking.begin(at: now)?.infoHash == .test(3))
        #expect(seeking.begin(at: now) == nil)
    }

    @Test func announcesAreRepeatedBeforeTheyAreForgotten() {
        var seeking = Seeking()
        var generator = SplitMix64(seed: 1)
        seeking.seek(.test(1), announcement, at: .zero)
        for round in 0..<50 {
            let now = seeking.nextDue
            _ = seeking.begin(at: now)
            seeking.ended(.test(1), found: true, at: now, using: &generator)
            #expect(seeking.nextDue - now > .seconds(13 * 60), "round \(round)")
            #expect(seeking.nextDue - now < .seconds(17 * 60), "round \(round)")
        }
    }

    @Test func nothingFoundIsTriedSoonAndThenLessOften() {
        var seeking = Seeking()
        var generator = SplitMix64(seed: 1)
        seeking.seek(.test(1), nil, at: .zero)
        var pauses: [Duration] = []
        for _ in 0..<10 {
            let now = seeking.nextDue
            _ = seeking.begin(at: now)
            seeking.ended(.test(1), found: false, at: now, using: &generator)
            pauses.append(seeking.nextDue - now)
        }
        #expect(pauses[0] < .seconds(20) && pauses[1] > pauses[0] && pauses[2] > pauses[1])
        #expect(pauses.allSatisfy { $0 < .seconds(17 * 60) })
    }

    @Test func whoHurriesIsNotTooSoon() {
        var seeking = Seeking()
        var generator = SplitMix64(seed: 1)
        seeking.seek(.test(1), nil, at: .zero)
        _ = seeking.begin(at: .zero)
        seeking.ended(.test(1), found: true, at: .zero + .seconds(1), using: &generator)
        seeking.hurry(.test(1), at: .zero + .seconds(2))
        #expect(seeking.nextDue == Moment.zero + Seeking.shortestPause)
        seeking.hurry(.test(1), at: .zero + .seconds(100))
        #expect(seeking.nextDue == Moment.zero + Seeking.shortestPause)
    }

    @Test func whoHurriesAllIsNotTooSoonEither() {
        var seeking = Seeking()
        var generator = SplitMix64(seed: 1)
        seeking.seek(.test(1), nil, at: .zero)
        _ = seeking.begin(at: .zero)
        seeking.ended(.test(1), found: true, at: .zero + .seconds(1), using: &generator)
        for second in 2..<30 { seeking.hurryAll(at: .zero + .seconds(second)) }
        #expect(seeking.nextDue == Moment.zero + Seeking.shortestPause)
        // One that nobody answered counts for none.
        _ = seeking.begin(at: .zero + .seconds(30))
        seeking.ended(.test(1), found: false, wasAnswered: false, at: .zero + .seconds(31), using: &generator)
        seeking.hurryAll(at: .zero + .seconds(32))
        #expect(seeking.nextDue == .zero + .seconds(32))
    }

    @Test func whatIsForgottenIsNotDue() {
        var seeking = Seeking()
        for byte in 1...3 as ClosedRange<UInt8> { seeking.seek(.test(byte), nil, at: .zero) }
        seeking.forget(.test(1))
        #expect(seeking.begin(at: .zero)?.infoHash == .test(2))
        seeking.forget(.test(3))
        #expect(seeking.nextDue == .distantFuture && seeking.count == 1)
    }

    @Test func anotherPortIsAnnouncedAtOnce() {
        var seeking = Seeking()
        var generator = SplitMix64(seed: 1)
        seeking.seek(.test(1), nil, at: .zero)
        _ = seeking.begin(at: .zero)
        seeking.seek(.test(1), announcement, at: .zero)
        #expect(seeking.begin(at: .zero) == nil)
        seeking.ended(.test(1), found: true, at: .zero, using: &generator)
        #expect(seeking.begin(at: .zero)?.announcement == announcement)
        seeking.ended(.test(1), found: true, at: .zero, using: &generator)
        seeking.seek(.test(1), announcement, at: .zero)
        #expect(seeking.nextDue > .zero)
    }
}
