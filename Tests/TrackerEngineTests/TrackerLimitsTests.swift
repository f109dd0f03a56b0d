import Testing
import TorrentCore

@testable import TrackerEngine

@Suite struct TrackerLimitsTests {
    @Test func `silent peers go, those that announce stay`() throws {
        var bench = TrackerBench()
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
        var bench = TrackerBench()
        try bench.announce("8.0.0.1:1", left: 0, .completed)
        bench.wait(.seconds(4_000))
        #expect(bench.counts() == ScrapeCounts(0, 0, 1))
        bench.tracker.policy.limits.torrents = 1
        bench.wait(.seconds(5))
        #expect(bench.tracker.torrentCount == 0)
    }

    @Test func `expiry looks at no more than its budget, and comes round`() throws {
        var bench = TrackerBench()
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
        var bench = TrackerBench(policy)
        try bench.announce("8.0.0.1:1", torrent: 1)
        try bench.announce("8.0.0.1:1", torrent: 2)
        #expect(throws: TrackerRefusal.tooManyTorrents) { try bench.announce("8.0.0.1:1", torrent: 3) }
        try bench.announce("8.0.0.2:1", torrent: 1)
        #expect(throws: TrackerRefusal.tooManyPeers) { try bench.announce("8.0.0.3:1", torrent: 1) }
        #expect(try bench.announce("8.0.0.1:1", torrent: 1) == ["8.0.0.2:1"], "known peers are served still")
    }

    @Test func `large tables stay in order`() {
        var table = PeerTable<UInt32>()
        var expected: [UInt32: Bool] = [:]
        var generator = SplitMix64(seed: 9)
        for round in 0..<6_000 {
            // First many peers, then few, so that the table grows past its index and falls below it.
            let address = UInt32.random(in: 1...(round < 3_000 ? 400 : 30), using: &generator)
            let key = PeerEntry.Key(address: address, port: 1)
            if Int.random(in: 0..<3, using: &generator) == 0 {
                let wasThere = expected.removeValue(forKey: address) != nil
                let isGone = table.remove(key)
                #expect(isGone == wasThere)
            } else {
                let isSeeder = Bool.random(using: &generator)
                let change = table.upsert(key, isSeeder: isSeeder, at: Minute(bits: 1))
                let isNew = expected.updateValue(isSeeder, forKey: address) == nil
                #expect(change.isNew == isNew)
                #expect(table.entries[change.position].address == address)
            }
            if round == 3_000 {
                for address in expected.keys.sorted() where address > 30 {
                    let wasThere = table.remove(.init(address: address, port: 1))
                    #expect(wasThere)
                    expected[address] = nil
                }
            }
            #expect(table.count == expected.count)
            #expect(table.seeders == expected.values.count { $0 })
        }
        for (position, entry) in table.entries.enumerated() {
            #expect(expected[entry.address] == (position < table.seeders))
        }
    }

    @Test func `a peer takes eight bytes, or twenty-four`() {
        #expect(MemoryLayout<PeerEntry<UInt32>>.stride == 8)
        #expect(MemoryLayout<PeerEntry<IPv6Words>>.stride == 24)
    }

    @Test func `the largest swarms come first, with their names`() throws {
        var bench = TrackerBench()
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
