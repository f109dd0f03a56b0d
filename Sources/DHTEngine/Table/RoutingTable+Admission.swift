import TorrentCore

// Who gets into the table, who stays, and who goes (BEP 5).
extension RoutingTable {
    enum Admission: Equatable {
        case known, added, spare, refused
    }

    /// Remembered of the run before: it has a place, but has shown nothing yet.
    mutating func remembered(_ contact: DHTContact) {
        guard let place = place(of: contact.id) else { return }
        grow(to: place)
        guard hasRoom(place), node(contact) == nil, admits(contact) else { return }
        buckets[place].nodes.append(TableNode(contact))
    }

    /// It answered a question of ours, and its id fits. Who is there already keeps his place while he is good.
    mutating func answered(_ contact: DHTContact, at now: TableSecond) -> Admission {
        guard let place = place(of: contact.id) else { return .refused }
        grow(to: place)
        buckets[place].changedAt = now
        if let slot = buckets[place].nodes.firstIndex(where: { $0.id == contact.id }) {
            let known = buckets[place].nodes[slot]
            if known.endpoint != contact.endpoint {
                // It has moved, if it no longer answers where it was.
                guard !known.isGood(at: now), admits(contact, besides: known) else { return .refused }
                buckets[place].nodes[slot].endpoint = contact.endpoint
            }
            buckets[place].nodes[slot].answered(at: now)
            return .known
        }
        // Another id at the same place: it has begun anew.
        forget(at: contact.endpoint)
        guard admits(contact) else { return .refused }
        return add(contact, to: place, at: now)
    }

    private mutating func add(_ contact: DHTContact, to place: Int, at now: TableSecond) -> Admission {
        var node = TableNode(contact)
        node.answered(at: now)
        buckets[place].spares.removeAll { $0.id == contact.id }
        if hasRoom(place) {
            buckets[place].nodes.append(node)
            return .added
        }
        // Who was only remembered makes room for who is there.
        if let slot = buckets[place].nodes.firstIndex(where: { $0.isBad || !$0.isProven && $0.failures > 0 }) {
            buckets[place].nodes[slot] = node
            return .added
        }
        keepSpare(node, in: place)
        return .spare
    }

    /// Somebody asked us something. True if it is worth a question whether it answers, too.
    mutating func heard(_ contact: DHTContact, at now: TableSecond) -> Bool {
        guard let place = place(of: contact.id) else { return false }
        grow(to: place)
        if let slot = buckets[place].nodes.firstIndex(where: { $0.id == contact.id }) {
            guard buckets[place].nodes[slot].endpoint == contact.endpoint else { return false }
            buckets[place].nodes[slot].heardAt = now
            return false
        }
        guard !buckets[place].spares.contains(where: { $0.id == contact.id }), admits(contact) else { return false }
        if hasRoom(place) || buckets[place].spares.count < Self.sparesABucket {
            keepSpare(TableNode(contact), in: place)
        }
        return hasRoom(place)
    }

    /// Somebody named it. True if it waits now: there is a free place that it could have.
    mutating func suggested(_ contact: DHTContact) -> Bool {
        guard let place = place(of: contact.id) else { return false }
        grow(to: place)
        guard buckets[place].nodes.count + buckets[place].spares.count < capacity(place),
            buckets[place].spares.count < Self.sparesABucket,
            !buckets[place].nodes.contains(where: { $0.id == contact.id }),
            !buckets[place].spares.contains(where: { $0.id == contact.id }), admits(contact),
            isRare(contact, among: buckets[place].spares)
        else { return false }
        buckets[place].spares.append(TableNode(contact))
        return true
    }

    /// It has not answered.
    mutating func failed(_ contact: DHTContact) {
        guard let place = place(of: contact.id), place < buckets.count else { return }
        buckets[place].spares.removeAll { $0.id == contact.id && $0.endpoint == contact.endpoint }
        guard
            let slot = buckets[place].nodes.firstIndex(where: {
                $0.id == contact.id && $0.endpoint == contact.endpoint
            })
        else { return }
        buckets[place].nodes[slot].failures += 1
        guard buckets[place].nodes[slot].isBad else { return }
        buckets[place].nodes.remove(at: slot)
        promote(in: place)
    }

    /// It is not who it was said to be.
    mutating func drop(_ contact: DHTContact) {
        guard let place = place(of: contact.id), place < buckets.count else { return }
        buckets[place].spares.removeAll { $0.endpoint == contact.endpoint && $0.id == contact.id }
        let before = buckets[place].nodes.count
        buckets[place].nodes.removeAll { $0.endpoint == contact.endpoint && $0.id == contact.id }
        if buckets[place].nodes.count < before { promote(in: place) }
    }

    /// The spare that answered last takes the free place, unless its neighbours have come in meanwhile.
    private mutating func promote(in place: Int) {
        let proven = buckets[place].spares.indices.filter {
            buckets[place].spares[$0].isProven && admits(buckets[place].spares[$0].contact)
        }
        guard let best = proven.max(by: { buckets[place].spares[$0].answeredAt < buckets[place].spares[$1].answeredAt })
        else { return }
        buckets[place].nodes.append(buckets[place].spares.remove(at: best))
    }

    /// Who has answered pushes out who has not, then the oldest. Among those who wait a site has as many as it may have
    /// in the table.
    private mutating func keepSpare(_ node: TableNode, in place: Int) {
        if node.isProven, node.endpoint.address.scope == .world {
            buckets[place].spares.removeAll { !$0.isProven && $0.endpoint.address == node.endpoint.address }
        }
        guard isRare(node.contact, among: buckets[place].spares) else { return }
        if buckets[place].spares.count >= Self.sparesABucket {
            let weakest = buckets[place].spares.indices.min {
                buckets[place].spares[$0].answeredAt < buckets[place].spares[$1].answeredAt
            }
            guard let weakest, buckets[place].spares[weakest].answeredAt < node.answeredAt else { return }
            buckets[place].spares.remove(at: weakest)
        }
        buckets[place].spares.append(node)
    }

    private mutating func forget(at endpoint: Endpoint) {
        for place in buckets.indices {
            buckets[place].nodes.removeAll { $0.endpoint == endpoint }
            buckets[place].spares.removeAll { $0.endpoint == endpoint }
        }
    }

    private func isRare(_ contact: DHTContact, among nodes: [TableNode]) -> Bool {
        let address = contact.endpoint.address
        guard address.scope == .world else { return true }
        let site = address.neighbourhood
        return !nodes.contains { $0.endpoint.address == address }
            && nodes.count { site.contains($0.endpoint.address) } < Self.nodesASite
    }

    /// One node a public address, few a site. Within a network of one's own anything goes.
    func admits(_ contact: DHTContact, besides known: TableNode? = nil) -> Bool {
        let address = contact.endpoint.address
        guard address.scope == .world else { return true }
        let site = address.neighbourhood
        var neighbours = 0
        for bucket in buckets {
            for node in bucket.nodes where node.endpoint != known?.endpoint {
                if node.endpoint.address == address { return false }
                if site.contains(node.endpoint.address) { neighbours += 1 }
            }
        }
        return neighbours < Self.nodesASite
    }
}
