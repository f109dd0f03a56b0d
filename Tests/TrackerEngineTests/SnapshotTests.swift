import Testing
import TorrentCore

@testable import TrackerEngine

@Suite struct SnapshotTests {
    /// A snapshot of a tracker that is filled so, for those who want no more of it.
    static let filledSnapshot = Result { try snapshot(filled()) }

    /// A tracker with a hundred torrents of both families.
    static func filled() throws -> TrackerStage {
        let stage = TrackerStage()
        for torrent in 0..<100 {
            for peer in 0...torrent % 40 {
                try stage.announce("8.0.0.1:\(peer + 1)", left: Int64(peer % 2), .completed, torrent: torrent)
                try stage.announce("[2001::\(peer)]:1", left: Int64(peer % 3), torrent: torrent)
            }
        }
        return stage
    }

    static func snapshot(_ stage: TrackerStage, budget: Int = 200, writtenAt: Int64 = 1_000_000) -> [UInt8] {
        var bytes: [UInt8] = []
        TrackerSnapshot.appendHeader(secondsSince1970: writtenAt, to: &bytes)
        var cursor: SwarmCursor? = SwarmCursor()
        while let from = cursor {
            cursor = stage.tracker.appendFrame(from: from, budget: budget, at: stage.now, to: &bytes)
        }
        stage.tracker.appendEnd(frameBytes: bytes.count - TrackerSnapshot.headerLength, to: &bytes)
        return bytes
    }

    @discardableResult
    static func restore(
        _ bytes: [UInt8], into stage: TrackerStage, seconds: Int64 = 1_000_000
    ) throws(TrackerSnapshotError) -> RestoredSnapshot {
        try bytes.withBytes { span throws(TrackerSnapshotError) in
            try stage.tracker.restore(span, secondsSince1970: seconds, at: stage.now)
        }
    }

