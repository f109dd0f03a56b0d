package import TorrentCore

// What others are told of the node.
extension DHTNode {
    /// The good nodes of the table that are closest to a place, eight at the most.
    package func closest(to place: NodeID) -> [DHTContact] { table.closestGood(to: place, count: 8, at: second) }

    /// What to keep for the next run: who is good, then who may be. If nobody ever answered, what was known before.
    package func memory(at now: Moment) -> DHTMemory {
        guard asking.wasAnswered else {
            return DHTMemory(id: identity.id, contacts: configuration.memory.contacts)
        }
        let second = second(of: now)
        var contacts = table.goodNodes(at: second, most: Self.mostRemembered)
        for bucket in table.buckets {
            for node in bucket.nodes where !node.isGood(at: second) && contacts.count < Self.mostRemembered {
                contacts.append(node.contact)
            }
        }
        return DHTMemory(id: identity.id, contacts: contacts)
    }

    /// How the node is doing.
    package func figures(at now: Moment) -> DHTFigures {
        let second = second(of: now)
        var figures = DHTFigures(id: identity.id)
        figures.nodes = table.count
        figures.goodNodes = table.goodCount(at: second)
        figures.spareNodes = table.spareCount
        figures.state =
            switch joining.phase {
            case .off: .off
            case .asking: .joining
            case .alone: .alone(retriesAt: joining.retryAt)
            case .filling, .settled: .ready(nodes: figures.goodNodes)
            }
        figures.sought = seeking.count
        figures.lookups = walks.active
        figures.waiting = seeking.waiting(at: now) + walks.queue.count
        figures.kept = answering.kept
        figures.traffic = traffic
        figures.roundTrip = asking.roundTrips.median
        figures.estimatedNodes = joining.size.nodes
        return figures
    }
}
