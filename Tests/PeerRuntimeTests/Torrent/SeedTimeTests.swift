import Testing
import TorrentCore
import TorrentIO

@testable import PeerRuntime

@Suite struct SeedTimeTests {
    @Test func noTimePassesInAPause() throws {
        let reactor = try Reactor(name: "seed time")
        var (time, waits) = (SeedTime(), [Duration]())
        func begin(at second: Int64) {
            time.begin(at: .zero + .seconds(second), of: .seconds(60)) { left in
                waits.append(left)
                return reactor.setTimer(after: left) {}
            }
        }
        begin(at: 100)
        // It seeds already, as after a check of changed content.
        begin(at: 110)
        #expect(time.end(at: .zero + .seconds(120)) != nil)
        #expect(time.end(at: .zero + .seconds(900)) == nil)
        begin(at: 1_000)
        #expect(time.end(at: .zero + .seconds(1_050)) != nil)
        begin(at: 2_000)
        #expect(waits == [.seconds(60), .seconds(40), .zero])
    }
}
