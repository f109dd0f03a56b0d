import TorrentCore

/// A swarm to be read; holds until the table is next changed.
struct SwarmView {
    let block: SwarmBlock
    let large: LargeSwarm?

    var infoHash: InfoHash { block.infoHash }
    var downloaded: UInt32 { block.downloaded }
    var minute: Minute { block.minute }

    // By family: 0 for IPv4, 1 for IPv6.
    @inline(__always)
    func seeders(_ family: Int) -> Int { large?.seeders(family) ?? block.seeders(family) }
    @inline(__always)
    func leechers(_ family: Int) -> Int { large?.leechers(family) ?? block.leechers(family) }
    @inline(__always)
    func peers(_ family: Int) -> Int { large?.peers(family) ?? block.peers(family) }
    /// Peers of this machine and of private networks.
    func near(_ family: Int) -> Int { large?.near[family] ?? block.near(family) }

    var near: Int { near(0) + near(1) }

    var seeders: Int { seeders(0) + seeders(1) }
    var leechers: Int { leechers(0) + leechers(1) }
    var peers: Int { peers(0) + peers(1) }

    var counts: ScrapeCounts {
        ScrapeCounts(complete: seeders, incomplete: leechers, downloaded: Int(downloaded))
    }
}

extension SwarmTable {
    /// Calls `body` with peers in a row, from a place picked with `chance` on and round about, until it has taken
    /// `wanted` of them; leechers alone if so told, else a seeder among them if there is one. For peers of which `body`
    /// takes all but one or two.
    @inline(__always)
    func window<Entry: PeerEntry>(
        of swarm: SwarmView, _: Entry.Type, wanted: Int, _ kinds: PeerKinds, using chance: inout SplitMix64,
        _ body: (Entry) -> Bool
    ) {
        guard wanted > 0 else { return }
        if let large = swarm.large {
            return search(large, wanted: wanted, kinds, using: &chance, body)
        }
        let seeders = swarm.block.seeders(Entry.family)
        let positions = kinds.positions(seeders: seeders, peers: swarm.block.peers(Entry.family))
        guard !positions.isEmpty else { return }
        let start = positions.lowerBound + chance.next(below: positions.count)
        var left = wanted
        // Seeders come first: where the row begins behind them and may end before it is round, one is taken ahead.
        if kinds == .all, seeders > 0, start >= seeders, positions.upperBound - start >= wanted {
            if body(swarm.block.entry(chance.next(below: seeders))) { left -= 1 }
            return take(&left, of: swarm.block, start..<positions.upperBound, body)
        }
        take(&left, of: swarm.block, start..<positions.upperBound, body)
        take(&left, of: swarm.block, positions.lowerBound..<start, body)
    }

    @inline(__always)
    private func take<Entry: PeerEntry>(
        _ left: inout Int, of block: SwarmBlock, _ positions: Range<Int>, _ body: (Entry) -> Bool
    ) {
        for position in positions where left > 0 { if body(block.entry(position)) { left -= 1 } }
    }

    /// The same, for a `body` that may skip many peers.
    func search<Entry: PeerEntry>(
        of swarm: SwarmView, _: Entry.Type, wanted: Int, _ kinds: PeerKinds, using chance: inout SplitMix64,
        _ body: (Entry) -> Bool
    ) {
        guard wanted > 0 else { return }
        if let large = swarm.large {
            return search(large, wanted: wanted, kinds, using: &chance, body)
        }
        let (block, border) = (swarm.block, swarm.block.seeders(Entry.family))
        let leechers = border..<block.peers(Entry.family)
        var left = wanted
        if kinds != .leechers {
            let share =
                kinds == .seeders
                ? wanted : share(of: border, besides: leechers.count, wanted: wanted, using: &chance)
            let start = chance.next(below: max(1, border))
            var its = share
            take(&its, of: block, start..<border, body)
            take(&its, of: block, 0..<start, body)
            left -= share - its
        }
        guard kinds != .seeders else { return }
        let start = border + chance.next(below: max(1, leechers.count))
        take(&left, of: block, start..<leechers.upperBound, body)
        take(&left, of: block, border..<start, body)
    }

    private func search<Entry: PeerEntry>(
        _ swarm: LargeSwarm, wanted: Int, _ kinds: PeerKinds, using chance: inout SplitMix64, _ body: (Entry) -> Bool
    ) {
        let (seeders, leechers) = (swarm.seeders(Entry.family), swarm.leechers(Entry.family))
        var taken = 0
        let counted = { (peer: Entry) in
            let isTaken = body(peer)
            if isTaken { taken += 1 }
            return isTaken
        }
        if kinds != .leechers {
            let share =
                kinds == .seeders ? wanted : share(of: seeders, besides: leechers, wanted: wanted, using: &chance)
            let set = LargeSwarm.set(Entry.family, isSeeder: true)
            large.window(swarm, set, wanted: share, using: &chance, counted)
        }
        guard kinds != .seeders else { return }
        let set = LargeSwarm.set(Entry.family, isSeeder: false)
        large.window(swarm, set, wanted: wanted - taken, using: &chance, counted)
    }

    /// How many of `wanted` should be seeders: their share of the swarm, rounded at random, and at least one, or a few
    /// seeders among many leechers would hardly ever be named. One of the leechers may be the asker.
    private func share(of seeders: Int, besides leechers: Int, wanted: Int, using chance: inout SplitMix64) -> Int {
        guard seeders > 0 else { return 0 }
        let luck = chance.next(below: seeders + leechers)
        return max((wanted * seeders + luck) / (seeders + leechers), wanted + 1 - leechers, 1)
    }
}

extension SplitMix64 {
    /// A number from 0 up to `bound`, near enough all with the same chance.
    mutating func next(below bound: Int) -> Int {
        Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
    }
}

extension SwarmTable {
    private static let lineBytes = 64
    /// Bytes of a swarm that are prefetched: of the largest ones, an answer needs only a part.
    private static let bytesAhead = 384

    /// Has the memory fetched that a search for a torrent begins with; its tag, for the next step.
    @inline(__always)
    func fetchIndexAhead(_ infoHash: InfoHash) -> UInt32 {
        let tag = tag(infoHash)
        index.fetchAhead(tag)
        return tag
    }

    /// Has the swarm fetched that the first slot with `tag` leads to, which is nearly always the one that is meant.
    @inline(__always)
    func fetchSwarmAhead(_ tag: UInt32) {
        guard let place = index.find(tag, { _ in true }) else { return }
        let block = slab.block(index[place])
        for offset in stride(from: 0, to: min(block.byteCount, Self.bytesAhead), by: Self.lineBytes) {
            block.fetchAhead(offset)
        }
        block.fetchAhead(block.byteCount - 1)
    }
}
