import SwarmSimulator
import Testing
import TorrentCore

/// The world of the DHT is the one that was measured.
@Suite struct DHTPathTests {
    @Test func roundTripsTakeTwentyTo400Milliseconds() {
        var paths = DHTPaths()
        paths.seed = 7
        let trips = (UInt32(1)...2_000).map { number in
            let (one, other) = (IPAddress.v4(0x5000_0000 + number * 977), IPAddress.v4(0x9000_0000 + number * 1_409))
            #expect(paths.roundTrip(one, other) == paths.roundTrip(other, one))
            return Double(paths.roundTrip(one, other)) / 1e6
        }.sorted()
        #expect((20...400).contains(trips[0]) && (20...400).contains(trips[1_999]))
        #expect((80...100).contains(trips[1_000]), "\(trips[1_000])")
        #expect(trips[100] < 50 && trips[1_900] > 200, "\(trips[100]), \(trips[1_900])")
    }
}
