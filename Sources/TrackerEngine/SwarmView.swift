import TorrentCore

/// A swarm to be read; holds until the table is next changed.
struct SwarmView {
    let block: SwarmBlock
    let large: LargeSwarm?

    var infoHash: InfoHash { block.infoHash }
    var downloaded: UInt32 { block.downloaded }
    var minute: Minute { block.minute }

    // By family: 0 for IPv4, 1 for IPv6.
    func seeders(_ family: Int) -> Int { large?.seeders(family) ?? block.seeders(family) }
    func leechers(_ family: Int) -> Int { large?.leechers(family) ?? block.leechers(family) }
    func peers(_ family: Int) -> Int { large?.peers(family) ?? block.peers(family) }
    /// Peers on the tracker's own machine.
    func onLoopback(_ family: Int) -> Int { large?.onLoopback[family] ?? block.onLoopback(family) }

    var seeders: Int { seeders(0) + seeders(1) }
    var leechers: Int { leechers(0) + leechers(1) }
    var peers: Int { peers(0) + peers(1) }

    var counts: ScrapeCounts {
        ScrapeCounts(complete: seeders, incomplete: leechers, downloaded: Int(downloaded))
    }
}

extension SwarmTable {
    /// Calls `body` with peers in a row, from a place picked with `chance` on and round about, until it has taken
    /// `wanted` of them; leechers alone if so told.
    @inline(__always)
    func window<Entry: PeerEntry>(
        of swarm: SwarmView, _: Entry.Type, wanted: Int, leechersOnly: Bool, using chance: inout SplitMix64,
        _ body: (Entry) -> Bool
    ) {
        guard wanted > 0 else { return }
        if let large = swarm.large {
            return window(of: large, wanted: wanted, leechersOnly: leechersOnly, using: &chance, body)
        }
        let lower = leechersOnly ? swarm.block.seeders(Entry.family) : 0
        let size = swarm.block.peers(Entry.family) - lower
        guard size > 0 else { return }
        var offset = Int(truncatingIfNeeded: chance.next().multipliedFullWidth(by: UInt64(size)).high)
        var (taken, left) = (0, size)
        while left > 0, taken < wanted {
            if body(swarm.block.entry(lower + offset)) { taken += 1 }
            offset += 1
            if offset == size { offset = 0 }
            left -= 1
        }
    }

    /// Seeders and leechers in the proportion that they have in the swarm.
    private func window<Entry: PeerEntry>(
        of swarm: LargeSwarm, wanted: Int, leechersOnly: Bool, using chance: inout SplitMix64, _ body: (Entry) -> Bool
    ) {
        let (seeders, leechers) = (swarm.seeders(Entry.family), swarm.leechers(Entry.family))
        guard seeders + leechers > 0 else { return }
        var taken = 0
        let counted = { (peer: Entry) in
            let isTaken = body(peer)
            if isTaken { taken += 1 }
            return isTaken
        }
        if !leechersOnly {
            // Rounded by chance, so that few seeders among many leechers are told of too.
            let luck = Int.random(in: 0..<seeders + leechers, using: &chance)
            let share = (wanted * seeders + luck) / (seeders + leechers)
            let set = LargeSwarm.set(Entry.family, isSeeder: true)
            large.window(swarm, set, wanted: max(share, wanted - leechers), using: &chance, counted)
        }
        let set = LargeSwarm.set(Entry.family, isSeeder: false)
        large.window(swarm, set, wanted: wanted - taken, using: &chance, counted)
    }
}

extension SwarmTable {
    /// Reads the slot where a search for a swarm begins.
    func warmIndex(_ infoHash: InfoHash) -> UInt64 { UInt64(index.guess(tag(infoHash))) }

    /// Reads the lines of memory that a swarm of usual size takes, if the first slot with its tag is its own.
    func warmSwarm(_ infoHash: InfoHash) -> UInt64 {
        guard let place = index.find(tag(infoHash), { _ in true }) else { return 0 }
        let block = slab.block(index[place])
        let middle = min(64, block.byteCount - 8)
        return block.load(0, as: UInt64.self) &+ block.load(middle, as: UInt64.self)
            &+ block.load(block.byteCount - 8, as: UInt64.self)
    }
}
