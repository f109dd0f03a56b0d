import TorrentCore

/// How far somebody has come who goes through all swarms a stretch at a time, while they change: in the order of the
/// index, and within a large swarm set by set and bucket by bucket.
package struct SwarmCursor: Sendable, Hashable {
    // A tag in the range of the segment, how narrow that was, and a slot.
    var tag: UInt32 = 0
    var depth: UInt16 = 0
    var slot = 0
    var set = 0
    var bucket = 0

    /// The start.
    package init() {}
}

extension SwarmTable {
    /// What a slot and a segment count beside the peers, when work is bounded.
    private static let segmentCost = 16

    /// What a whole round costs: peers, swarms and segments.
    var roundCost: Int { peers + count + index.segmentCount * Self.segmentCost }

    /// Looks at `budget` peers and swarms from where the last call ended, and drops peers not heard for more than
    /// `lifetime` minutes and swarms without peers that `isForgotten` says no more of; how many peers went.
    mutating func expire(
        budget: Int, now: Minute, lifetime: Int, isForgotten: (SwarmView) -> Bool
    ) -> Int {
        let before = peers
        var left = budget
        var segments = index.segmentCount + 1
        while left > 0, segments > 0 {
            var here = cursor
            renew(&here)
            cursor = here
            while cursor.slot < SwarmIndex.slotCount {
                guard left > 0 else { return before - peers }
                guard let place = index.place(inSegmentOf: cursor.tag, position: cursor.slot) else {
                    cursor.slot += 1
                    continue
                }
                guard expire(place, &left, isFirst: left == budget, now, lifetime) else { return before - peers }
                let swarm = swarm(place)
                if swarm.peers == 0, isForgotten(swarm) {
                    // Another may have come to this slot.
                    let reference = index[place]
                    index.remove(place)
                    release(reference)
                } else {
                    shrink(place)
                    cursor.slot += 1
                }
            }
            left -= Self.segmentCost
            segments -= 1
            index.mergeIfSparse(at: cursor.tag)
            advance(&here)
            cursor = here
        }
        return before - peers
    }

    /// Calls `body` with each swarm of the cursor's segment.
    func forEachSwarm(inSegmentOf cursor: SwarmCursor, _ body: (SwarmView) -> Void) {
        for slot in 0..<SwarmIndex.slotCount {
            if let place = index.place(inSegmentOf: cursor.tag, position: slot) { body(swarm(place)) }
        }
    }

    /// A segment that was split or merged since is gone through anew.
    func renew(_ cursor: inout SwarmCursor) {
        let depth = index.depth(at: cursor.tag)
        guard cursor.depth != depth else { return }
        (cursor.depth, cursor.slot, cursor.set, cursor.bucket) = (depth, 0, 0, 0)
    }

    /// On to the next segment; false if that was the last.
    @discardableResult
    func advance(_ cursor: inout SwarmCursor) -> Bool {
        let next = index.tagBehind(cursor.tag)
        cursor = SwarmCursor()
        cursor.tag = next
        cursor.depth = index.depth(at: next)
        return next != 0
    }

    /// False if the swarm is so large that the budget ended within it.
    private mutating func expire(
        _ place: SwarmIndex.Place, _ left: inout Int, isFirst: Bool, _ now: Minute, _ lifetime: Int
    ) -> Bool {
        let block = SwarmBlock(memory: slab.block(index[place]))
        left -= 1
        guard let number = block.large else {
            left -= block.peers(0) + block.peers(1)
            let v4 = block.expire(now: now, lifetime: lifetime, PeerEntryV4.self)
            let v6 = block.expire(now: now, lifetime: lifetime, PeerEntryV6.self)
            let gone = v4.seeders + v6.seeders
            countNew(true, -gone)
            countNew(false, gone - v4.removed - v6.removed)
            return true
        }
        var isFirst = isFirst
        while cursor.set < 4 {
            let isWhole =
                cursor.set < 2
                ? expire(number, PeerEntryV4.self, &left, &isFirst, now, lifetime)
                : expire(number, PeerEntryV6.self, &left, &isFirst, now, lifetime)
            guard isWhole else { return false }
            (cursor.set, cursor.bucket) = (cursor.set + 1, 0)
        }
        (cursor.set, cursor.bucket) = (0, 0)
        // An empty one becomes a block again, which can be forgotten.
        shrink(place)
        return true
    }

    /// Goes through the buckets of a set, then makes them fewer if that is due; false if the budget ended before.
    private mutating func expire<Entry: PeerEntry>(
        _ number: Int, _: Entry.Type, _ left: inout Int, _ isFirst: inout Bool, _ now: Minute, _ lifetime: Int
    ) -> Bool {
        let set = cursor.set
        while cursor.bucket < large[number].sets[set].buckets.count {
            let size = Int(large[number].sets[set].buckets[cursor.bucket].count) + 1
            guard size <= left || isFirst else { return false }
            isFirst = false
            left -= size
            let removed = large.expire(
                number, set, bucket: cursor.bucket, now: now, lifetime: lifetime, Entry.self)
            countNew(set.isMultiple(of: 2), -removed)
            cursor.bucket += 1
        }
        repeat {
            guard let moved = large.mergeIfSparse(number, set, Entry.self) else { return true }
            left -= moved + 1
        } while left > 0
        return false
    }
}
