/// Finds the block of a swarm by the hash of its info hash: an extendible hash, whose segments of 512 slots are split
/// and merged one at a time, so that nothing is ever rehashed whole.
///
/// Segments divide the range of hashes. Walking them in that order misses no swarm, whatever is split or merged
/// meanwhile.
struct SwarmIndex: ~Copyable {
    /// A slot; holds until the index is next changed.
    struct Place: Equatable {
        fileprivate let segment: BlockSlab.Reference
        let position: Int
    }

    // A segment: its slots, then the tag its range begins with (4 bytes), how many leading bits of a tag decide on it
    // (2), how many slots are taken (2). A slot is a tag (upper half) and a reference; 0 is empty.
    private var slab = BlockSlab(sizes: [slotCount * 8 + 8])
    // By the leading bits of a tag.
    private var directory: [BlockSlab.Reference] = []
    private var directoryBits: UInt32 = 0
    private(set) var segmentCount = 0
    private(set) var count = 0

    static let slotCount = 512
    /// A segment with more is split, since searches would become long.
    private static let slotsTaken = 448
    /// Two neighbours with fewer together are merged.
    private static let mergeBelow = 192
    /// How many swarms there may be: the directory has at most 2^20 entries, and segments are half full at worst.
    static let capacity = 1 << 28

    private static var prefixOffset: Int { slotCount * 8 }
    private static var depthOffset: Int { slotCount * 8 + 4 }
    private static var takenOffset: Int { slotCount * 8 + 6 }

    init() { directory = [makeSegment(prefix: 0, depth: 0)] }

    var heldBytes: Int { slab.heldBytes }

