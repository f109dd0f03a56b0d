import Testing
import TorrentCore

@testable import TrackerEngine

@Suite struct TrackerLimitsTests {
    @Test func `silent peers go, those that announce stay`() throws {
        let stage = TrackerStage()
        try stage.announce("8.0.0.1:1", left: 0)
        try stage.announce("8.0.0.2:2")
        try stage.announce("[2001::3]:3")
        for _ in 0..<4 {
            stage.wait(.seconds(900))
            try stage.announce("8.0.0.2:2")
        }
        #expect(stage.counts() == ScrapeCounts(0, 1, 0))
        #expect(stage.tracker.counters.expired == 2)
        stage.wait(.seconds(3_000))
        #expect(stage.tracker.torrentCount == 0 && stage.tracker.leecherCount == 0)
    }

    @Test func `a torrent with downloads is remembered, unless torrents run short`() throws {
        let stage = TrackerStage()
        try stage.announce("8.0.0.1:1", left: 0, .completed)
        stage.wait(.seconds(4_000))
        #expect(stage.counts() == ScrapeCounts(0, 0, 1))
        stage.tracker.policy.limits.torrents = 1
        stage.wait(.seconds(5))
        #expect(stage.tracker.torrentCount == 0)
    }

    @Test func `expiry looks at no more than its budget, and comes round`() throws {
        let stage = TrackerStage()
        for number in 0..<2_000 { try stage.announce("8.0.\(number % 8).1:\(number + 1)", torrent: number % 3) }
        stage.now = stage.now + .seconds(4_000)
        stage.tracker.expire(at: stage.now, budget: 100)
        #expect((1...100).contains(stage.tracker.counters.expired))
        for _ in 0..<40 { stage.tracker.expire(at: stage.now, budget: 100) }
        #expect(stage.tracker.torrentCount == 0 && stage.tracker.leecherCount == 0)
    }

    @Test func `beyond its limits the tracker refuses and goes on for those it has`() throws {
        var policy = TrackerPolicy()
        policy.limits.torrents = 2
        policy.limits.peers = 3
        let stage = TrackerStage(policy)
        try stage.announce("8.0.0.1:1", torrent: 1)
        try stage.announce("8.0.0.1:1", torrent: 2)
        #expect(throws: TrackerRefusal.tooManyTorrents) { try stage.announce("8.0.0.1:1", torrent: 3) }
        try stage.announce("8.0.0.2:1", torrent: 1)
        #expect(throws: TrackerRefusal.tooManyPeers) { try stage.announce("8.0.0.3:1", torrent: 1) }
        #expect(try stage.announce("8.0.0.1:1", torrent: 1) == ["8.0.0.2:1"], "known peers are served still")
    }

    @Test func `the largest swarms come first, with their names`() throws {
        let stage = TrackerStage()
        for torrent in 0..<40 {
            for peer in 0...torrent { try stage.announce("8.0.0.1:\(peer + 1)", torrent: torrent) }
        }
        stage.tracker.register(name: String(repeating: "x", count: 500), for: TrackerStage.hash(39))
        let swarms = stage.tracker.largestSwarms(limit: 3, at: stage.now)
        #expect(swarms.map(\.counts.incomplete) == [40, 39, 38])
        #expect(swarms[0].name?.count == 255 && swarms[1].name == nil)
        stage.tracker.register(name: nil, for: TrackerStage.hash(39))
        #expect(stage.tracker.largestSwarms(limit: 1, at: stage.now)[0].name == nil)
    }
}
