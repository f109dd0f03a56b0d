import Testing
import TorrentCore

@testable import TrackerEngine

/// Clocks that come round, lanes that do not agree on the time, and processes that were stopped for weeks.
@Suite struct ClockTests {
    /// A moment, in minutes since the origin of the clock.
    static func minute(_ number: Int64) -> Moment { Moment(nanoseconds: number * 60_000_000_000) }

    /// Where numbers of minutes have come round, do, or might: none, 15 bits once, twice, thrice, 16 and 32 bits.
    static let boundaries: [Int64] = [0, 1 << 15, 1 << 16, 3 << 15, 7 << 15, 1 << 20, 100_000_000 / 32_768 * 32_768]

    @Test func `a difference of minutes comes round with them, and nobody is younger than new`() {
        for earlier in stride(from: UInt16(0), through: 0x7FFF, by: 0x3F) {
            for age in [0, 1, 2, 35, 3_241, Minute.horizon] {
                let later = Minute(bits: UInt16((Int(earlier) + age) & 0x7FFF))
                #expect(later.since(Minute(bits: earlier)) == age)
                #expect(later.back(age) == Minute(bits: earlier))
            }
            for ahead in [1, 2, 60] {
                #expect(Minute(bits: earlier).since(Minute(bits: UInt16((Int(earlier) + ahead) & 0x7FFF))) == 0)
            }
        }
    }

    @Test(arguments: boundaries)
    func `whoever announces itself stays, whatever boundary the clock passes`(boundary: Int64) throws {
        let stage = TrackerStage()
        // From 40 minutes before to 40 after, a peer every 15 minutes, and one that falls silent at the boundary.
        for minute in boundary - 40...boundary + 40 {
            stage.now = Self.minute(minute)
            if (minute - boundary).isMultiple(of: 15) {
                try stage.announce("8.0.0.1:1", left: 0, minute == boundary - 30 ? .completed : .none)
                try stage.announce("[2001::1]:1")
            }
            if minute == boundary { try stage.announce("8.0.0.3:3") }
            for second in 0..<4 {
                stage.now = Self.minute(minute) + .seconds(second * 15)
                stage.tracker.expire(at: stage.now, budget: 1_000)
            }
            guard minute >= boundary - 30 else { continue }
            let isSilentOneThere = (boundary...boundary + 34).contains(minute)
            #expect(stage.counts() == ScrapeCounts(1, isSilentOneThere ? 2 : 1, 1), "at minute \(minute)")
        }
    }

    @Test(arguments: boundaries)
    func `a lane that is a little behind takes nobody for gone`(boundary: Int64) throws {
        let stage = TrackerStage()
        stage.now = Self.minute(boundary)
        try stage.announce("8.0.0.1:1", left: 0)
        // A lane that looked at the clock before the boundary and got the lock behind it.
        for behind in [1, 59, 60, 90] {
            stage.tracker.expire(at: stage.now - .seconds(behind), budget: 1_000)
            #expect(stage.counts() == ScrapeCounts(1, 0, 0))
            let figures = stage.tracker.largestSwarms(limit: 1, at: stage.now - .seconds(behind)).first
            #expect(figures?.silence == .zero)
        }
        stage.now = stage.now - .seconds(1)
        try stage.announce("8.0.0.2:2")
        stage.now = stage.now + .seconds(1)
        stage.tracker.expire(at: stage.now, budget: 1_000)
        #expect(stage.counts() == ScrapeCounts(1, 1, 0))
        let bytes = SnapshotTests.snapshot(stage)
        let after = TrackerStage()
        after.now = stage.now - .seconds(1)
        try SnapshotTests.restore(bytes, into: after)
        after.tracker.expire(at: after.now, budget: 1_000)
        #expect(after.counts() == ScrapeCounts(1, 1, 0))
    }

    /// Minutes that a process may be stopped, or its machine asleep.
    static let rests: [Int64] = [
        36, 28_671, 28_672, 28_673, 30_240, 32_767, 32_768, 32_769, 32_790, 65_536, 65_541, 131_072 + 7, 1_000_000,
    ]

    @Test(arguments: rests)
    func `after a rest the old ones are gone, new ones stay, and downloads are still counted`(rest: Int64) throws {
        let stage = TrackerStage()
        try stage.announce("8.0.0.1:1", left: 0, .completed)
        for peer in 0..<300 { try stage.announce("8.0.1.\(peer % 250):\(peer + 1)", torrent: 1 + peer % 2) }
        stage.now = stage.now + .seconds(rest * 60)
        try stage.announce("8.0.0.2:2", torrent: 1)
        for _ in 0..<3 { stage.tracker.expire(at: stage.now, budget: 10_000) }
        #expect(stage.counts() == ScrapeCounts(0, 0, 1))
        #expect(stage.counts(1) == ScrapeCounts(0, 1, 0))
        #expect(stage.tracker.torrentCount == 2 && stage.tracker.leecherCount == 1)
        stage.wait(.seconds(60 * 30))
        #expect(stage.counts(1) == ScrapeCounts(0, 1, 0), "it was heard after the rest")
        stage.wait(.seconds(60 * 10))
        #expect(stage.counts(1) == ScrapeCounts(0, 0, 0))
        #expect(stage.counts() == ScrapeCounts(0, 0, 1))
    }

    @Test func `downloads are remembered for longer than any minute can tell`() throws {
        let stage = TrackerStage()
        try stage.announce("8.0.0.1:1", left: 0, .completed)
        for day in 1...60 {
            for _ in 0..<96 {
                stage.now = stage.now + .seconds(900)
                stage.tracker.expire(at: stage.now, budget: 1_000)
            }
            #expect(stage.counts() == ScrapeCounts(0, 0, 1), "day \(day)")
            let silent = stage.tracker.largestSwarms(limit: 1, at: stage.now).first?.silence ?? .zero
            #expect(silent == .seconds(day * 86_400) || silent >= .seconds(7 * 86_400))
        }
        // And over a restart.
        let after = TrackerStage()
        try SnapshotTests.restore(SnapshotTests.snapshot(stage), into: after, seconds: 1_000_000 + 40 * 86_400)
        after.wait(.seconds(120))
        #expect(after.counts() == ScrapeCounts(0, 0, 1))
        #expect(after.tracker.downloadCount == 1)
    }

    @Test func `a count of downloads stays at the highest that there is`() throws {
        let stage = TrackerStage()
        try stage.announce("8.0.0.1:1", left: 0, .completed)
        guard let place = stage.tracker.table.place(of: TrackerStage.hash(0)) else { throw TrackerRefusal.badAddress }
        stage.tracker.table.raiseDownloads(place, to: .max)
        try stage.announce("8.0.0.2:1", left: 0, .completed)
        #expect(stage.counts().downloaded == Int(UInt32.max))
    }

    @Test(arguments: ["127.0.0.1", "2001:db8::1"])
    func `an id of a lane that is a little ahead is good at one that is behind`(text: String) throws {
        let address = try #require(IPAddress(text))
        let issuer = ConnectionIDIssuer(secret: (1, 2))
        for boundary in Self.boundaries {
            let issued = Self.minute(boundary)
            let identifier = issuer.issue(to: address, at: issued)
            #expect(issuer.accepts(identifier, from: address, at: issued - .seconds(1)), "minute \(boundary)")
            #expect(issuer.accepts(identifier, from: address, at: issued + .seconds(120)), "minute \(boundary)")
            #expect(!issuer.accepts(identifier, from: address, at: issued + .seconds(180)), "minute \(boundary)")
        }
    }
}
