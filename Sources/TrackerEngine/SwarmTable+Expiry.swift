/// Where expiry continues: in the order of the index, and within a large swarm set by set and bucket by bucket. What
/// moves to a position that it has passed is looked at in the next round.
struct ExpiryCursor {
    // A tag in the range of the segment, how narrow that was, and a slot.
    var tag: UInt32 = 0
    var depth: UInt16 = 0
    var slot = 0
    /// The large swarm in which the last call ended, and where in it.
    var large: Int?
    var set = 0
    var bucket = 0

    /// To the swarm in the next slot, or whatever has come to this one.
    mutating func leaveSwarm() { (large, set, bucket) = (nil, 0, 0) }
}

extension SwarmTable {
    /// Costs of a slot and a segment, counted in peers, when work is bounded.
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
            renewExpiry()
            while expiry.slot < SwarmIndex.slotCount {
                guard left > 0 else { return before - peers }
                guard let place = index.place(inSegmentOf: expiry.tag, position: expiry.slot) else {
                    expiry.slot += 1
                    continue
                }
                guard expire(place, &left, isFirst: left == budget, now, lifetime) else { return before - peers }
                settle(place, now, isForgotten)
            }
            left -= Self.segmentCost
            segments -= 1
            index.mergeIfSparse(at: expiry.tag)
            advanceExpiry()
        }
        return before - peers
    }

    /// Continues after a swarm whose peers have been looked at: removes it, or shrinks it to fit.
    private mutating func settle(_ place: SwarmIndex.Place, _ now: Minute, _ isForgotten: (SwarmView) -> Bool) {
        let swarm = swarm(place)
        if swarm.peers == 0, isForgotten(swarm) {
            // Another may have come to this slot.
            let reference = index[place]
            index.remove(place)
            release(reference)
            return
        }
        // Otherwise its minute would wrap around and seem recent.
        if now.since(swarm.minute) > Minute.longAgo { swarm.block.minute = now.back(Minute.longAgo) }
        shrink(place)
        expiry.slot += 1
    }

    /// A segment that was split or merged meanwhile is looked at again from its start.
    private mutating func renewExpiry() {
        let depth = index.depth(at: expiry.tag)
        guard expiry.depth != depth else { return }
        (expiry.depth, expiry.slot) = (depth, 0)
        expiry.leaveSwarm()
    }

    /// On to the next segment, or the first.
    private mutating func advanceExpiry() {
        let next = index.tagBehind(expiry.tag)
        expiry = ExpiryCursor()
        expiry.tag = next
        expiry.depth = index.depth(at: next)
        if next == 0 { rounds += 1 }
    }

    /// False if the swarm is so large that the budget ended within it.
    private mutating func expire(
        _ place: SwarmIndex.Place, _ left: inout Int, isFirst: Bool, _ now: Minute, _ lifetime: Int
    ) -> Bool {
        let block = SwarmBlock(memory: slab.block(index[place]))
        left -= 1
        // It may have shrunk into its block since, or have gone.
        if expiry.large != block.large { expiry.leaveSwarm() }
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
        while expiry.set < 4 {
            let isWhole =
                expiry.set < 2
                ? expire(number, PeerEntryV4.self, &left, &isFirst, now, lifetime)
                : expire(number, PeerEntryV6.self, &left, &isFirst, now, lifetime)
            guard isWhole else {
                expiry.large = number
                return false
            }
            (expiry.set, expiry.bucket) = (expiry.set + 1, 0)
        }
        expiry.leaveSwarm()
        // An empty one becomes a block again, which can be forgotten.
        shrink(place)
        return true
    }

    /// Goes through the buckets of a set, then makes them fewer if that is due; false if the budget ended before.
    private mutating func expire<Entry: PeerEntry>(
        _ number: Int, _: Entry.Type, _ left: inout Int, _ isFirst: inout Bool, _ now: Minute, _ lifetime: Int
    ) -> Bool {
        let set = expiry.set
        while expiry.bucket < large[number].sets[set].buckets.count {
            let size = Int(large[number].sets[set].buckets[expiry.bucket].count) + 1
            guard size <= left || isFirst else { return false }
            isFirst = false
            left -= size
            let removed = large.expire(
                number, set, bucket: expiry.bucket, now: now, lifetime: lifetime, Entry.self)
            countNew(set.isMultiple(of: 2), -removed)
            expiry.bucket += 1
        }
        repeat {
            guard let moved = large.mergeIfSparse(number, set, Entry.self) else { return true }
            left -= moved + 1
        } while left > 0
        return false
    }
}
