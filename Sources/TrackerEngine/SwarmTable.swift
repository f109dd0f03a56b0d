import TorrentCore

/// All swarms, found by info hash: an index whose slots own the swarms' blocks, the slab of these blocks, and aside the
/// peers of those that are large.
///
/// All else in the tracker sees `upsert`, `remove`, `window`, `expire`, walks and the counts, so the way it is stored
/// can change.
struct SwarmTable: ~Copyable {
    var index = SwarmIndex()
    var slab: BlockSlab
    var large: LargeSwarmStore
    let key: TableKey
    /// Over all swarms.
    var seeders = 0
    var leechers = 0
    /// Those of removed swarms included.
    var downloads = 0
    /// Where expiry goes on, and how often it has been round.
    var expiry = ExpiryCursor()
    var rounds: UInt64 = 0

    init(seed: UInt64) {
        key = TableKey(seed: seed)
        slab = BlockSlab(sizes: Self.peerBytes.map { SwarmBlock.headerBytes + $0 })
        large = LargeSwarmStore(key: key)
    }

    // What blocks are made for, in bytes of peers: a swarm in its block takes at most a few peers' more than it needs.
    private static let peerBytes = [
        8, 16, 24, 32, 48, 64, 80, 96, 128, 160, 192, 224, 256, 320, 384, 448, SwarmBlock.peerBytes,
    ]
    /// A large swarm that has shrunk to this, in bytes of peers, moves back into a block.
    private static let smallAgain = SwarmBlock.peerBytes / 2

    var count: Int { index.count }
    var peers: Int { seeders + leechers }
    /// Bytes that the table holds from the system; for tests.
    var heldBytes: Int { index.heldBytes + slab.heldBytes + large.heldBytes }

    // MARK: Looking

    @inline(__always)
    func tag(_ infoHash: InfoHash) -> UInt32 { SwarmIndex.tag(key.hash(infoHash)) }

    func place(of infoHash: InfoHash) -> SwarmIndex.Place? { place(of: infoHash, tag(infoHash)) }

    @inline(__always)
    private func place(of infoHash: InfoHash, _ tag: UInt32) -> SwarmIndex.Place? {
        index.find(tag) { SwarmBlock(memory: slab.block($0)).isOf(infoHash) }
    }

    @inline(__always)
    func swarm(_ place: SwarmIndex.Place) -> SwarmView {
        let block = SwarmBlock(memory: slab.block(index[place]))
        return SwarmView(block: block, large: block.large.map { large[$0] })
    }

    // MARK: Peers

    /// What was heard of a peer.
    struct News {
        var isSeeder: Bool
        var minute: Minute
        /// Its download is done, and is counted if it has not been.
        var countsDownload = false
        /// It comes out of a snapshot, where the download was counted already.
        var isRestored = false
    }

    /// Notes that a peer has been heard, in a swarm that is made if it is not known; where the swarm is.
    mutating func upsert(
        _ peer: Endpoint, of infoHash: InfoHash, _ news: News, limits: TrackerLimits
    ) throws(TrackerRefusal) -> SwarmIndex.Place {
        let mayAdd = peers < limits.peers
        let place = try makePlace(of: infoHash, at: news.minute, mayAdd: mayAdd, limits)
        if let entry = PeerEntryV4(peer, PeerMarks(news.minute)) {
            try upsert(entry, place, news, mayAdd)
        } else if let entry = PeerEntryV6(peer, PeerMarks(news.minute)) {
            try upsert(entry, place, news, mayAdd)
        }
        return place
    }

    /// The place of a swarm, which is made if it is not known.
    mutating func makePlace(
        of infoHash: InfoHash, at minute: Minute, mayAdd: Bool = true, _ limits: TrackerLimits
    ) throws(TrackerRefusal) -> SwarmIndex.Place {
        let tag = tag(infoHash)
        if let place = place(of: infoHash, tag) { return place }
        guard count < min(limits.torrents, SwarmIndex.capacity) else { throw .tooManyTorrents }
        guard mayAdd else { throw .tooManyPeers }
        let reference = slab.allocate(0)
        _ = SwarmBlock.initialize(slab.block(reference), infoHash, at: minute)
        return index.insert(tag, reference)
    }

