import Foundation
import TestSupport
import Testing

/// `p2p-tracker` on machines that have been up for weeks: in a time namespace, whose clock stands as the test likes.
@Suite("The tracker's clock")
struct TrackerClockTests {
    /// Minutes after which 15 bits have come round.
    private static let round = 32_768

    static let isPossible: Bool = {
        guard let unshare = Executables.find("unshare"),
            let process = try? RunningProcess(
                unshare, ["--time", "--fork", "--boottime", "1000", "--monotonic", "1000", "true"])
        else { return false }
        for _ in 0..<2_000 where process.status == nil { usleep(5_000) }
        return process.status == .code(0)
    }()
    static let skipReason: Comment = "this kernel or this user has no time namespaces (unshare --time)"

    /// Seconds that the clock of this process says (CLOCK_MONOTONIC).
    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    @Test(
        "Nobody is forgotten when the minutes since the machine's start come round",
        .enabled(if: isPossible, skipReason), arguments: [1, 2, 3], ["1", "2"])
    func comesRound(rounds: Int, lanes: String) async throws {
        // A busy machine may take longer to start it than there is time before the boundary: then once more.
        for margin in [8, 25, 80] {
            let isDone = try await withStage { stage in
                try await passBoundary(rounds, lanes: lanes, startingBefore: margin, stage)
            }
            if isDone { return }
        }
        Issue.record("the tracker never started in time")
    }

    /// False if the boundary was passed before anybody had been announced.
    private func passBoundary(
        _ rounds: Int, lanes: String, startingBefore margin: Int, _ stage: Stage
    ) async throws -> Bool {
        let offset = Self.round * rounds * 60 - Int(Self.now) - margin
        let boundary = Double(Self.round * rounds * 60 - offset)
        let unshare = try #require(Executables.find("unshare"))
        let process = try stage.start(
            unshare,
            [
                "--time", "--fork", "--kill-child", "--boottime", "\(offset)", "--monotonic", "\(offset)",
                Executables.tracker, "--port", "0", "--bind", "127.0.0.1", "--lanes", lanes, "--json",
            ], name: "tracker")
        let port = try #require(try await process.waitForEvent("listening").port)
        let tracker = LocalTracker(process: process, port: port)
        for peer in 5_001...5_008 {
            try HTTPProbe.announce(torrent: 1, port: peer, left: peer % 2, event: "completed", to: tracker)
        }
        guard Self.now < boundary else { return false }
        let expected = HTTPProbe.Counts(seeders: 4, leechers: 4, downloads: 8)
        // Expiry goes round once a second: three of these behind the boundary.
        let isOver = try await eventually(within: .seconds(margin + 20), every: .milliseconds(100)) {
            let counts = HTTPProbe.scrape(HTTPProbe.torrent(1), port: port)
            return counts != expected || Self.now > boundary + 3
        }
        #expect(isOver, "the time never came")
        #expect(HTTPProbe.scrape(HTTPProbe.torrent(1), port: port) == expected)
        #expect(Self.now > boundary)
        try HTTPProbe.announce(torrent: 1, port: 5_009, left: 0, to: tracker)
        #expect(HTTPProbe.scrape(HTTPProbe.torrent(1), port: port)?.seeders == 5)
        return true
    }
}