    /// The key of the index: the upper half of a hash.
    static func tag(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash >> 32) }

    // MARK: Slots

    /// The slot with `tag` whose reference `matches`.
    @inline(__always)
    func find(_ tag: UInt32, _ matches: (BlockSlab.Reference) -> Bool) -> Place? {
        let segment = segment(of: tag)
        let block = slab.block(segment)
        var position = Int(tag) & (Self.slotCount - 1)
        while true {
            let slot = block.load(position * 8, as: UInt64.self)
            if slot == 0 { return nil }
            if slot >> 32 == UInt64(tag), matches(UInt32(truncatingIfNeeded: slot)) {
                return Place(segment: segment, position: position)
            }
            position = (position + 1) & (Self.slotCount - 1)
        }
    }

    /// Has the slot fetched where a search for `tag` begins.
    func fetchAhead(_ tag: UInt32) {
        slab.block(segment(of: tag)).fetchAhead((Int(tag) & (Self.slotCount - 1)) * 8)
    }

    @inline(__always)
    subscript(place: Place) -> BlockSlab.Reference {
        get { UInt32(truncatingIfNeeded: slab.block(place.segment).load(place.position * 8, as: UInt64.self)) }
        set { slab.block(place.segment).store(newValue, at: place.position * 8) }
    }

    /// Adds a swarm that is not there.
    mutating func insert(_ tag: UInt32, _ reference: BlockSlab.Reference) -> Place {
        while Int(slab.block(segment(of: tag)).load(Self.takenOffset, as: UInt16.self)) >= Self.slotsTaken {
            split(segment(of: tag))
        }
        count += 1
        let segment = segment(of: tag)
        return Place(segment: segment, position: put(UInt64(tag) << 32 | UInt64(reference), in: slab.block(segment)))
    }

    /// Empties a slot. Others of its segment may move to lower positions, or from its start to its end.
    mutating func remove(_ place: Place) {
        let block = slab.block(place.segment)
        let mask = Self.slotCount - 1
        var (hole, next) = (place.position, (place.position + 1) & mask)
        // Slots that were displaced by this one move up, so that no search ends before them.
        while true {
            let slot = block.load(next * 8, as: UInt64.self)
            if slot == 0 { break }
            if (next - Int(slot >> 32)) & mask >= (next - hole) & mask {
                block.store(slot, at: hole * 8)
                hole = next
            }
            next = (next + 1) & mask
        }
        block.store(UInt64(0), at: hole * 8)
        block.store(block.load(Self.takenOffset, as: UInt16.self) - 1, at: Self.takenOffset)
        count -= 1
    }

    private func put(_ slot: UInt64, in block: MemoryBlock) -> Int {
        var position = Int(slot >> 32) & (Self.slotCount - 1)
        while block.load(position * 8, as: UInt64.self) != 0 { position = (position + 1) & (Self.slotCount - 1) }
        block.store(slot, at: position * 8)
        block.store(block.load(Self.takenOffset, as: UInt16.self) + 1, at: Self.takenOffset)
        return position
    }

    // MARK: Walking

    /// The place at `position` of the segment whose range has `tag`; nil if the slot is empty.
    func place(inSegmentOf tag: UInt32, position: Int) -> Place? {
        let segment = segment(of: tag)
        guard slab.block(segment).load(position * 8, as: UInt64.self) != 0 else { return nil }
        return Place(segment: segment, position: position)
    }

    /// The tags from `tag` on, ascending, and the places of the segment whose range has it.
    func places(inSegmentOf tag: UInt32) -> [(tag: UInt32, place: Place)] {
        let segment = segment(of: tag)
        let block = slab.block(segment)
        var keys: [UInt64] = []
        for position in 0..<Self.slotCount {
            let slot = block.load(position * 8, as: UInt64.self)
            if slot != 0, slot >> 32 >= UInt64(tag) { keys.append((slot >> 32) << 32 | UInt64(position)) }
        }
        keys.sort()
        return keys.map {
            (UInt32($0 >> 32), Place(segment: segment, position: Int(UInt32(truncatingIfNeeded: $0))))
        }
    }

    /// The first tag behind the range that has `tag`; 0 behind the last.
    func tagBehind(_ tag: UInt32) -> UInt32 {
        let block = slab.block(segment(of: tag))
        let depth = UInt32(block.load(Self.depthOffset, as: UInt16.self))
        return block.load(Self.prefixOffset, as: UInt32.self) &+ (depth == 0 ? 0 : 1 << (32 - depth))
    }

    /// How many leading bits the range of `tag` has: changes when its segment is split or merged.
    func depth(at tag: UInt32) -> UInt16 { slab.block(segment(of: tag)).load(Self.depthOffset, as: UInt16.self) }

    // MARK: Segments

    @inline(__always)
    private func segment(of tag: UInt32) -> BlockSlab.Reference { directory[Int(tag >> (32 - directoryBits))] }

    private mutating func makeSegment(prefix: UInt32, depth: UInt32) -> BlockSlab.Reference {
        let segment = slab.allocate(0)
        let block = slab.block(segment)
        block.clear()
        block.store(prefix, at: Self.prefixOffset)
        block.store(UInt16(depth), at: Self.depthOffset)
        segmentCount += 1
        return segment
    }

    private mutating func split(_ segment: BlockSlab.Reference) {
        let old = slab.block(segment)
        let depth = UInt32(old.load(Self.depthOffset, as: UInt16.self))
        let prefix = old.load(Self.prefixOffset, as: UInt32.self)
        if depth == directoryBits { doubleDirectory() }
        let upper = makeSegment(prefix: prefix | 1 << (31 - depth), depth: depth + 1)
        point(upper)
        // A spare copy of the slots, which then go to where they belong.
        let copy = makeSegment(prefix: 0, depth: 0)
        let slots = slab.block(copy)
        slots.copy(slab.block(segment), 0..<Self.slotCount * 8, to: 0)
        slab.block(segment).clear()
        slab.block(segment).store(prefix, at: Self.prefixOffset)
        slab.block(segment).store(UInt16(depth + 1), at: Self.depthOffset)
        for position in 0..<Self.slotCount {
            let slot = slots.load(position * 8, as: UInt64.self)
            guard slot != 0 else { continue }
            let isUpper = slot >> (63 - UInt64(depth)) & 1 != 0
            _ = put(slot, in: slab.block(isUpper ? upper : segment))
        }
        discard(copy)
    }

    private mutating func doubleDirectory() {
        precondition(directoryBits < 20, "a swarm index has at most 2^20 segments")
        directory = directory.flatMap { [$0, $0] }
        directoryBits += 1
    }

    /// Has the directory lead to a segment for all of its range.
    private mutating func point(_ segment: BlockSlab.Reference) {
        let block = slab.block(segment)
        let first = Int(block.load(Self.prefixOffset, as: UInt32.self) >> (32 - directoryBits))
        let width = 1 << Int(directoryBits - UInt32(block.load(Self.depthOffset, as: UInt16.self)))
        for entry in first..<first + width { directory[entry] = segment }
    }

    private mutating func discard(_ segment: BlockSlab.Reference) {
        segmentCount -= 1
        if slab.free(segment) != nil { point(segment) }
    }

    /// Merges the segment of `tag` into the one before it if both are nearly empty. Not into the one after it: a walk
    /// would then be behind swarms that it has not seen.
    mutating func mergeIfSparse(at tag: UInt32) {
        while true {
            let block = slab.block(segment(of: tag))
            let depth = UInt32(block.load(Self.depthOffset, as: UInt16.self))
            let prefix = block.load(Self.prefixOffset, as: UInt32.self)
            guard depth > 0, prefix & 1 << (32 - depth) != 0 else { return }
            let other = slab.block(segment(of: prefix ^ 1 << (32 - depth)))
            let taken = block.load(Self.takenOffset, as: UInt16.self) + other.load(Self.takenOffset, as: UInt16.self)
            guard other.load(Self.depthOffset, as: UInt16.self) == UInt16(depth), taken < Self.mergeBelow else {
                return
            }
            merge(prefix & ~(1 << (32 - depth)), depth)
        }
    }

    private mutating func merge(_ prefix: UInt32, _ depth: UInt32) {
        let lower = segment(of: prefix)
        let upper = segment(of: prefix | 1 << (32 - depth))
        let (target, source) = (slab.block(lower), slab.block(upper))
        for position in 0..<Self.slotCount {
            let slot = source.load(position * 8, as: UInt64.self)
            if slot != 0 { _ = put(slot, in: target) }
        }
        target.store(UInt16(depth - 1), at: Self.depthOffset)
        point(lower)
        discard(upper)
    }
}
