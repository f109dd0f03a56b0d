import Testing
import TorrentCore

@testable import TrackerEngine

/// The tables against plain dictionaries, with swarms that grow out of their blocks and shrink back into them.
@Suite struct SwarmTableTests {
    /// A table and what ought to be in it.
    final class Model {
        var table = SwarmTable(seed: 7)
        // By torrent and endpoint: whether it is a seeder.
        var expected: [Int: [Endpoint: Bool]] = [:]
        var generator = SplitMix64(seed: 9)
        let limits = TrackerLimits()

        func endpoint(_ number: Int) -> Endpoint {
            let port = UInt16(truncatingIfNeeded: 1_000 + number)
            switch number % 3 {
            case 0: return Endpoint(.v4(0x0800_0000 | UInt32(number)), port: port)
            case 1: return Endpoint(.v6(0x2001 << 48, UInt64(number)), port: port)
            default: return Endpoint(number % 30 == 2 ? .loopbackV6 : .v4(0x7F00_0001), port: port)
            }
        }

        func upsert(_ torrent: Int, _ peer: Int, isSeeder: Bool, minute: UInt16 = 1) throws {
            let news = SwarmTable.News(isSeeder: isSeeder, minute: Minute(bits: minute))
            _ = try table.upsert(endpoint(peer), of: TrackerStage.hash(torrent), news, limits: limits)
            expected[torrent, default: [:]][endpoint(peer)] = isSeeder
        }

        func remove(_ torrent: Int, _ peer: Int) {
            let wasThere = expected[torrent]?.removeValue(forKey: endpoint(peer)) != nil
            let isGone = table.place(of: TrackerStage.hash(torrent)).map { table.remove(endpoint(peer), at: $0) }
            #expect((isGone ?? false) == wasThere)
        }

        /// Everything in the table, and nothing else.
        func check() {
            var (seeders, leechers) = (0, 0)
            for (torrent, peers) in expected {
                guard let place = table.place(of: TrackerStage.hash(torrent)) else {
                    #expect(peers.isEmpty)
                    continue
                }
                let swarm = table.swarm(place)
                seeders += swarm.seeders
                leechers += swarm.leechers
                #expect(swarm.peers == peers.count && swarm.seeders == peers.values.count { $0 })
                #expect(swarm.near(0) == peers.keys.count { $0.address.isLoopback && $0.address.isV4 })
                #expect(swarm.near(1) == peers.keys.count { $0.address.isLoopback && !$0.address.isV4 })
                #expect(found(swarm, .all) == Set(peers.keys))
                #expect(found(swarm, .leechers) == Set(peers.filter { !$0.value }.keys))
                #expect(found(swarm, .seeders) == Set(peers.filter { $0.value }.keys))
            }
            #expect(table.seeders == seeders && table.leechers == leechers)
        }

        private func found(_ swarm: SwarmView, _ kinds: PeerKinds) -> Set<Endpoint> {
            var found: [Endpoint] = []
            table.window(
                of: swarm, PeerEntryV4.self, wanted: 100_000, kinds, using: &generator
            ) {
                found.append($0.endpoint)
                return true
            }
            table.window(
                of: swarm, PeerEntryV6.self, wanted: 100_000, kinds, using: &generator
            ) {
                found.append($0.endpoint)
                return true
            }
            #expect(Set(found).count == found.count, "nobody twice")
            return Set(found)
        }
    }

    @Test func `peers come, change sides and go, in swarms of all sizes`() throws {
        let model = Model()
        for round in 0..<9_000 {
            // First many peers, then few, so that swarms grow out of their blocks and shrink back.
            let torrent = Int.random(in: 0..<12, using: &model.generator)
            let most = round % 4_500 < 3_500 ? 20 << min(torrent, 4) : 6
            let peer = Int.random(in: 0..<most, using: &model.generator)
            if Int.random(in: 0..<4, using: &model.generator) == 0 {
                model.remove(torrent, peer)
            } else {
                try model.upsert(torrent, peer, isSeeder: Bool.random(using: &model.generator))
            }
            if round % 4_500 == 3_500 {
                model.check()
                for torrent in 0..<12 { for peer in 6..<320 { model.remove(torrent, peer) } }
            }
            if round % 1_000 == 0 { model.check() }
        }
        model.check()
    }

    @Test func `one swarm of many keeps to its bytes`() throws {
        let model = Model()
        for peer in 0..<20_000 {
            let news = SwarmTable.News(isSeeder: peer % 5 == 0, minute: Minute(bits: 1))
            let endpoint = Endpoint(.v4(0x0800_0000 &+ UInt32(peer) &* 7_919), port: 1)
            _ = try model.table.upsert(endpoint, of: TrackerStage.hash(1), news, limits: model.limits)
        }
        #expect(model.table.seeders == 4_000 && model.table.leechers == 16_000)
        // With a little to spare in each of the sizes.
        #expect(model.table.large.heldBytes < 20_000 * 9 + 64 * 8_192)
    }

