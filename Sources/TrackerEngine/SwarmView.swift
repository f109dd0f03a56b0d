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
        var offset = chance.next(below: size)
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

extension SplitMix64 {
    /// A number from 0 up to `bound`, near enough all with the same chance.
    mutating func next(below bound: Int) -> Int {
        Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
    }
}

extension SwarmTable {
    private static let lineBytes = 64
    /// What of a swarm is fetched ahead: of the largest ones, an answer needs a part alone.
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
