import TorrentCore

/// A swarm as it lies in the slab: a header of 32 bytes, then its peers, IPv4 from the front and IPv6 from the back,
/// each family with its seeders first. One that has outgrown the largest block keeps its peers in a `LargeSwarm`, and
/// has its number where the peers would be.
///
/// Header: info hash (20), downloads (4), the minute when somebody was last heard (2), seeders and leechers of IPv4
/// and of IPv6, and those of either that are near (a byte each; the highest bit
/// of the last but one says that its peers' ids are asked for).
struct SwarmBlock {
    let memory: MemoryBlock

    static let headerBytes = 32
    /// Most bytes of peers that a block is made for.
    static let peerBytes = 512
    private static let largeMark: UInt8 = 0xFF

    static func initialize(_ memory: MemoryBlock, _ infoHash: InfoHash, at minute: Minute) -> SwarmBlock {
        let block = SwarmBlock(memory: memory)
        let words = infoHash.bytes.words
        memory.store(words.high, at: 0)
        memory.store(words.middle, at: 8)
        memory.store(words.low, at: 16)
        block.downloaded = 0
        block.minute = minute
        for offset in 26..<32 { memory.store(UInt8(0), at: offset) }
        return block
    }

    // MARK: Header

    var infoHash: InfoHash {
        InfoHash(
            Bytes20(
                high: memory.load(0, as: UInt64.self), middle: memory.load(8, as: UInt64.self),
                low: memory.load(16, as: UInt32.self)))
    }

    @inline(__always)
    func isOf(_ infoHash: InfoHash) -> Bool {
        let words = infoHash.bytes.words
        return memory.load(0, as: UInt64.self) == words.high && memory.load(8, as: UInt64.self) == words.middle
            && memory.load(16, as: UInt32.self) == words.low
    }

    /// How often it was downloaded whole.
    var downloaded: UInt32 {
        get { memory.load(20, as: UInt32.self) }
        nonmutating set { memory.store(newValue, at: 20) }
    }

    var minute: Minute {
        get { Minute(bits: memory.load(24, as: UInt16.self)) }
        nonmutating set { memory.store(newValue.bits, at: 24) }
    }

    /// The number of the large swarm that has the peers.
    var large: Int? {
        get { memory.load(26, as: UInt8.self) == Self.largeMark ? Int(memory.load(32, as: UInt32.self)) : nil }
        nonmutating set {
            memory.store(newValue == nil ? 0 : Self.largeMark, at: 26)
            memory.store(UInt32(newValue ?? 0), at: 32)
        }
    }

    // MARK: Counts, of one that is not large

    @inline(__always)
    func seeders(_ family: Int) -> Int { Int(memory.load(26 + family * 2, as: UInt8.self)) }
    @inline(__always)
    func leechers(_ family: Int) -> Int { Int(memory.load(27 + family * 2, as: UInt8.self)) }
    func near(_ family: Int) -> Int { Int(memory.load(30 + family, as: UInt8.self) & 0x7F) }
    @inline(__always)
    func peers(_ family: Int) -> Int { seeders(family) + leechers(family) }

    private func add(_ seeders: Int, _ leechers: Int, _ family: Int) {
        memory.store(UInt8(self.seeders(family) + seeders), at: 26 + family * 2)
        memory.store(UInt8(self.leechers(family) + leechers), at: 27 + family * 2)
    }

    private func addNear(_ change: Int, _ family: Int) {
        let mark = memory.load(30 + family, as: UInt8.self) & 0x80
        memory.store(UInt8(near(family) + change) | mark, at: 30 + family)
    }

    /// Somebody asked for the ids of its peers. Holds for a large one too.
    @inline(__always)
    var tellsPeerIDs: Bool {
        get { memory.load(30, as: UInt8.self) & 0x80 != 0 }
        nonmutating set { memory.store(memory.load(30, as: UInt8.self) & 0x7F | (newValue ? 0x80 : 0), at: 30) }
    }

