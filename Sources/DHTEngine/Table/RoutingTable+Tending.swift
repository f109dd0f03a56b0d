import TorrentCore

// Who is asked whether it is still there, so that the table stays good.
extension RoutingTable {
    struct Care {
        /// Whom to ask now, with the bucket that it is in.
        var due: [(contact: DHTContact, bucket: Int)] = []
        /// When somebody will be due though nothing happens.
        var next = TableSecond.max
    }

    private struct Silent {
        let node: TableNode
        let bucket: Int
    }

    /// Those who failed once, then in turn spares for free places, and those who have been silent for long, the oldest
    /// first: whoever names many that nobody knows takes no more than half of the turns.
    func care(at now: TableSecond, most: Int) -> Care {
        var care = Care()
        var silent: [Silent] = []
        for (place, bucket) in buckets.enumerated() {
            for node in bucket.nodes {
                if node.failures > 0 {
                    care.due.append((node.contact, place))
                } else if node.isGood(at: now) {
                    care.next = min(care.next, node.lastSign + TableNode.goodFor)
                } else {
                    silent.append(Silent(node: node, bucket: place))
                }
            }
        }
        var waiting: [(contact: DHTContact, bucket: Int)] = []
        for (place, bucket) in buckets.enumerated() where hasRoom(place) {
            let spares = bucket.spares
            for node in spares[..<min(spares.count, capacity(place) - bucket.nodes.count)] {
                waiting.append((node.contact, place))
            }
        }
        silent.sort { $0.node.lastSign < $1.node.lastSign }
        for turn in 0..<max(waiting.count, silent.count) {
            if turn < waiting.count { care.due.append(waiting[turn]) }
            if turn < silent.count { care.due.append((silent[turn].node.contact, silent[turn].bucket)) }
        }
        if !care.due.isEmpty { care.next = now }
        if care.due.count > most { care.due.removeLast(care.due.count - most) }
        return care
    }

    /// The first bucket with free places in which nothing has changed for 15 minutes (BEP 5). The deepest are empty
    /// because nobody is there.
    func bucketToRefresh(at now: TableSecond) -> Int? {
        guard let deepest = buckets.lastIndex(where: { $0.nodes.count > 1 }) else { return nil }
        return (0...deepest).first { place in
            now &- buckets[place].changedAt >= TableNode.goodFor && hasRoom(place)
        }
    }

    /// What to remember: those who are good, the longest known first.
    func goodNodes(at now: TableSecond, most: Int) -> [DHTContact] {
        var good = buckets.flatMap { $0.nodes.filter { $0.isGood(at: now) } }
        good.sort { $0.provenAt != $1.provenAt ? $0.provenAt < $1.provenAt : $0.id < $1.id }
        return good.prefix(most).map(\.contact)
    }

    func goodCount(at now: TableSecond) -> Int {
        buckets.reduce(0) { $0 + $1.nodes.count { $0.isGood(at: now) } }
    }
}
