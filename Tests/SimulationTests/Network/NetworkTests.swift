import Testing
import TorrentCore

@testable import SwarmSimulator

/// What connections carry, and when it comes.
@Suite struct NetworkTests {
    @Test func aBlockTakesTheLineTheWayAndTheOtherLine() {
        let stage = NetworkStage()
        let link = stage.network.connect(0, to: 1)
        stage.send(.block("a"), over: link << 1)
        stage.run()
        // A second to leave, 20 ms on the way, one millisecond to come in.
        #expect(stage.left == ["a 1000"] && stage.arrived == ["a 1021"])
    }

    @Test func aLineSendsOneThingAtATimeAndServesItsConnectionsInTurn() {
        let stage = NetworkStage(lines: 3)
        let (first, second) = (stage.network.connect(0, to: 1), stage.network.connect(0, to: 2))
        stage.send(.block("a"), .block("b"), over: first << 1)
        stage.send(.block("c"), .block("d"), over: second << 1)
        stage.run()
        #expect(stage.left == ["a 1000", "c 2000", "b 3000", "d 4000"])
    }

    @Test func whatIsAnsweredTakesTheOtherLine() {
        let stage = NetworkStage()
        let link = stage.network.connect(0, to: 1)
        stage.send(.block("a"), over: link << 1)
        stage.send(.block("b"), over: link << 1 | 1)
        stage.run()
        #expect(stage.arrived == ["a 1021", "b 1021"])
    }

    @Test func aMessageWaitsForTheEndOfABlockOfItsOwnFlowAlone() {
        let stage = NetworkStage(lines: 3)
        let (first, second) = (stage.network.connect(0, to: 1), stage.network.connect(0, to: 2))
        stage.send(.block("a"), .block("b"), over: first << 1)
        stage.run(for: .milliseconds(400))
        stage.send(.message("here"), over: first << 1)
        stage.send(.message("there"), over: second << 1)
        stage.run()
        #expect(stage.arrived == ["there 420", "a 1021", "here 1021", "b 2021"])
        #expect(stage.waits == [.milliseconds(600)])
    }

    @Test func whatHasToKeepItsOrderIsNotOvertaken() {
        let stage = NetworkStage()
        let link = stage.network.connect(0, to: 1)
        stage.send(.ordered("field"), .message("have"), over: link << 1)
        stage.run()
        #expect(stage.arrived == ["field 120", "have 137"])
        #expect(stage.waits == [], "a place in the queue is no wait for a block")
    }

    @Test func whatIsDroppedDoesNotComeAndWhatIsOnItsWayDoes() {
        let stage = NetworkStage()
        let link = stage.network.connect(0, to: 1)
        stage.send(.block("a"), .block("b"), .block("c"), over: link << 1)
        stage.run(for: .milliseconds(1_500))
        stage.network.clear(link << 1)
        stage.run()
        #expect(stage.arrived == ["a 1021"] && stage.left == ["a 1000"])
        stage.send(.block("d"), over: link << 1)
        stage.run()
        #expect(stage.left.count == 2, "the line goes on")
    }

    @Test func nothingLeavesANodeThatSleepsNorIsSentToOne() {
        let stage = NetworkStage(lines: 3)
        let (asleep, awake) = (stage.network.connect(0, to: 1), stage.network.connect(0, to: 2))
        stage.network.sleep(1)
        stage.send(.block("a"), over: asleep << 1)
        stage.send(.block("b"), over: asleep << 1 | 1)
        stage.send(.block("c"), over: awake << 1)
        stage.run()
        #expect(stage.arrived == ["c 1021"], "and its turn is not waited for")
    }

    @Test func theBeginningOfABlockIsToldWhenItComes() {
        let stage = NetworkStage(tellsBeginnings: true)
        let link = stage.network.connect(0, to: 1)
        stage.send(.block("a"), .block("b"), over: link << 1)
        stage.run()
        #expect(stage.began == ["a 20", "b 1021"], "not before the one in front of it has come")
        #expect(stage.arrived == ["a 1021", "b 2021"])
    }

    @Test func aWindowLimitsWhatIsUnderWay() {
        var ramp = LinkRamp()
        ramp.first = 1_000
        let stage = NetworkStage(lines: 2, ramp: ramp)
        let link = stage.network.connect(0, to: 1)
        stage.send(.block("a"), .block("b"), over: link << 1)
        stage.run()
        // The second waits for the acknowledgement of the first, a way and a half after it left.
        #expect(stage.left == ["a 1000", "b 2041"])
    }
}
