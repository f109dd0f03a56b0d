import Testing
import TorrentCore

@testable import TrackerEngine

@Suite struct TrackerLimitsTests {
    @Test func `silent peers go, those that announce stay`() throws {
        let bench = TrackerBench()
        try bench.announce("8.0.0.1:1", left: 0)
        try bench.announce("8.0.0.2:2")
        try bench.announce("[2001::3]:3")
        for _ in 0..<4 {
            bench.wait(.seconds(900))
            try bench.announce("8.0.0.2:2")
        }
        #expect(bench.counts() == ScrapeCounts(0, 1, 0))
        #expect(bench.tracker.counters.expired == 2)
        bench.wait(.seconds(3_000))
        #expect(bench.tracker.torrentCount == 0 && bench.tracker.leecherCount == 0)
    }

    @Test func `a torrent with downloads is remembered, unless torrents run short`() throws {
        let bench = TrackerBench()
        try bench.announce("8.0.0.1:1", left: 0, .completed)
        bench.wait(.seconds(4_000))
        #expect(bench.counts() == ScrapeCounts(0, 0, 1))
        bench.tracker.policy.limits.torrents = 1
        bench.wait(.seconds(5))
        #expect(bench.tracker.torrentCount == 0)
    }

    @Test func `expiry looks at no more than its budget, and comes round`() throws {
        let bench = TrackerBench()
        for number in 0..<2_000 { try bench.announce("8.0.\(number % 8).1:\(number + 1)", torrent: number % 3) }
        bench.now = bench.now + .seconds(4_000)
        bench.tracker.expire(at: bench.now, budget: 100)
        #expect((1...100).contains(bench.tracker.counters.expired))
        for _ in 0..<40 { bench.tracker.expire(at: bench.now, budget: 100) }
        #expect(bench.tracker.torrentCount == 0 && bench.tracker.leecherCount == 0)
    }

    @Test func `beyond its limits the tracker refuses and goes on for those it has`() throws {
        var policy = TrackerPolicy()
        policy.limits.torrents = 2
        policy.limits.peers = 3
        let bench = TrackerBench(policy)
        try bench.announce("8.0.0.1:1", torrent: 1)
        try bench.announce("8.0.0.1:1", torrent: 2)
        #expect(throws: TrackerRefusal.tooManyTorrents) { try bench.announce("8.0.0.1:1", torrent: 3) }
        try bench.announce("8.0.0.2:1", torrent: 1)
        #expect(throws: TrackerRefusal.tooManyPeers) { try bench.announce("8.0.0.3:1", torrent: 1) }
        #expect(try bench.announce("8.0.0.1:1", torrent: 1) == ["8.0.0.2:1"], "known peers are served still")
    }

    @Test func `the largest swarms come first, with their names`() throws {
        let bench = TrackerBench()
        for torrent in 0..<40 {
            for peer in 0...torrent { try bench.announce("8.0.0.1:\(peer + 1)", torrent: torrent) }
        }
        bench.tracker.register(name: String(repeating: "x", count: 500), for: TrackerBench.hash(39))
        let swarms = bench.tracker.largestSwarms(limit: 3, at: bench.now)
        #expect(swarms.map(\.counts.incomplete) == [40, 39, 38])
        #expect(swarms[0].name?.count == 255 && swarms[1].name == nil)
        bench.tracker.register(name: nil, for: TrackerBench.hash(39))
        #expect(bench.tracker.largestSwarms(limit: 1, at: bench.now)[0].name == nil)
    }
}