    private mutating func upsert<Entry: PeerEntry>(
        _ fresh: Entry, _ place: SwarmIndex.Place, _ news: News, _ mayAdd: Bool
    ) throws(TrackerRefusal) {
        var block = SwarmBlock(memory: slab.block(index[place]))
        if let number = block.large {
            try upsert(fresh, number, block, news, mayAdd)
        } else if let position = block.position(of: fresh) {
            var entry: Entry = block.entry(position)
            update(&entry, with: news, block)
            block.set(entry, at: position)
            let wasSeeder = position < block.seeders(Entry.family)
            _ = block.place(position, amongSeeders: news.isSeeder, Entry.self)
            countMove(from: wasSeeder, to: news.isSeeder)
        } else {
            guard mayAdd else { throw .tooManyPeers }
            if !block.hasRoom(Entry.byteCount) {
                grow(place, by: Entry.byteCount)
                block = SwarmBlock(memory: slab.block(index[place]))
                if let number = block.large { return try upsert(fresh, number, block, news, mayAdd) }
            }
            var entry = fresh
            update(&entry, with: news, block)
            block.append(entry, isSeeder: news.isSeeder)
            countNew(news.isSeeder, 1)
        }
        if !news.isRestored { block.minute = news.minute }
    }

    private mutating func upsert<Entry: PeerEntry>(
        _ fresh: Entry, _ number: Int, _ block: SwarmBlock, _ news: News, _ mayAdd: Bool
    ) throws(TrackerRefusal) {
        let set = LargeSwarm.set(Entry.family, isSeeder: news.isSeeder)
        let other = LargeSwarm.set(Entry.family, isSeeder: !news.isSeeder)
        if let position = large.find(fresh, number, set) {
            var entry: Entry = large.entry(number, set, position)
            update(&entry, with: news, block)
            large.store(entry, number, set, position)
        } else if let position = large.find(fresh, number, other) {
            var entry: Entry = large.entry(number, other, position)
            update(&entry, with: news, block)
            large.remove(number, other, position, Entry.self)
            countNew(!news.isSeeder, -1)
            _ = large.mergeIfSparse(number, other, Entry.self)
            guard large.insert(entry, number, set) else { throw .tooManyPeers }
            countNew(news.isSeeder, 1)
        } else {
            guard mayAdd else { throw .tooManyPeers }
            var entry = fresh
            update(&entry, with: news, block)
            guard large.insert(entry, number, set) else { throw .tooManyPeers }
            countNew(news.isSeeder, 1)
        }
        if !news.isRestored { block.minute = news.minute }
    }

    @inline(__always)
    private mutating func update(_ entry: inout some PeerEntry, with news: News, _ block: SwarmBlock) {
        entry.marks.minute = news.minute
        guard news.countsDownload, !entry.marks.isCounted else { return }
        entry.marks.isCounted = true
        guard !news.isRestored else { return }
        if block.downloaded < .max { block.downloaded += 1 }
        downloads += 1
    }

    private mutating func countMove(from wasSeeder: Bool, to isSeeder: Bool) {
        guard wasSeeder != isSeeder else { return }
        countNew(wasSeeder, -1)
        countNew(isSeeder, 1)
    }

    mutating func countNew(_ isSeeder: Bool, _ change: Int) {
        if isSeeder { seeders += change } else { leechers += change }
    }

    /// Raises the downloads of a swarm to at least `count`.
    mutating func raiseDownloads(_ place: SwarmIndex.Place, to count: UInt32) {
        let block = SwarmBlock(memory: slab.block(index[place]))
        guard count > block.downloaded else { return }
        downloads += Int(count - block.downloaded)
        block.downloaded = count
    }

    /// True if it was there.
    mutating func remove(_ peer: Endpoint, at place: SwarmIndex.Place) -> Bool {
        if let entry = PeerEntryV4(peer, PeerMarks(bits: 0)) { return remove(entry, place) }
        return PeerEntryV6(peer, PeerMarks(bits: 0)).map { remove($0, place) } ?? false
    }

    private mutating func remove<Entry: PeerEntry>(_ peer: Entry, _ place: SwarmIndex.Place) -> Bool {
        let block = SwarmBlock(memory: slab.block(index[place]))
        guard let number = block.large else {
            guard let position = block.position(of: peer) else { return false }
            countNew(position < block.seeders(Entry.family), -1)
            block.remove(at: position, Entry.self)
            shrink(place)
            return true
        }
        for isSeeder in [true, false] {
            let set = LargeSwarm.set(Entry.family, isSeeder: isSeeder)
            guard let position = large.find(peer, number, set) else { continue }
            large.remove(number, set, position, Entry.self)
            _ = large.mergeIfSparse(number, set, Entry.self)
            countNew(isSeeder, -1)
            shrink(place)
            return true
        }
        return false
    }

