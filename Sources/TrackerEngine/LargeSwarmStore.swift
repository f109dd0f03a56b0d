/// Keeps the peers of large swarms: swarms by number, and the slab of their buckets.
///
/// A bucket begins with eight bytes that say whose it is (swarm, set, number), so that whoever holds it is found when
/// it is moved. All changes go through the directory of its set in short steps, as a move may touch any of them.
struct LargeSwarmStore: ~Copyable {
    private var slab = BlockSlab(sizes: Array(stride(from: 64, through: 4_096, by: 64)))
    private(set) var swarms: [LargeSwarm?] = []
    private var free: [Int] = []
    private let key: TableKey

    private static let headerBytes = 8
    /// Bytes of a bucket on average before one of its set is split. On average half the difference between two sizes is
    /// unused in each bucket; for buckets of 320 bytes that would be three times as much a peer.
    private static let bucketBytes = 1_024

    init(key: TableKey) { self.key = key }

    var heldBytes: Int { slab.heldBytes }

    @inline(__always)
    subscript(number: Int) -> LargeSwarm {
        guard let swarm = swarms[number] else { preconditionFailure("a block names a large swarm that is gone") }
        return swarm
    }

    mutating func make() -> Int {
        if let number = free.popLast() {
            swarms[number] = LargeSwarm()
            return number
        }
        swarms.append(LargeSwarm())
        return swarms.count - 1
    }

    /// Forgets a swarm, whose sets are all empty.
    mutating func remove(_ number: Int) {
        swarms[number] = nil
        free.append(number)
        if free.count == swarms.count { (swarms, free) = ([], []) }
    }

    // MARK: Peers

    /// Where a peer is: the bucket of a set, and the position in it.
    struct Position {
        let bucket: Int
        let entry: Int
    }

    static func entryOffset<Entry: PeerEntry>(_ position: Int, _: Entry.Type) -> Int {
        headerBytes + position * Entry.byteCount
    }

    func block(of bucket: PeerSet.Bucket) -> MemoryBlock { slab.block(bucket.reference) }

    func entry<Entry: PeerEntry>(_ number: Int, _ set: Int, _ position: Position) -> Entry {
        let bucket = self[number].sets[set].buckets[position.bucket]
        precondition(position.entry < bucket.count)
        return Entry(slab.block(bucket.reference), at: Self.entryOffset(position.entry, Entry.self))
    }

    func store<Entry: PeerEntry>(_ entry: Entry, _ number: Int, _ set: Int, _ position: Position) {
        let bucket = self[number].sets[set].buckets[position.bucket]
        precondition(position.entry < bucket.count)
        entry.store(in: slab.block(bucket.reference), at: Self.entryOffset(position.entry, Entry.self))
    }

    func find<Entry: PeerEntry>(_ peer: Entry, _ number: Int, _ set: Int) -> Position? {
        let peers = self[number].sets[set]
        guard peers.count > 0 else { return nil }
        let place = peers.address(peer.hash(key))
        let bucket = peers.buckets[place]
        guard bucket.count > 0 else { return nil }
        let block = slab.block(bucket.reference)
        let found = peer.position(in: block, at: Self.entryOffset(0, Entry.self), count: Int(bucket.count))
        return found.map { Position(bucket: place, entry: $0) }
    }

    /// Adds one that is not there. False if its bucket is at its limit, which a keyed hash makes next to impossible.
    mutating func insert<Entry: PeerEntry>(_ peer: Entry, _ number: Int, _ set: Int) -> Bool {
        let swarm = self[number]
        if swarm.sets[set].buckets.isEmpty { swarm.sets[set].buckets.append(PeerSet.Bucket()) }
        guard append(peer, number, set, swarm.sets[set].address(peer.hash(key))) else { return false }
        swarm.sets[set].count += 1
        if peer.isNear { swarm.near[Entry.family] += 1 }
        if swarm.sets[set].count * Entry.byteCount > swarm.sets[set].buckets.count * Self.bucketBytes {
            split(number, set, Entry.self)
        }
        return true
    }

    mutating func remove<Entry: PeerEntry>(_ number: Int, _ set: Int, _ position: Position, _: Entry.Type) {
        let swarm = self[number]
        let gone: Entry = entry(number, set, position)
        if gone.isNear { swarm.near[Entry.family] -= 1 }
        swarm.sets[set].count -= 1
        let lastEntry = Int(swarm.sets[set].buckets[position.bucket].count) - 1
        let last: Entry = entry(number, set, Position(bucket: position.bucket, entry: lastEntry))
        store(last, number, set, position)
        setCount(lastEntry, number, set, position.bucket, Entry.self)
    }

    /// Puts the last bucket of a set to the one it was split from if most of the set's peers have gone; how many peers
    /// were moved, or nil if there is nothing to do. Other buckets stay where they are.
    mutating func mergeIfSparse<Entry: PeerEntry>(_ number: Int, _ set: Int, _: Entry.Type) -> Int? {
        let peers = self[number].sets[set]
        guard peers.buckets.count > 1, peers.count * Entry.byteCount * 2 < (peers.buckets.count - 1) * Self.bucketBytes
        else {
            trim(number, set)
            return nil
        }
        return mergeLast(number, set, Entry.self)
    }

    /// Frees unused memory of a directory.
    private func trim(_ number: Int, _ set: Int) {
        let swarm = self[number]
        if swarm.sets[set].count == 0 { swarm.sets[set].buckets = [] }
        let (capacity, count) = (swarm.sets[set].buckets.capacity, swarm.sets[set].buckets.count)
        if capacity > 256, capacity > 4 * count { swarm.sets[set].buckets = Array(swarm.sets[set].buckets[...]) }
    }

