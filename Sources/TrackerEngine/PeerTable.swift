import TorrentCore

/// The peers of one swarm and family: seeders in front, leechers behind, so that a seeder is given leechers alone.
///
/// Small tables are searched; larger ones keep an index. All else in the tracker sees `upsert`, `remove`, `window`,
/// `expire` and the counts, so the way it is stored can change.
struct PeerTable<Address: PeerAddress>: Sendable {
    typealias Entry = PeerEntry<Address>

    // entries[..<seeders] are seeders, the rest are leechers.
    private(set) var entries: [Entry] = []
    private(set) var seeders = 0
    /// Peers on the tracker's own machine.
    private(set) var onLoopback = 0
    // Holds every position once the table has grown past `indexedFrom`, and nothing below `unindexedBelow`.
    private var index: [Entry.Key: UInt32] = [:]

    private static var indexedFrom: Int { 24 }
    private static var unindexedBelow: Int { 12 }

    var count: Int { entries.count }
    var leechers: Int { entries.count - seeders }

    /// What became of an upsert.
    struct Change {
        var isNew: Bool
        var position: Int
    }

    /// Notes that a peer has been heard.
    mutating func upsert(_ key: Entry.Key, isSeeder: Bool, at minute: Minute) -> Change {
        if let position = position(of: key) {
            entries[position].minute = minute
            return Change(isNew: false, position: place(position, amongSeeders: isSeeder))
        }
        entries.append(Entry(key, at: minute))
        if key.address.address.isLoopback { onLoopback += 1 }
        let position = entries.count - 1
        if !index.isEmpty {
            index[key] = UInt32(position)
        } else if entries.count > Self.indexedFrom {
            buildIndex()
        }
        return Change(isNew: true, position: place(position, amongSeeders: isSeeder))
    }

    func contains(_ key: Entry.Key) -> Bool { position(of: key) != nil }

    /// True if the peer's download had not been counted before.
    mutating func countDownload(at position: Int) -> Bool {
        defer { entries[position].isCounted = true }
        return !entries[position].isCounted
    }

    /// True if it was there.
    mutating func remove(_ key: Entry.Key) -> Bool {
        guard let position = position(of: key) else { return false }
        remove(at: position)
        return true
    }

    /// Removes those of the `budget` entries from `position` on that were not heard for more than `lifetime` minutes;
    /// how many, how many were looked at, and where to go on.
    mutating func expire(
        from position: Int, budget: Int, now: Minute, lifetime: Int
    ) -> (removed: Int, examined: Int, next: Int) {
        var (at, removed, examined) = (position, 0, 0)
        while at < entries.count, examined < budget {
            examined += 1
            if now.since(entries[at].minute) > lifetime {
                // Removing a seeder moves another seeder and a leecher that was not looked at yet; both come up.
                remove(at: at)
                removed += 1
            } else {
                at += 1
            }
        }
        if removed > 0 { shrink() }
        return (removed, examined, at)
    }

    /// Calls `body` with up to `count` entries in a row, from a place picked with `chance` on and round about, until it
    /// has taken `wanted` of them; leechers alone if so told.
    func window(
        wanted: Int, leechersOnly: Bool, chance: UInt64, _ body: (Entry) -> Bool
    ) {
        let lower = leechersOnly ? seeders : 0
        let size = entries.count - lower
        guard size > 0, wanted > 0 else { return }
        var offset = Int(truncatingIfNeeded: chance.multipliedFullWidth(by: UInt64(size)).high)
        // Where most peers cannot be given to this asker, the search ends all the same.
        var left = min(size, wanted * 4 + 64)
        var taken = 0
        while left > 0, taken < wanted {
            if body(entries[lower + offset]) { taken += 1 }
            offset += 1
            if offset == size { offset = 0 }
            left -= 1
        }
    }

    // MARK: Order

    private func position(of key: Entry.Key) -> Int? {
        if !index.isEmpty { return index[key].map(Int.init) }
        return entries.firstIndex { $0.address == key.address && $0.port == key.port }
    }

    /// Moves an entry over the border between seeders and leechers if it stands on the wrong side.
    private mutating func place(_ position: Int, amongSeeders: Bool) -> Int {
        guard (position < seeders) != amongSeeders else { return position }
        if amongSeeders {
            swap(position, seeders)
            seeders += 1
            return seeders - 1
        }
        seeders -= 1
        swap(position, seeders)
        return seeders
    }

    private mutating func swap(_ left: Int, _ right: Int) {
        guard left != right else { return }
        entries.swapAt(left, right)
        guard !index.isEmpty else { return }
        index[entries[left].key] = UInt32(left)
        index[entries[right].key] = UInt32(right)
    }

    private mutating func remove(at position: Int) {
        // To the end of its side first, then, a seeder, over the border; what stood at the end fills the hole.
        let position = place(position, amongSeeders: false)
        let last = entries.count - 1
        swap(position, last)
        let key = entries[last].key
        entries.removeLast()
        if !index.isEmpty { index[key] = nil }
        if key.address.address.isLoopback { onLoopback -= 1 }
        if entries.count < Self.unindexedBelow { index = [:] }
    }

    private mutating func buildIndex() {
        index.reserveCapacity(entries.count * 2)
        for (position, entry) in entries.enumerated() { index[entry.key] = UInt32(position) }
    }

    /// Gives memory back when most peers have gone.
    private mutating func shrink() {
        guard entries.capacity > 64, entries.count < entries.capacity / 4 else { return }
        entries = Array(entries[...])
        if !index.isEmpty {
            index = [:]
            buildIndex()
        }
    }
}
