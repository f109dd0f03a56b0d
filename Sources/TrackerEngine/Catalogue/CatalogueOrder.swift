package import TorrentCore

/// An order of a catalogue's entries. It stands until something comes or goes, so that a page of a list costs no
/// sorting.
package struct CatalogueOrder: Sendable {
    /// Places of entries in the catalogue; of equals the newest comes first.
    let positions: [Int32]

    /// `counts` has one for each entry, where the order needs them.
    package init(_ entries: [Catalogue.Entry], by key: CatalogueQuery.Key, _ counts: [ScrapeCounts] = []) {
        let newestFirst = (0..<Int32(entries.count)).reversed()
        guard key != .number else {
            positions = Array(newestFirst)
            return
        }
        var places = newestFirst.map { position in
            Place(rank: Self.rank(entries[Int(position)], key, counts, Int(position)), position: position)
        }
        places.sort { left, right in
            if left.rank != right.rank { return left.rank < right.rank }
            if key == .name {
                let (name, other) = (entries[Int(left.position)].nameWords, entries[Int(right.position)].nameWords)
                if let differing = zip(name, other).first(where: { $0 != $1 }) { return differing.0 < differing.1 }
                if name.count != other.count { return name.count < other.count }
            }
            return left.position > right.position
        }
        positions = places.map(\.position)
    }

    /// What is compared first stands beside the position, since the entries are all over the memory.
    private struct Place {
        let rank: Int64
        let position: Int32
    }

    /// What is lower comes first. Of a name it is the beginning; of what begins with the largest, the complement.
    private static func rank(
        _ entry: Catalogue.Entry, _ key: CatalogueQuery.Key, _ counts: [ScrapeCounts], _ position: Int
    ) -> Int64 {
        switch key {
        case .name: return Int64(bitPattern: (entry.nameWords.first ?? 0) ^ 1 << 63)
        case .number: return ~Int64(entry.number)
        case .age: return ~entry.added
        case .size: return ~entry.torrent.length
        case .seeders: return ~Int64(counts[position].complete)
        case .leechers: return ~Int64(counts[position].incomplete)
        case .downloads: return ~Int64(counts[position].downloaded)
        }
    }
}

extension Catalogue.Entry {
    fileprivate var nameWords: [UInt64] { torrent.nameWords }
}

extension CatalogueQuery.Key {
    /// Lists in this order depend on the swarms, and not on the catalogue alone.
    package var isOfCounts: Bool { self == .seeders || self == .leechers || self == .downloads }
}

/// The orders that lists were asked for in lately.
package struct CatalogueOrders: Sendable {
    private var kept: [CatalogueQuery.Key: (order: CatalogueOrder, changes: Int, end: Moment)] = [:]

    /// How long an order by counts stands, although they change all the time.
    private static let lifeOfCounts = Duration.seconds(1)

    package init() {}

    /// Nil if it has to be made anew.
    package func order(by key: CatalogueQuery.Key, changes: Int, at now: Moment) -> CatalogueOrder? {
        guard let known = kept[key], known.changes == changes, now < known.end else { return nil }
        return known.order
    }

    /// Keeps what was made of entries at `now`, after so many `changes`.
    package mutating func keep(_ order: CatalogueOrder, by key: CatalogueQuery.Key, changes: Int, at now: Moment) {
        kept[key] = (order, changes, key.isOfCounts ? now + Self.lifeOfCounts : .distantFuture)
    }
}
