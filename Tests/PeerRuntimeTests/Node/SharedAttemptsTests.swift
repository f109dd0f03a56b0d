import Testing
import TorrentCore

@testable import PeerRuntime

/// A neighbourhood is called by all torrents of a node together.
@Suite struct SharedAttemptsTests {
    private static func address(_ number: Int, in block: Int = 0) -> IPAddress {
        .v4(0x5000_0000 + UInt32(block) << 8 + UInt32(number))
    }

    /// A hundred torrents have the same list of a victim.
    @Test func aNeighbourhoodIsCalledAFewTimesWhateverHowMany() {
        let attempts = SharedAttempts()
        var now = Moment.zero
        var called = 0
        for _ in 0..<100 {
            for number in 1...4 {
                guard let attempt = attempts.begin(at: Self.address(number), at: now) else { continue }
                called += 1
                attempt.failed(at: now)
                attempt.failed(at: now)
            }
            now = now + .seconds(1)
        }
        #expect(called == SharedAttempts.most)
        // Nobody else is concerned.
        #expect(attempts.begin(at: Self.address(1, in: 1), at: now) != nil)
        #expect(attempts.begin(at: Self.address(9), at: .zero + SharedAttempts.rest - .seconds(1)) == nil)
        #expect(attempts.begin(at: Self.address(9), at: .zero + SharedAttempts.rest) != nil)
    }

    /// Who answers, or is given up, takes no place any more.
    @Test func whoIsDoneGivesItsPlaceBack() {
        let attempts = SharedAttempts()
        for round in 0..<3 {
            var underWay: [SharedAttempts.Attempt] = []
            while let attempt = attempts.begin(at: Self.address(round + 1), at: .zero) { underWay.append(attempt) }
            #expect(underWay.count == SharedAttempts.most)
        }
    }

    /// Those that find no room are not counted, and take nothing from those that are.
    @Test func neighbourhoodsAreBounded() {
        let attempts = SharedAttempts()
        for block in 0..<SharedAttempts.mostBlocks {
            attempts.begin(at: Self.address(1, in: block), at: .zero)?.failed(at: .zero)
        }
        let new = Self.address(1, in: SharedAttempts.mostBlocks)
        for _ in 0..<100 { #expect(attempts.begin(at: new, at: .zero) != nil) }
        for _ in 0..<100 { attempts.begin(at: Self.address(2), at: .zero)?.failed(at: .zero) }
        #expect(attempts.begin(at: Self.address(3), at: .zero) == nil)
        // What is over makes room.
        let later = Moment.zero + SharedAttempts.rest
        for _ in 0..<100 { attempts.begin(at: new, at: later)?.failed(at: later) }
        #expect(attempts.begin(at: new, at: later) == nil)
    }
}
