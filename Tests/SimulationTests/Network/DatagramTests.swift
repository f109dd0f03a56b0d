import Testing
import TorrentCore

@testable import SwarmSimulator

/// Datagrams in the same network: nothing is promised of them, and all of it is seeded.
@Suite struct DatagramTests {
    @Test func aDatagramTakesTheLineAndTheWay() {
        let stage = NetworkStage()
        stage.datagram(7)
        stage.run()
        #expect(stage.delivered.map(\.number) == [7])
        // 100 bytes leave in 100 ms, headers counted, 20 ms on the way, and come in within a tenth of one.
        #expect(stage.delivered.first?.at == .milliseconds(120) + .microseconds(100))
        #expect(stage.network.datagramFigures == DatagramFigures(sent: 1, delivered: 1))
    }

    @Test func theyTakeTurnsWithConnections() {
        let stage = NetworkStage()
        let link = stage.network.connect(0, to: 1)
        stage.send(.block("a"), .block("b"), over: link << 1)
        for number in 0..<3 { stage.datagram(number) }
        stage.run()
        #expect(stage.left == ["a 1000", "b 2100"])
        let times = stage.delivered.map { Int(($0.at / .milliseconds(1)).rounded()) }
        #expect(times == [1_120, 2_220, 2_320])
    }

    @Test func whatIsLongerThanThePathTakesIsLost() {
        let stage = NetworkStage { $0.longest = 50 }
        stage.datagram(1, milliseconds: 78)
        stage.datagram(2, milliseconds: 79)
        stage.run()
        #expect(stage.delivered.map(\.number) == [1])
        #expect(stage.network.datagramFigures.tooLong == 1)
    }

    @Test func whatFindsNoRoomBeforeTheLineIsLost() {
        let stage = NetworkStage { $0.queueBytes = 250 }
        for number in 0..<4 { stage.datagram(number) }
        stage.run()
        #expect(stage.delivered.map(\.number) == [0, 1])
        #expect(stage.network.datagramFigures.crowdedOut == 2)
        stage.datagram(9)
        stage.run()
        #expect(stage.delivered.count == 3, "there is room again")
    }

    @Test func someAreLostAndTheSameOnesForTheSameSeed() {
        func fate(_ seed: UInt64) -> [UInt8] {
            let stage = NetworkStage(seed: seed) {
                $0.lostOneIn = 5
                $0.queueBytes = 1 << 20
            }
            for number in 0..<200 { stage.datagram(number) }
            stage.run()
            let figures = stage.network.datagramFigures
            #expect(figures.lost + figures.delivered == 200 && figures.lost == 200 - stage.delivered.count)
            #expect((20...60).contains(figures.lost), "\(figures.lost) of 200, where one in five is lost")
            return stage.delivered.map(\.number)
        }
        #expect(fate(3) == fate(3) && fate(3) != fate(4))
    }

    @Test func thoseThatComeLateAreOvertaken() {
        let stage = NetworkStage {
            $0.lateOneIn = 4
            $0.lateBy = .milliseconds(250)
        }
        for number in 0..<60 { stage.datagram(number) }
        stage.run()
        let numbers = stage.delivered.map(\.number)
        #expect(numbers != numbers.sorted() && numbers.sorted() == Array(0..<60), "another order, and all of them")
    }

    @Test func someComeTwiceAndNoneComesSoonerThanTheWayTakes() {
        let stage = NetworkStage {
            $0.repeatedOneIn = 3
            $0.jitter = .milliseconds(8)
        }
        for number in 0..<30 { stage.datagram(number) }
        stage.run()
        #expect(stage.delivered.count == 30 + stage.network.datagramFigures.repeated)
        #expect(stage.network.datagramFigures.repeated > 0)
        for (number, time) in stage.delivered {
            let soonest = Duration.milliseconds(100 * (Int(number) + 1) + 20)
            #expect((soonest...soonest + .milliseconds(9)).contains(time), "\(number) after \(time)")
        }
    }

    @Test func noneLeavesANodeThatSleepsOrReachesOne() {
        let stage = NetworkStage(lines: 3)
        stage.network.sleep(1)
        stage.datagram(1, from: 0, to: 1)
        stage.datagram(2, from: 1, to: 0)
        stage.datagram(3, from: 0, to: 2)
        stage.run()
        #expect(stage.delivered.map(\.number) == [3])
    }

    /// Connections draw from a chance of their own, so that a world is as it was without datagrams.
    @Test func theyLeaveTheChanceOfConnectionsAlone() {
        let stage = NetworkStage { $0.lostOneIn = 2 }
        let before = stage.generator
        for number in 0..<20 { stage.datagram(number) }
        stage.run()
        var (left, right) = (before, stage.generator)
        #expect(left.next() == right.next())
    }
}
