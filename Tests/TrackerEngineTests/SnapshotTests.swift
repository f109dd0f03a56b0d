import Testing
import TorrentCore
import TrackerEngine

@Suite struct SnapshotTests {
    /// A tracker with a hundred torrents of both families.
    static func filled() throws -> TrackerBench {
        let bench = TrackerBench()
        for torrent in 0..<100 {
            for peer in 0...torrent % 40 {
                try bench.announce("8.0.0.1:\(peer + 1)", left: Int64(peer % 2), .completed, torrent: torrent)
                try bench.announce("[2001::\(peer)]:1", left: Int64(peer % 3), torrent: torrent)
            }
        }
        return bench
    }

    static func snapshot(_ bench: TrackerBench, budget: Int = 200) -> [UInt8] {
        var bytes: [UInt8] = []
        TrackerSnapshot.appendHeader(secondsSince1970: 1_000_000, to: &bytes)
        var cursor: SwarmCursor? = SwarmCursor()
        while let from = cursor {
            cursor = bench.tracker.appendFrame(from: from, budget: budget, at: bench.now, to: &bytes)
        }
        TrackerSnapshot.appendEnd(to: &bytes)
        return bytes
    }

    static func restore(
        _ bytes: [UInt8], into bench: TrackerBench, seconds: Int64 = 1_000_000
    ) throws(TrackerSnapshotError) {
        try bytes.withBytes { span throws(TrackerSnapshotError) in
            try bench.tracker.restore(span, secondsSince1970: seconds, at: bench.now)
        }
    }

    @Test func `what is written is there again, and the downloads are not counted anew`() throws {
        let before = try Self.filled()
        before.wait(.seconds(300))
        let after = TrackerBench()
        after.now = Moment(nanoseconds: 5)
        try Self.restore(Self.snapshot(before), into: after)
        for torrent in 0..<100 {
            let counts = before.counts(torrent)
            #expect(after.counts(torrent) == counts)
        }
        #expect(after.tracker.seederCount == before.tracker.seederCount)
        #expect(after.tracker.downloadCount == before.tracker.downloadCount)
        let downloads = after.counts(39).downloaded
        try after.announce("8.0.0.1:1", left: 0, .completed, torrent: 39)
        #expect(after.counts(39).downloaded == downloads)
        try Self.restore(Self.snapshot(before, budget: 1), into: after)
        #expect(after.tracker.leecherCount == before.tracker.leecherCount, "twice the same is the same")
    }

    @Test func `peers age while the tracker is away`() throws {
        let bytes = Self.snapshot(try Self.filled())
        let after = TrackerBench()
        try Self.restore(bytes, into: after, seconds: 1_000_000 + 1_500)
        #expect(after.tracker.seederCount > 0)
        after.wait(.seconds(900))
        #expect(after.tracker.seederCount == 0, "they were silent for 40 minutes in all")
        let late = TrackerBench()
        try Self.restore(bytes, into: late, seconds: 1_000_000 + 90_000)
        #expect(late.tracker.seederCount == 0 && late.counts(39).downloaded > 0)
        let early = TrackerBench()
        try Self.restore(bytes, into: early, seconds: 5)
        #expect(early.tracker.seederCount > 0, "a clock that was put back makes nobody older")
    }

    @Test func `a damaged file is refused as a whole`() throws {
        let bytes = Self.snapshot(try Self.filled())
        var generator = SplitMix64(seed: 8)
        for _ in 0..<40 {
            let bench = TrackerBench()
            var damaged = bytes
            // All but the time of writing is covered.
            let place = Int.random(in: 0..<bytes.count - 8, using: &generator)
            damaged[place < 8 ? place : place + 8] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            #expect(throws: TrackerSnapshotError.self) { try Self.restore(damaged, into: bench) }
            let cut = Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &generator)))
            #expect(throws: TrackerSnapshotError.self) { try Self.restore(cut, into: bench) }
            #expect(bench.tracker.torrentCount == 0)
        }
        let bench = TrackerBench()
        #expect(throws: TrackerSnapshotError.notASnapshot) { try Self.restore([], into: bench) }
        var newer = bytes
        newer[7] = 9
        #expect(throws: TrackerSnapshotError.unknownVersion(9)) { try Self.restore(newer, into: bench) }
    }
}
