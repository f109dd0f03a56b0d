import TorrentCore

/// The position of a walk through all swarms and their peers, a part at a time, while they change.
///
/// It goes by what never changes: swarms in the order of their tags, and of their info hashes where tags are the same;
/// the peers of a swarm by family and by their hashes, read backwards. So whatever is split, merged, moved, grows,
/// shrinks or changes sides meanwhile: what is there all the while is met exactly once, and nothing is met twice.
package struct SwarmCursor: Sendable, Hashable {
    var tag: UInt32 = 0
    /// The swarm with that tag to continue with, or the next one; nil for the first.
    var infoHash: InfoHash?
    /// What was met of it: all families below `family`, and of that one the peers before `peer`.
    var family = 0
    var peer: UInt64 = 0

    /// The start.
    package init() {}

    var isWithinSwarm: Bool { family > 0 || peer > 0 }

    /// At the start of a swarm, or further on in it.
    init(_ tag: UInt32, _ infoHash: InfoHash?, family: Int = 0, peer: UInt64 = 0) {
        (self.tag, self.infoHash, self.family, self.peer) = (tag, infoHash, family, peer)
    }
}

extension SwarmTable {
    /// A swarm that a walk meets.
    struct Step {
        let tag: UInt32
        let place: SwarmIndex.Place
    }

    /// Calls `body` with each swarm of the cursor's segment.
    func forEachSwarm(inSegmentOf cursor: SwarmCursor, _ body: (SwarmView) -> Void) {
        for slot in 0..<SwarmIndex.slotCount {
            if let place = index.place(inSegmentOf: cursor.tag, position: slot) { body(swarm(place)) }
        }
    }

    /// On to the next segment; false if that was the last.
    @discardableResult
    func advance(_ cursor: inout SwarmCursor) -> Bool {
        cursor = SwarmCursor(index.tagBehind(cursor.tag), nil)
        return cursor.tag != 0
    }

    /// The swarms of the cursor's segment from the cursor on, in the order of walks. They hold until the table is next
    /// changed.
    func steps(from cursor: SwarmCursor) -> [Step] {
        var steps = index.places(inSegmentOf: cursor.tag).map { Step(tag: $0, place: $1) }
        // Equal tags are rare: they are sorted here.
        for last in steps.indices.dropFirst() where steps[last].tag == steps[last - 1].tag {
            var position = last
            while position > 0, steps[position].tag == steps[position - 1].tag,
                infoHash(steps[position]) < infoHash(steps[position - 1])
            {
                steps.swapAt(position, position - 1)
                position -= 1
            }
        }
        let met = steps.prefix { step in
            step.tag == cursor.tag && cursor.infoHash.map { infoHash(step) < $0 } ?? false
        }
        steps.removeFirst(met.count)
        return steps
    }

    private func infoHash(_ step: Step) -> InfoHash { swarm(step.place).infoHash }

    /// Calls `body` with the peers of one family from the cursor's on, whether each is a seeder, and moves the cursor,
    /// until none is left or at least `budget` is spent; how much was, for peers and buckets.
    func walk<Entry: PeerEntry>(
        _ swarm: SwarmView, _ cursor: inout SwarmCursor, budget: Int, _ body: (Entry, _ isSeeder: Bool) -> Void
    ) -> Int {
        guard let swarm = swarm.large else {
            let count = walkBlock(swarm.block, from: cursor.peer, body)
            (cursor.family, cursor.peer) = (cursor.family + 1, 0)
            return count
        }
        let seeders = LargeSwarm.set(Entry.family, isSeeder: true)
        let leechers = LargeSwarm.set(Entry.family, isSeeder: false)
        var spent = 0
        while spent < budget {
            // Up to the end of one bucket of either set: a peer that becomes a seeder keeps its place in this order.
            let places =
                cursor
                .peer...min(
                    swarm.sets[seeders].lastPlace(with: cursor.peer), swarm.sets[leechers].lastPlace(with: cursor.peer))
            for set in [seeders, leechers] where swarm.sets[set].count > 0 {
                let bucket = swarm.sets[set].address(cursor.peer.bitsReversed)
                large.forEachPeer(swarm, set, bucket) { (peer: Entry) in
                    guard places.contains(peer.hash(key).bitsReversed) else { return }
                    spent += 1
                    body(peer, set == seeders)
                }
            }
            spent += 1
            guard places.upperBound < .max else {
                (cursor.family, cursor.peer) = (cursor.family + 1, 0)
                break
            }
            cursor.peer = places.upperBound + 1
        }
        return spent
    }

    private func walkBlock<Entry: PeerEntry>(
        _ block: SwarmBlock, from first: UInt64, _ body: (Entry, _ isSeeder: Bool) -> Void
    ) -> Int {
        let seeders = block.seeders(Entry.family)
        var count = 0
        for position in 0..<block.peers(Entry.family) {
            let peer: Entry = block.entry(position)
            // Part of it may have been met when it was large.
            guard first == 0 || peer.hash(key).bitsReversed >= first else { continue }
            count += 1
            body(peer, position < seeders)
        }
        return count
    }
}

extension PeerSet {
    /// The last place whose peers are in the same bucket as those at `place`, in the order of hashes read backwards: a
    /// bucket goes by the lowest bits of a hash, so it has a stretch of these places to itself.
    func lastPlace(with place: UInt64) -> UInt64 {
        guard buckets.count > 1 else { return .max }
        let bits = Int.bitWidth - (buckets.count - 1).leadingZeroBitCount
        let half = 1 << (bits - 1)
        let number = Int(truncatingIfNeeded: place.bitsReversed) & (2 * half - 1)
        // Buckets that have not been split in this round are chosen by one bit less.
        let isSplit = (number & (half - 1)) + half < buckets.count
        return place | UInt64.max >> UInt64(isSplit ? bits : bits - 1)
    }
}

extension UInt64 {
    /// The lowest bit first.
    var bitsReversed: UInt64 {
        var word = byteSwapped
        word = word >> 4 & 0x0F0F_0F0F_0F0F_0F0F | (word & 0x0F0F_0F0F_0F0F_0F0F) << 4
        word = word >> 2 & 0x3333_3333_3333_3333 | (word & 0x3333_3333_3333_3333) << 2
        return word >> 1 & 0x5555_5555_5555_5555 | (word & 0x5555_5555_5555_5555) << 1
    }
}
