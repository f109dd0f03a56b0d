import Testing
import TorrentCore

@testable import SwarmEngine

@Suite struct AgendaTests {
    @Test func everyTimerHasAPlaceOfItsOwn() {
        var deadlines = Deadlines()
        for (number, timer) in Deadlines.Timer.allCases.enumerated() {
            #expect(!deadlines.isSet(timer))
            deadlines[timer] = .zero + .seconds(number + 1)
        }
        for (number, timer) in Deadlines.Timer.allCases.enumerated() {
            #expect(deadlines[timer] == .zero + .seconds(number + 1))
            #expect(deadlines.soonest() == deadlines[timer])
            deadlines.clear(timer)
        }
        #expect(deadlines.soonest() == .distantFuture)
    }

    @Test func aTimerMovesToAnEarlierMomentOnly() {
        var deadlines = Deadlines()
        deadlines.set(.patrol, noLaterThan: .zero + .seconds(5))
        deadlines.set(.patrol, noLaterThan: .zero + .seconds(9))
        #expect(deadlines[.patrol] == .zero + .seconds(5))
        #expect(deadlines.soonest(besides: .patrol) == .distantFuture)
    }

    /// A stopped swarm is not started again by a late event.
    @Test func aSwarmIsStartedOnce() {
        let bench = Bench(tiers: [1])
        #expect(bench.tell(.start).announces.count == 1)
        #expect(bench.tell(.start) == [])
        #expect(bench.tell(.stop).announces.count == 1)
        #expect(bench.tell(.stop) == [])
        #expect(bench.tell(.start) == [])
        #expect(bench.nextDeadline == .distantFuture)
        #expect(bench.accept(1) == nil)
    }
}
