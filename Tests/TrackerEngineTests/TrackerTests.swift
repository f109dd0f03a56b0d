import Testing
import TorrentCore
import TrackerEngine

@Suite struct TrackerTests {
    @Test func `a leecher is told of everybody but itself, and the counts are right`() throws {
        let stage = TrackerStage()
        #expect(try stage.announce("8.0.0.1:1", left: 0, .started) == [])
        #expect(try stage.announce("8.0.0.2:2", .started) == ["8.0.0.1:1"])
        #expect(try stage.announce("[2001::3]:3", .started) == ["8.0.0.1:1", "8.0.0.2:2"])
        #expect(try stage.announce("8.0.0.2:2") == ["8.0.0.1:1", "[2001::3]:3"])
        #expect(stage.counts() == ScrapeCounts(1, 2, 0))
        #expect(stage.answer.complete == 1 && stage.answer.incomplete == 2)
        #expect(try stage.announce("8.0.0.9:9", torrent: 1) == [], "torrents are apart")
    }

    @Test func `fetching ahead asks for no torrent, and changes nothing`() throws {
        let stage = TrackerStage()
        func fetchAheadAll() {
            for torrent in 0..<50 {
                stage.tracker.fetchSwarmAhead(stage.tracker.fetchIndexAhead(TrackerStage.hash(torrent)))
                stage.tracker.fetchSwarmAhead(UInt32(torrent) << 26)
            }
        }
        fetchAheadAll()
        // From one peer alone to a swarm that has outgrown its block.
        for torrent in 0..<20 {
            for peer in 0..<torrent * 8 + 1 { try stage.announce("8.0.0.\(peer):\(peer + 1)", torrent: torrent) }
        }
        fetchAheadAll()
        #expect(stage.tracker.torrentCount == 20)
        for torrent in 0..<20 { #expect(stage.counts(torrent) == ScrapeCounts(0, torrent * 8 + 1, 0)) }
    }

    @Test func `the same address with two ports is two peers`() throws {
        let stage = TrackerStage()
        try stage.announce("8.0.0.1:1")
        #expect(try stage.announce("8.0.0.1:2") == ["8.0.0.1:1"])
    }

    @Test func `a seeder is told of leechers alone`() throws {
        let stage = TrackerStage()
        try stage.announce("8.0.0.1:1", left: 0)
        try stage.announce("8.0.0.2:2", left: 5)
        try stage.announce("[2001::3]:3", left: 0)
        #expect(try stage.announce("8.0.0.4:4", left: 0) == ["8.0.0.2:2"])
        #expect(
            try stage.announce("8.0.0.2:2", left: 0) == ["8.0.0.1:1", "8.0.0.4:4", "[2001::3]:3"],
            "who is done is a leecher no more, and there are none but seeders")
        #expect(stage.counts() == ScrapeCounts(4, 0, 0))
        try stage.announce("8.0.0.2:2", left: 5)
        #expect(stage.counts() == ScrapeCounts(3, 1, 0), "and may become one again")
    }

    @Test func `a download is counted once a peer`() throws {
        let stage = TrackerStage()
        try stage.announce("8.0.0.1:1", .started)
        try stage.announce("8.0.0.1:1", left: 0)
        try stage.announce("8.0.0.1:1", left: 0, .completed)
        try stage.announce("8.0.0.1:1", left: 0, .completed)
        try stage.announce("8.0.0.2:1", left: 0, .completed)
        try stage.announce("8.0.0.3:1", left: 0, .started)
        #expect(stage.counts() == ScrapeCounts(3, 0, 2))
        #expect(stage.tracker.downloadCount == 2)
        try stage.announce("8.0.0.1:1", left: 0, .stopped)
        #expect(stage.counts() == ScrapeCounts(2, 0, 2))
    }

