import Testing
import TorrentCore

@testable import TorrentIO

/// When a line counts as quick.
@Suite struct LineSpeedTests {
    /// Bytes leave at a steady rate, 64 KiB at a time, for two seconds.
    private func pass(_ line: inout LineSpeed, bytesASecond: Double, from start: Duration) {
        var time = start
        while time < start + .seconds(2) {
            _ = line.took(65_536, at: .zero + time)
            time += .seconds(65_536 / bytesASecond)
        }
    }

    @Test(arguments: [(1e5, false), (3e6, false), (7e6, false), (9e6, true), (1e9, true)])
    func isJudgedByWhatItTakes(bytesASecond: Double, isQuick: Bool) {
        var line = LineSpeed()
        #expect(!line.isQuick)
        pass(&line, bytesASecond: bytesASecond, from: .zero)
        #expect(line.isQuick == isQuick)
    }

    /// The slower the line, the less the kernel is given ahead, so that words need not wait long.
    @Test(arguments: [(20_000.0, 4_096), (60_000, 8_192), (2e6, 16_384)])
    func aSlowLineIsGivenLittleAhead(bytesASecond: Double, ahead: Int) {
        var line = LineSpeed()
        var time = Duration.zero
        while time < .seconds(5) {
            _ = line.took(4_096, at: .zero + time)
            time += .seconds(4_096 / bytesASecond)
        }
        #expect(line.backlog == Int32(ahead))
        #expect(line.offer == ahead)
    }

    /// What is neither quick nor slow stays what it was.
    @Test func changesItsMindOnlyForGoodReason() {
        var line = LineSpeed()
        pass(&line, bytesASecond: 2e7, from: .zero)
        pass(&line, bytesASecond: 6e6, from: .seconds(2))
        #expect(line.isQuick)
        pass(&line, bytesASecond: 3e6, from: .seconds(4))
        #expect(!line.isQuick)
    }

    /// Each change is told once, to whoever has to tell the socket.
    @Test func tellsOfEachChangeOnce() {
        var line = LineSpeed()
        let changes = (0..<64).map { line.took(65_536, at: .zero + .milliseconds($0)) }
        #expect(changes.count { $0 } == 1)
        #expect(line.isQuick)
    }
}