    @Test func `what has gone silent goes, in bounded steps, and its memory with it`() throws {
        let model = Model()
        for torrent in 0..<3_000 {
            for peer in 0..<(torrent % 500 == 0 ? 2_000 : 3) {
                try model.upsert(torrent, peer, isSeeder: peer % 2 == 0, minute: torrent % 3 == 0 ? 5 : 40)
            }
        }
        let held = model.table.heldBytes
        func sweep(at minute: UInt16) -> Int {
            var (removed, calls) = (0, 0)
            while calls < 400 {
                let gone = model.table.expire(budget: 200, now: Minute(bits: minute), lifetime: 30) { _ in true }
                #expect(gone <= 200)
                (removed, calls) = (removed + gone, calls + 1)
            }
            return removed
        }
        let old = model.expected.filter { $0.key.isMultiple(of: 3) }
        #expect(sweep(at: 41) == old.reduce(0) { $0 + $1.value.count })
        for torrent in old.keys { model.expected[torrent] = [:] }
        model.check()
        #expect(model.table.count == 2_000)
        _ = sweep(at: 90)
        #expect(model.table.count == 0 && model.table.peers == 0)
        #expect(model.table.index.segmentCount == 1)
        #expect(model.table.heldBytes <= 7 * 262_144 && held > 2 * model.table.heldBytes)
    }

    @Test func `a walk meets every swarm while others come and go`() throws {
        let model = Model()
        for torrent in 0..<4_000 { try model.upsert(torrent, 0, isSeeder: true) }
        var met: Set<InfoHash> = []
        var cursor = SwarmCursor()
        var next = 4_000
        repeat {
            model.table.forEachSwarm(inSegmentOf: cursor) { met.insert($0.infoHash) }
            for _ in 0..<300 {
                try model.upsert(next, 0, isSeeder: true)
                next += 1
            }
        } while model.table.advance(&cursor)
        for torrent in 0..<4_000 where !met.contains(TrackerStage.hash(torrent)) {
            Issue.record("torrent \(torrent) was passed over")
        }
        #expect(model.table.count == next)
    }

    @Test func `blocks stay packed whatever is given back`() {
        var slab = BlockSlab(sizes: [40, 104])
        var generator = SplitMix64(seed: 3)
        // By what is written in a block: where it is.
        var places: [UInt64: BlockSlab.Reference] = [:]
        var names: [UInt64] = []
        for round in 0..<12_000 {
            if round < 8_000, Int.random(in: 0..<3, using: &generator) > 0 {
                let reference = slab.allocate(round % 2)
                slab.block(reference).store(UInt64(round), at: 0)
                places[UInt64(round)] = reference
                names.append(UInt64(round))
            } else if !names.isEmpty {
                names.swapAt(Int.random(in: 0..<names.count, using: &generator), names.count - 1)
                guard let name = names.popLast(), let place = places.removeValue(forKey: name) else { continue }
                #expect(slab.block(place).load(0, as: UInt64.self) == name)
                if slab.free(place) != nil { places[slab.block(place).load(0, as: UInt64.self)] = place }
            }
        }
        for name in names { #expect(places[name].map { slab.block($0).load(0, as: UInt64.self) } == name) }
        for name in names.reversed() {
            guard let place = places.removeValue(forKey: name) else { continue }
            if slab.free(place) != nil { places[slab.block(place).load(0, as: UInt64.self)] = place }
        }
        #expect(slab.heldBytes == 0)
    }

    @Test func `a size that falls out of use keeps next to no memory`() {
        var slab = BlockSlab(sizes: [1_024, 2_048])
        var small = (0..<100).map { _ in slab.allocate(0) }
        let large = (0..<100).map { _ in slab.allocate(1) }
        #expect(slab.heldBytes == 100 * 3_072)
        // From the end, so that none is moved.
        while small.count > 1, let last = small.popLast() { #expect(slab.free(last) == nil) }
        #expect(slab.heldBytes <= 100 * 2_048 + 1_024 + 8_192)
        for (number, reference) in large.enumerated() { slab.block(reference).store(number, at: 2_040) }
        small += (0..<99).map { _ in slab.allocate(0) }
        for (number, reference) in small.enumerated() { slab.block(reference).store(number, at: 1_016) }
        #expect(large.enumerated().allSatisfy { slab.block($1).load(2_040, as: Int.self) == $0 })
        #expect(small.enumerated().allSatisfy { slab.block($1).load(1_016, as: Int.self) == $0 })
    }

    @Test func `a peer takes eight bytes, or twenty`() {
        #expect(MemoryLayout<PeerEntryV4>.size == 8 && PeerEntryV4.byteCount == 8)
        #expect(PeerEntryV6.byteCount == 20)
    }
}