    @Test func `who stops is gone and is told of nobody`() throws {
        let stage = TrackerStage()
        try stage.announce("8.0.0.1:1")
        try stage.announce("8.0.0.2:2")
        #expect(try stage.announce("8.0.0.1:1", .stopped) == [])
        #expect(stage.counts() == ScrapeCounts(0, 1, 0))
        try stage.announce("8.0.0.3:3", .stopped, torrent: 5)
        #expect(stage.tracker.torrentCount == 1, "a stop makes no torrent")
    }

    @Test func `a peer that cannot be connected to is told and not told of`() throws {
        let stage = TrackerStage()
        try stage.announce("8.0.0.1:1")
        #expect(try stage.announce("8.0.0.2:0") == ["8.0.0.1:1"])
        #expect(stage.counts() == ScrapeCounts(0, 1, 0))
    }

    @Test func `the number of peers follows the wish, within bounds`() throws {
        let stage = TrackerStage()
        for number in 1...300 { try stage.announce("8.0.\(number / 250).\(number % 250):1") }
        #expect(try stage.announce("9.0.0.1:1").count == 50)
        #expect(try stage.announce("9.0.0.1:1", wanted: 0).count == 0)
        #expect(try stage.announce("9.0.0.1:1", wanted: 7).count == 7)
        #expect(try stage.announce("9.0.0.1:1", wanted: 1_000).count == 200)
        #expect(try stage.announce("9.0.0.1:1", wanted: 1_000, packetBytes: 1_212).count == 200)
        let some = Set(try stage.announce("9.0.0.1:1"))
        #expect(some.count == 50, "nobody twice")
        #expect(some != Set(try stage.announce("9.0.0.1:1")), "not always the same ones")
    }

    @Test func `both families get their share`() throws {
        let stage = TrackerStage()
        for number in 1...100 {
            try stage.announce("8.0.0.\(number):1")
            try stage.announce("[2001::\(number)]:1")
        }
        try stage.announce("9.0.0.1:1")
        #expect(stage.answer.peers.count == 25 * 6 && stage.answer.peers6.count == 25 * 18)
        try stage.announce("9.0.0.1:1", wanted: 150)
        #expect(stage.answer.peers.count == 75 * 6 && stage.answer.peers6.count == 75 * 18)
        let few = TrackerStage()
        for number in 1...100 { try few.announce("8.0.0.\(number):1") }
        try few.announce("[2001::1]:1")
        #expect(try few.announce("[2001::2]:1").count == 50, "what one family lacks the other gives")
        #expect(few.answer.peers6.count == 18)
    }

    @Test func `a packet has peers of its own family, as many as fit`() throws {
        let stage = TrackerStage()
        for number in 1...100 {
            try stage.announce("8.0.0.\(number):1")
            try stage.announce("[2001::\(number)]:1")
        }
        try stage.announce("9.0.0.1:1", wanted: 200, packetBytes: 1_212)
        #expect(stage.answer.peers.count == 100 * 6 && stage.answer.peers6.isEmpty)
        try stage.announce("[2009::1]:1", wanted: 200, packetBytes: 1_212)
        #expect(stage.answer.peers6.count == 67 * 18 && stage.answer.peers.isEmpty)
    }

    @Test func `the interval has jitter above and never below`() throws {
        let stage = TrackerStage()
        var seen: [UInt32] = []
        for _ in 0..<100 {
            try stage.announce("8.0.0.1:1")
            seen.append(stage.answer.interval)
        }
        #expect(seen.allSatisfy { (900...1_012).contains($0) })
        #expect(Set(seen).count > 20)
        #expect(stage.answer.minInterval == 60)
    }

    @Test func `the same seed gives the same answers`() throws {
        func run() throws -> [[String]] {
            let stage = TrackerStage(seed: 42)
            var answers: [[String]] = []
            for number in 0..<300 {
                answers.append(
                    try stage.announce("8.0.0.\(number % 200 + 1):1", left: Int64(number % 3), wanted: 5))
            }
            return answers
        }
        let first = try run()
        #expect(try run() == first)
    }
}