    /// Bytes that its peers take.
    var usedPeerBytes: Int { peers(0) * PeerEntryV4.byteCount + peers(1) * PeerEntryV6.byteCount }
    func hasRoom(_ bytes: Int) -> Bool { usedPeerBytes + bytes <= memory.byteCount - Self.headerBytes }

    // MARK: Peers, of one that is not large

    @inline(__always)
    func entry<Entry: PeerEntry>(_ position: Int) -> Entry {
        Entry(memory, at: Entry.offset(of: position, in: memory.byteCount))
    }

    /// Lends the IPv4 peers at `positions` as they lie there.
    @inline(__always)
    func withPeersV4(_ positions: Range<Int>, _ body: (RawSpan) -> Void) {
        let start = Self.headerBytes + positions.lowerBound * PeerEntryV4.byteCount
        memory.withBytes(start..<start + positions.count * PeerEntryV4.byteCount, body)
    }

    func set<Entry: PeerEntry>(_ entry: Entry, at position: Int) {
        entry.store(in: memory, at: Entry.offset(of: position, in: memory.byteCount))
    }

    @inline(__always)
    func position<Entry: PeerEntry>(of peer: Entry) -> Int? {
        if Entry.family == PeerEntryV4.family {
            return peer.position(in: memory, at: Self.headerBytes, count: peers(Entry.family))
        }
        return (0..<peers(Entry.family)).first { peer.isSame(as: entry($0)) }
    }

    /// Adds one that is not there; there must be room.
    func append<Entry: PeerEntry>(_ peer: Entry, isSeeder: Bool) {
        let last = peers(Entry.family)
        set(peer, at: last)
        if peer.isNear { addNear(1, Entry.family) }
        add(0, 1, Entry.family)
        if isSeeder { _ = place(last, amongSeeders: true, Entry.self) }
    }

    /// Moves a peer between the seeders and the leechers if it is on the wrong side; returns its position then.
    func place<Entry: PeerEntry>(_ position: Int, amongSeeders: Bool, _: Entry.Type) -> Int {
        let border = seeders(Entry.family)
        guard (position < border) != amongSeeders else { return position }
        let target = amongSeeders ? border : border - 1
        let (moved, other): (Entry, Entry) = (entry(position), entry(target))
        set(other, at: position)
        set(moved, at: target)
        add(amongSeeders ? 1 : -1, amongSeeders ? -1 : 1, Entry.family)
        return target
    }

    func remove<Entry: PeerEntry>(at position: Int, _: Entry.Type) {
        let gone: Entry = entry(position)
        // First to the end of its side, then, if it becomes a seeder, across; the one at the end fills the gap.
        let hole = place(position, amongSeeders: false, Entry.self)
        let last: Entry = entry(peers(Entry.family) - 1)
        set(last, at: hole)
        add(0, -1, Entry.family)
        if gone.isNear { addNear(-1, Entry.family) }
    }

    /// Removes the peers of one family that were not heard for more than `lifetime` minutes; how many, and how many of
    /// them were seeders.
    func expire<Entry: PeerEntry>(now: Minute, lifetime: Int, _: Entry.Type) -> (removed: Int, seeders: Int) {
        var (position, removed) = (0, 0)
        let before = seeders(Entry.family)
        while position < peers(Entry.family) {
            let peer: Entry = entry(position)
            if now.since(peer.marks.minute) > lifetime {
                // Another takes its place, which was not looked at yet, or is looked at again.
                remove(at: position, Entry.self)
                removed += 1
            } else {
                position += 1
            }
        }
        return (removed, before - seeders(Entry.family))
    }

    /// Takes over the contents of a block of another size.
    func take(_ other: SwarmBlock) {
        memory.copy(other.memory, 0..<Self.headerBytes + other.peers(0) * PeerEntryV4.byteCount, to: 0)
        let back = other.peers(1) * PeerEntryV6.byteCount
        let end = other.memory.byteCount
        memory.copy(other.memory, end - back..<end, to: memory.byteCount - back)
    }
}