    /// Forgets all peers of a swarm.
    mutating func removeAllPeers(_ number: Int) {
        for set in 0..<4 {
            for bucket in self[number].sets[set].buckets.indices {
                let reference = self[number].sets[set].buckets[bucket].reference
                self[number].sets[set].buckets[bucket] = PeerSet.Bucket()
                if reference != 0 { release(reference) }
            }
            self[number].sets[set] = PeerSet()
        }
        self[number].near = [0, 0]
    }

    /// Removes the peers of a bucket that were not heard for more than `lifetime` minutes; how many.
    mutating func expire<Entry: PeerEntry>(
        _ number: Int, _ set: Int, bucket: Int, now: Minute, lifetime: Int, _: Entry.Type
    ) -> Int {
        var (position, removed) = (0, 0)
        while position < Int(self[number].sets[set].buckets[bucket].count) {
            let peer: Entry = entry(number, set, Position(bucket: bucket, entry: position))
            if now.since(peer.marks.minute) > lifetime {
                remove(number, set, Position(bucket: bucket, entry: position), Entry.self)
                removed += 1
            } else {
                position += 1
            }
        }
        return removed
    }

    // MARK: Buckets

    private mutating func split<Entry: PeerEntry>(_ number: Int, _ set: Int, _: Entry.Type) {
        let swarm = self[number]
        swarm.sets[set].buckets.append(PeerSet.Bucket())
        let last = swarm.sets[set].buckets.count - 1
        let old = swarm.sets[set].buddyOfLast
        var position = 0
        while position < Int(swarm.sets[set].buckets[old].count) {
            let peer: Entry = entry(number, set, Position(bucket: old, entry: position))
            guard swarm.sets[set].address(peer.hash(key)) == last, append(peer, number, set, last) else {
                position += 1
                continue
            }
            let end = Int(swarm.sets[set].buckets[old].count) - 1
            let moved: Entry = entry(number, set, Position(bucket: old, entry: end))
            store(moved, number, set, Position(bucket: old, entry: position))
            swarm.sets[set].buckets[old].count -= 1
        }
        setCount(Int(swarm.sets[set].buckets[old].count), number, set, old, Entry.self)
    }

    /// How many peers were moved; nil if there is no room for them.
    private mutating func mergeLast<Entry: PeerEntry>(_ number: Int, _ set: Int, _: Entry.Type) -> Int? {
        let swarm = self[number]
        let (last, target) = (swarm.sets[set].buckets.count - 1, swarm.sets[set].buddyOfLast)
        let count = Int(swarm.sets[set].buckets[last].count)
        let together = count + Int(swarm.sets[set].buckets[target].count)
        guard slab.sizeClass(for: Self.headerBytes + together * Entry.byteCount) != nil else { return nil }
        for position in 0..<count {
            let peer: Entry = entry(number, set, Position(bucket: last, entry: position))
            _ = append(peer, number, set, target)
        }
        setCount(0, number, set, last, Entry.self)
        swarm.sets[set].buckets.removeLast()
        return count
    }

    private mutating func append<Entry: PeerEntry>(_ peer: Entry, _ number: Int, _ set: Int, _ bucket: Int) -> Bool {
        let count = Int(self[number].sets[set].buckets[bucket].count)
        let bytes = Self.headerBytes + (count + 1) * Entry.byteCount
        let reference = self[number].sets[set].buckets[bucket].reference
        if reference == 0 || slab.block(reference).byteCount < bytes {
            guard let sizeClass = slab.sizeClass(for: bytes) else { return false }
            resize(number, set, bucket, to: sizeClass, keeping: count * Entry.byteCount)
        }
        self[number].sets[set].buckets[bucket].count += 1
        store(peer, number, set, Position(bucket: bucket, entry: count))
        return true
    }

    /// Sets the number of peers of a bucket, and frees room that it no longer needs.
    private mutating func setCount<Entry: PeerEntry>(
        _ count: Int, _ number: Int, _ set: Int, _ bucket: Int, _: Entry.Type
    ) {
        self[number].sets[set].buckets[bucket].count = UInt32(count)
        let reference = self[number].sets[set].buckets[bucket].reference
        guard reference != 0 else { return }
        if count == 0 {
            self[number].sets[set].buckets[bucket].reference = 0
            return release(reference)
        }
        guard let sizeClass = slab.sizeClass(for: Self.headerBytes + count * Entry.byteCount) else { return }
        guard sizeClass + 2 <= slab.sizeClass(of: reference) else { return }
        resize(number, set, bucket, to: sizeClass, keeping: count * Entry.byteCount)
    }

    private mutating func resize(_ number: Int, _ set: Int, _ bucket: Int, to sizeClass: Int, keeping bytes: Int) {
        let old = self[number].sets[set].buckets[bucket].reference
        let new = slab.allocate(sizeClass)
        let owner = UInt64(number) << 32 | UInt64(set) << 30 | UInt64(bucket)
        slab.block(new).store(owner, at: 0)
        self[number].sets[set].buckets[bucket].reference = new
        guard old != 0 else { return }
        slab.block(new).copy(slab.block(old), Self.headerBytes..<Self.headerBytes + bytes, to: Self.headerBytes)
        release(old)
    }

    private mutating func release(_ reference: BlockSlab.Reference) {
        guard slab.free(reference) != nil else { return }
        let owner = slab.block(reference).load(0, as: UInt64.self)
        let (number, rest) = (Int(owner >> 32), Int(owner & 0xFFFF_FFFF))
        self[number].sets[rest >> 30].buckets[rest & (1 << 30 - 1)].reference = reference
    }
}
