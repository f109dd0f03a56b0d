import Testing
import TorrentCore

@testable import PeerRuntime

@Suite struct DisturbancesTests {
    @Test func touchesCostAPauseAndNeverTheTorrent() {
        var disturbances = Disturbances()
        var pauses: [Duration] = []
        for second in 0..<40 {
            let now = Moment.zero + .seconds(second)
            pauses.append(disturbances.pause(at: now, pieces: 5))
            let goesOn = disturbances.checked(at: now, pieces: 5)
            #expect(goesOn)
        }
        #expect(pauses.prefix(3) == [.milliseconds(200), .milliseconds(400), .milliseconds(800)])
        #expect(pauses.allSatisfy { $0 <= .seconds(13) })
        #expect(disturbances.pause(at: .zero + .seconds(200), pieces: 5) == .milliseconds(200))
    }

    @Test func whoLosesPiecesAgainAndAgainEnds() {
        var disturbances = Disturbances()
        var answers: [Bool] = []
        for second in 0..<7 {
            let now = Moment.zero + .seconds(second)
            _ = disturbances.pause(at: now, pieces: 5)
            answers.append(disturbances.checked(at: now, pieces: 4))
        }
        #expect(answers == [true, true, true, true, true, true, false])
    }
}
