import SwarmTestSupport
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
        let stage = SwarmStage(tiers: [1])
        #expect(stage.tell(.start).announces.count == 1)
        #expect(stage.tell(.start) == [])
        #expect(stage.tell(.stop).announces.count == 1)
        #expect(stage.tell(.stop) == [])
        #expect(stage.tell(.start) == [])
        #expect(stage.nextDeadline == .distantFuture)
        #expect(stage.accept(1) == nil)
    }
}
