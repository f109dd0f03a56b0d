import ByteStrings
package import TorrentCore

/// A catalogue's entries at one moment, and an order of them. Searching takes no lock.
package struct CatalogueView: Sendable {
    /// In the order of their numbers.
    let entries: [Catalogue.Entry]
    /// As those of the catalogue.
    package let changes: Int
    let order: CatalogueOrder

    package init(_ entries: [Catalogue.Entry], changes: Int, _ order: CatalogueOrder) {
        self.entries = entries
        self.changes = changes
        self.order = order
    }

    /// The entries that `query` asks for, and how many match on all pages together.
    package func page(_ query: CatalogueQuery) -> (entries: [Catalogue.Entry], total: Int) {
        let positions = matching(query)
        let start = min(max(0, query.offset), positions.count)
        let end = start + min(max(0, query.limit), positions.count - start)
        let page =
            query.isReversed
            ? positions[positions.count - end..<positions.count - start].reversed() : Array(positions[start..<end])
        return (page.map { entries[Int($0)] }, positions.count)
    }

    private func matching(_ query: CatalogueQuery) -> [Int32] {
        let text = CatalogueTorrent.folded(query.text.bytes)
        let words = query.words.map(CatalogueTorrent.folded)
        guard !words.isEmpty else { return order.positions }
        return order.positions.filter { position in
            let torrent = entries[Int(position)].torrent
            return torrent.hex.starts(with: text) || words.allSatisfy { torrent.foldedName.holds($0) }
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
