import ByteStrings
package import TorrentCore

/// A part of a catalogue that lists are made of, and the swarms' counts of that moment. Searching and sorting take no
/// lock.
package struct CatalogueView: Sendable {
    /// In the order of their numbers.
    package let entries: [Catalogue.Entry]
    /// As those of the catalogue.
    package let changes: Int
    /// One for each entry; empty if the order does not ask for them.
    let counts: [ScrapeCounts]

    /// The entries that `query` asks for, and how many match on all pages together.
    package func page(_ query: CatalogueQuery) -> (entries: [Catalogue.Entry], total: Int) {
        let positions = sorted(matching(query), query)
        let start = min(max(0, query.offset), positions.count)
        let end = start + min(max(0, query.limit), positions.count - start)
        return (positions[start..<end].map { entries[$0] }, positions.count)
    }

    private func matching(_ query: CatalogueQuery) -> [Int] {
        let text = CatalogueTorrent.folded(query.text.bytes)
        let words = text.split(separator: UInt8(ascii: " ")).map { Array($0) }
        guard !words.isEmpty else { return Array(entries.indices) }
        return entries.indices.filter { position in
            let torrent = entries[position].torrent
            return torrent.hex.starts(with: text) || words.allSatisfy { torrent.foldedName.holds($0) }
        }
    }

    /// The newest first, so that of equals the newest comes first in every order.
    private func sorted(_ positions: [Int], _ query: CatalogueQuery) -> [Int] {
        var positions = Array(positions.reversed())
        switch query.key {
        case .number: break
        case .age: sort(&positions) { entries[$0].added > entries[$1].added }
        case .name: sort(&positions) { Self.precedes(entries[$0].torrent, entries[$1].torrent) }
        case .size: sort(&positions) { entries[$0].torrent.length > entries[$1].torrent.length }
        case .seeders: sort(&positions) { counts[$0].complete > counts[$1].complete }
        case .leechers: sort(&positions) { counts[$0].incomplete > counts[$1].incomplete }
        case .downloads: sort(&positions) { counts[$0].downloaded > counts[$1].downloaded }
        }
        return query.isReversed ? positions.reversed() : positions
    }

    private static func precedes(_ left: CatalogueTorrent, _ right: CatalogueTorrent) -> Bool {
        left.foldedName.lexicographicallyPrecedes(right.foldedName)
    }

    /// Equal ones keep their order.
    private func sort(_ positions: inout [Int], by precedes: (Int, Int) -> Bool) {
        positions.sort { left, right in
            if precedes(left, right) { return true }
            return left > right && !precedes(right, left)
        }
    }
}

extension [UInt8] {
    /// Whether `word`, which is not empty, stands somewhere in it.
    fileprivate func holds(_ word: [UInt8]) -> Bool {
        guard count >= word.count else { return false }
        return (0...count - word.count).contains { start in
            self[start] == word[0] && self[start..<start + word.count].elementsEqual(word)
        }
    }
}