    @Test func `what is written is there again, and the downloads are not counted anew`() throws {
        let before = try Self.filled()
        before.wait(.seconds(300))
        let after = TrackerStage()
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

    @Test func `a count of downloads at its end goes on counting`() throws {
        var bytes: [UInt8] = []
        TrackerSnapshot.appendHeader(secondsSince1970: 1_000_000, to: &bytes)
        TrackerSnapshot.appendEnd(downloads: .max, frameBytes: 0, to: &bytes)
        let stage = TrackerStage()
        try Self.restore(bytes, into: stage)
        let before = stage.tracker.downloadCount
        #expect(before >= 1 << 62)
        try stage.announce("8.0.0.1:1", left: 1, .started)
        try stage.announce("8.0.0.1:1", left: 0, .completed)
        #expect(stage.tracker.downloadCount == before + 1)
    }

    @Test func `peers age while the tracker is away`() throws {
        let bytes = try Self.filledSnapshot.get()
        let after = TrackerStage()
        try Self.restore(bytes, into: after, seconds: 1_000_000 + 1_500)
        #expect(after.tracker.seederCount > 0)
        after.wait(.seconds(900))
        #expect(after.tracker.seederCount == 0, "they were silent for 40 minutes in all")
        let late = TrackerStage()
        try Self.restore(bytes, into: late, seconds: 1_000_000 + 90_000)
        #expect(late.tracker.seederCount == 0 && late.counts(39).downloaded > 0)
        let early = TrackerStage()
        try Self.restore(bytes, into: early, seconds: 5)
        #expect(early.tracker.seederCount > 0, "a clock that was put back makes nobody older")
    }

    @Test func `a damaged file is refused as a whole`() throws {
        let bytes = try Self.filledSnapshot.get()
        var generator = SplitMix64(seed: 8)
        for _ in 0..<40 {
            let stage = TrackerStage()
            var damaged = bytes
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            #expect(throws: TrackerSnapshotError.self) { try Self.restore(damaged, into: stage) }
            let cut = Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &generator)))
            #expect(throws: TrackerSnapshotError.self) { try Self.restore(cut, into: stage) }
            #expect(stage.tracker.torrentCount == 0)
        }
        let stage = TrackerStage()
        #expect(throws: TrackerSnapshotError.notASnapshot) { try Self.restore([], into: stage) }
        #expect(throws: TrackerSnapshotError.unknownVersion(9)) { try Self.restore(Self.newer, into: stage) }
    }

    /// A header as a later version would write it, and something behind it.
    static let newer: [UInt8] = {
        var bytes = Array("P2PTRKR".utf8) + [9]
        bytes.appendBigEndian(UInt64(1_900_000_000))
        bytes.appendBigEndian(SipHash(key: (0x7032_7020_7472_6163, 0x6B65_7220_7374_6174)).hash(bytes))
        return bytes + [1, 2, 3]
    }()

    @Test func `every bit and every length of a small file counts`() throws {
        let before = TrackerStage()
        try before.announce("8.0.0.1:1", left: 0, .completed)
        try before.announce("[2001::1]:1")
        let bytes = Self.snapshot(before)
        let stage = TrackerStage()
        for place in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[place] ^= 1 << UInt8(bit)
                #expect(throws: TrackerSnapshotError.self, "byte \(place), bit \(bit)") {
                    try Self.restore(damaged, into: stage)
                }
            }
            let cut = Array(bytes.prefix(place))
            #expect(throws: TrackerSnapshotError.self, "\(place) bytes") { try Self.restore(cut, into: stage) }
        }
        #expect(throws: TrackerSnapshotError.self) { try Self.restore(bytes + [0], into: stage) }
        #expect(stage.tracker.torrentCount == 0 && stage.tracker.downloadCount == 0)
        try Self.restore(bytes, into: stage)
        #expect(stage.counts() == ScrapeCounts(1, 1, 1))
    }

    /// What version 1 wrote for a seeder that has completed and a leecher, both of IPv4.
    static func oldVersion(seconds: UInt64) -> [UInt8] {
        var records = TrackerStage.hash(0).bytes.array
        records += [0, 0, 0, 5, 0, 1] + [0, 0, 0, 1, 0, 0, 0, 1] + [UInt8](repeating: 0, count: 8)
        records += [8, 0, 0, 1, 0, 1, 0, 3] + [8, 0, 0, 2, 0, 2, 0, 4]
        var bytes = Array("P2PTRKR".utf8) + [1]
        bytes.appendBigEndian(seconds)
        bytes.appendBigEndian(UInt32(records.count))
        bytes.appendBigEndian(SipHash(key: (0x7032_7020_7472_6163, 0x6B65_7220_7374_6174)).hash(records))
        return bytes + records + [0, 0, 0, 0]
    }

    @Test func `a file of the version before is read, whatever time it claims`() throws {
        let good = TrackerStage()
        #expect(try Self.restore(Self.oldVersion(seconds: 1_000_000), into: good).isOldVersion)
        #expect(good.counts() == ScrapeCounts(1, 1, 5))
        // Its time is under no checksum: each bit may have been turned, the top one too.
        for bit in 0..<64 {
            let stage = TrackerStage()
            let restored = try Self.restore(Self.oldVersion(seconds: 1_000_000 ^ 1 << UInt64(bit)), into: stage)
            #expect(stage.counts().downloaded == 5)
            #expect((restored.rest ?? .zero) > .seconds(1_800) || stage.counts() == ScrapeCounts(1, 1, 5), "bit \(bit)")
        }
    }

    /// Seconds since 1970 of writing and of reading.
    @Test(
        arguments: [
            (1_790_000_000, 5), (5, 1_790_000_000), (.min, .max), (.max, .min), (.min, 1_790_000_000), (0, 0),
            (1_790_000_000, 1_789_999_999), (-1_790_000_000, 1_790_000_000),
        ] as [(Int64, Int64)])
    func `a clock that is wrong costs nobody a place`(written: Int64, now: Int64) throws {
        let before = TrackerStage()
        for torrent in 0..<10 {
            try before.announce("8.0.0.1:\(torrent + 1)", left: Int64(torrent % 2), .completed, torrent: torrent)
        }
        let after = TrackerStage()
        let restored = try Self.restore(Self.snapshot(before, writtenAt: written), into: after, seconds: now)
        #expect(restored.rest == nil || restored.rest == .zero)
        #expect(after.tracker.torrentCount == 10 && after.tracker.downloadCount == 10)
        #expect(after.tracker.seederCount == 5 && after.tracker.leecherCount == 5)
    }

    @Test(arguments: [21, 19, 20, 40, 3_000])
    func `after days of rest the peers have gone, torrents and downloads are there`(days: Int64) throws {
        let before = TrackerStage()
        for torrent in 0..<10 {
            for peer in 0...torrent {
                try before.announce("8.0.0.1:\(peer + 1)", left: 0, .completed, torrent: torrent)
            }
        }
        let after = TrackerStage()
        let restored = try Self.restore(
            Self.snapshot(before), into: after, seconds: 1_000_000 + days * 86_400)
        #expect(restored.rest == .seconds(days * 86_400) && restored.peers == 0 && after.tracker.torrentCount == 10)
        #expect(restored.silentPeers == 55)
        after.wait(.seconds(180))
        for torrent in 0..<10 { #expect(after.counts(torrent) == ScrapeCounts(0, 0, torrent + 1)) }
        #expect(after.tracker.torrentCount == 10 && after.tracker.downloadCount == 55)
    }

    @Test func `the sum of downloads outlives the torrents, and restarts`() throws {
        var policy = TrackerPolicy()
        policy.limits.torrents = 4
        let before = TrackerStage(policy)
        for torrent in 0..<3 { try before.announce("8.0.0.1:1", left: 0, .completed, torrent: torrent) }
        before.wait(.seconds(4_000))
        #expect(before.tracker.torrentCount < 3, "beyond half of the room, torrents without peers go")
        #expect(before.tracker.downloadCount == 3)
        let after = TrackerStage(policy)
        try Self.restore(Self.snapshot(before), into: after)
        #expect(after.tracker.downloadCount == 3)
    }
}
