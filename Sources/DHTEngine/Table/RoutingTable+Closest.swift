import TorrentCore

extension RoutingTable {
    /// The nodes nearest to a place, the nearest first.
    func closest(
        to target: NodeID, count: Int, where isWanted: (TableNode) -> Bool = { _ in true }
    ) -> [TableNode] {
        var nearest = NearestNodes(to: target, count: count)
        for group in groups(by: target) {
            for place in group { nearest.offer(buckets[place].nodes, where: isWanted) }
            // All others are farther than whoever is in this group or one before it.
            if nearest.isFull { break }
        }
        return nearest.nodes
    }

    /// The buckets, nearest first; those of one group may be mixed. Who shares more bits with the target than we do is
    /// in its own bucket; who shares as many as we do is in one of those behind; then come the ones before, one by one.
    private func groups(by target: NodeID) -> [Range<Int>] {
        let home = min(place(of: target) ?? buckets.count, buckets.count)
        var groups = home < buckets.count ? [home..<home + 1, home + 1..<buckets.count] : []
        for place in (0..<home).reversed() { groups.append(place..<place + 1) }
        return groups
    }

    /// Good nodes for an answer: those that whoever asks can use, or all.
    func closestGood(
        to target: NodeID, count: Int, at now: TableSecond, toldTo asker: IPAddress? = nil
    ) -> [DHTContact] {
        closest(to: target, count: count) {
            $0.isGood(at: now) && asker.map($0.contact.endpoint.address.means(somethingTo:)) ?? true
        }.map(\.contact)
    }
}

/// The few nearest of many nodes, sorted as they come.
private struct NearestNodes {
    private let target: NodeID
    private let capacity: Int
    private var distances: [Bytes20] = []
    private(set) var nodes: [TableNode] = []

    init(to target: NodeID, count: Int) {
        self.target = target
        capacity = count
        distances.reserveCapacity(count)
        nodes.reserveCapacity(count)
    }

    var isFull: Bool { nodes.count == capacity }

    mutating func offer(_ others: [TableNode], where isWanted: (TableNode) -> Bool) {
        for node in others {
            let distance = node.id.distance(to: target)
            if isFull, let last = distances.last, !(distance < last) { continue }
            guard capacity > 0, isWanted(node) else { continue }
            if isFull {
                distances.removeLast()
                nodes.removeLast()
            }
            var slot = nodes.count
            while slot > 0, distance < distances[slot - 1] { slot -= 1 }
            distances.insert(distance, at: slot)
            nodes.insert(node, at: slot)
        }
    }
}
