import TorrentCore

/// All swarms, found by info hash, each in a slot that it keeps: expiry and snapshots walk the slots a stretch at a
/// time.
struct SwarmTable: Sendable {
    private(set) var slots: [SwarmRecord?] = []
    private var free: [UInt32] = []
    private var index: [InfoHash: UInt32] = [:]
    /// Over all swarms.
    private(set) var seeders = 0
    private(set) var leechers = 0
    /// Of forgotten swarms too.
    private(set) var downloads = 0
    // Where expiry goes on: a slot, and within it IPv4 (0) or IPv6 (1) and an entry.
    private var cursor = (slot: 0, family: 0, entry: 0)

    var count: Int { index.count }
    var peers: Int { seeders + leechers }

    /// The slot of a swarm that is known.
    func slot(of infoHash: InfoHash) -> Int? { index[infoHash].map(Int.init) }

    func record(_ infoHash: InfoHash) -> SwarmRecord? { index[infoHash].flatMap { slots[Int($0)] } }

    /// The slot of a swarm, which is made if it is not known.
    mutating func slotMaking(_ infoHash: InfoHash, at minute: Minute) -> Int {
        if let slot = index[infoHash] { return Int(slot) }
        let record = SwarmRecord(infoHash: infoHash, minute: minute)
        let slot: Int
        if let reused = free.popLast() {
            slot = Int(reused)
            slots[slot] = record
        } else {
            slot = slots.count
            slots.append(record)
        }
        index[infoHash] = UInt32(slot)
        return slot
    }

    /// Changes the swarm in `slot`, in place, and keeps the sums.
    @inline(__always)
    mutating func change<Result>(_ slot: Int, _ body: (inout SwarmRecord) -> Result) -> Result {
        guard let before = slots[slot].map({ ($0.seeders, $0.leechers, $0.downloaded) }) else {
            preconditionFailure("an empty slot has no swarm")
        }
        let result = body(&slots[slot]!)
        seeders += (slots[slot]?.seeders ?? 0) - before.0
        leechers += (slots[slot]?.leechers ?? 0) - before.1
        downloads += Int(slots[slot]?.downloaded ?? 0) - Int(before.2)
        return result
    }

    /// Looks at `budget` peers and slots from where the last call ended, and drops peers not heard for more than
    /// `lifetime` minutes and swarms `isForgotten` says no to; how many peers went.
    mutating func expire(
        budget: Int, now: Minute, lifetime: Int, isForgotten: (SwarmRecord) -> Bool
    ) -> Int {
        var (left, removed) = (min(budget, peers + 2 * slots.count + 2), 0)
        while left > 0, !slots.isEmpty {
            if cursor.slot >= slots.count { cursor = (0, 0, 0) }
            let slot = cursor.slot
            left -= 1
            if slots[slot] != nil {
                let (family, entry, room) = (cursor.family, cursor.entry, max(left, 1))
                let turn = change(slot) { record in
                    family == 0
                        ? record.v4.expire(from: entry, budget: room, now: now, lifetime: lifetime)
                        : record.v6.expire(from: entry, budget: room, now: now, lifetime: lifetime)
                }
                removed += turn.removed
                left -= turn.examined
                let size = family == 0 ? slots[slot]?.v4.count : slots[slot]?.v6.count
                if turn.next < size ?? 0 {
                    cursor.entry = turn.next
                    continue
                }
                if family == 0 {
                    cursor = (slot, 1, 0)
                    continue
                }
                if let record = slots[slot], record.peers == 0, isForgotten(record) { remove(slot, record.infoHash) }
            }
            cursor = (slot + 1, 0, 0)
        }
        return removed
    }

    private mutating func remove(_ slot: Int, _ infoHash: InfoHash) {
        slots[slot] = nil
        index[infoHash] = nil
        free.append(UInt32(slot))
    }
}