    // MARK: Blocks

    private mutating func grow(_ place: SwarmIndex.Place, by bytes: Int) {
        let needed = SwarmBlock(memory: slab.block(index[place])).usedPeerBytes + bytes
        if needed <= SwarmBlock.peerBytes, let sizeClass = slab.sizeClass(for: SwarmBlock.headerBytes + needed) {
            resize(place, to: sizeClass)
        } else {
            becomeLarge(place)
        }
    }

    /// Frees room that a swarm no longer needs.
    mutating func shrink(_ place: SwarmIndex.Place) {
        let block = SwarmBlock(memory: slab.block(index[place]))
        if let number = block.large {
            if large[number].usedPeerBytes <= Self.smallAgain { becomeSmall(place, number) }
        } else if let sizeClass = slab.sizeClass(for: SwarmBlock.headerBytes + block.usedPeerBytes),
            sizeClass + 2 <= slab.sizeClass(of: index[place])
        {
            resize(place, to: sizeClass)
        }
    }

    private mutating func resize(_ place: SwarmIndex.Place, to sizeClass: Int) {
        let (old, new) = (index[place], slab.allocate(sizeClass))
        SwarmBlock(memory: slab.block(new)).take(SwarmBlock(memory: slab.block(old)))
        index[place] = new
        release(old)
    }

    /// Gives a block back and redirects the slot of the one that takes its place.
    mutating func release(_ reference: BlockSlab.Reference) {
        guard let moved = slab.free(reference) else { return }
        let infoHash = SwarmBlock(memory: slab.block(reference)).infoHash
        guard let place = index.find(tag(infoHash), { $0 == moved }) else {
            preconditionFailure("a block has no slot")
        }
        index[place] = reference
    }

    private mutating func becomeLarge(_ place: SwarmIndex.Place) {
        let (old, new, number) = (index[place], slab.allocate(0), large.make())
        let source = SwarmBlock(memory: slab.block(old))
        let target = SwarmBlock(memory: slab.block(new))
        target.memory.copy(source.memory, 0..<SwarmBlock.headerBytes, to: 0)
        target.large = number
        copyPeers(of: source, PeerEntryV4.self, to: number)
        copyPeers(of: source, PeerEntryV6.self, to: number)
        index[place] = new
        release(old)
    }

    private mutating func copyPeers<Entry: PeerEntry>(of block: SwarmBlock, _: Entry.Type, to number: Int) {
        for position in 0..<block.peers(Entry.family) {
            let peer: Entry = block.entry(position)
            let isSeeder = position < block.seeders(Entry.family)
            if !large.insert(peer, number, LargeSwarm.set(Entry.family, isSeeder: isSeeder)) { countNew(isSeeder, -1) }
        }
    }

    private mutating func becomeSmall(_ place: SwarmIndex.Place, _ number: Int) {
        guard let sizeClass = slab.sizeClass(for: SwarmBlock.headerBytes + large[number].usedPeerBytes) else { return }
        let (old, new) = (index[place], slab.allocate(sizeClass))
        let source = SwarmBlock(memory: slab.block(old))
        let target = SwarmBlock.initialize(slab.block(new), source.infoHash, at: source.minute)
        target.downloaded = source.downloaded
        target.tellsPeerIDs = source.tellsPeerIDs
        let swarm = large[number]
        for set in 0..<4 {
            for bucket in swarm.sets[set].buckets.indices {
                let isSeeder = set.isMultiple(of: 2)
                if set < 2 {
                    large.forEachPeer(swarm, set, bucket) { (peer: PeerEntryV4) in
                        target.append(peer, isSeeder: isSeeder)
                    }
                } else {
                    large.forEachPeer(swarm, set, bucket) { (peer: PeerEntryV6) in
                        target.append(peer, isSeeder: isSeeder)
                    }
                }
            }
        }
        large.removeAllPeers(number)
        large.remove(number)
        index[place] = new
        release(old)
    }
}
