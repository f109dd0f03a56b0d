import TorrentCore

// Who comes into the table, and who is asked whether he is still there.
extension DHTNode {
    /// Nodes that are asked at once, and how long after the ones before.
    static let caredForAtOnce = 8
    static let careInterval = Duration.seconds(8)
    static let careIntervalWhileFilling = Duration.seconds(2)
    static let careIntervalWhileAlone = Duration.seconds(60)
    /// Of one answer no more may wait for a place in one bucket: they may be invented.
    static let suggestionsABucket = 4

    /// Whether an id may be at an address (BEP 42).
    func fits(_ contact: DHTContact) -> Bool { !rules.checksIDs || contact.id.fits(contact.endpoint.address) }

    /// Whether a node could be there, as far as its name and address tell.
    func isWorthKeeping(_ contact: DHTContact) -> Bool {
        contact.id != identity.id && fits(contact) && isUsable(contact.endpoint)
    }

    func isUsable(_ endpoint: Endpoint) -> Bool {
        endpoint.port != 0 && endpoint.address.isV4 == configuration.isV4 && endpoint.address.scope != .unusable
    }

    /// The same of what somebody says: he who is far away knows nothing of our own network.
    func isUsable(_ endpoint: Endpoint, namedBy address: IPAddress) -> Bool {
        isUsable(endpoint) && isPlausible(endpoint.address, namedBy: address)
    }

    func isPlausible(_ named: IPAddress, namedBy address: IPAddress) -> Bool {
        switch named.scope {
        case .unusable: false
        case .loopback: address.scope == .loopback
        case .link, .site: address.scope != .world
        case .world: true
        }
    }

    /// It has answered us.
    mutating func prove(_ contact: DHTContact) {
        guard isWorthKeeping(contact), table.answered(contact, at: second) == .added else { return }
        tendSoon()
        // A lookup that began with nobody goes on with whoever comes.
        for lookup in walks.all where !lookup.progress.isOver && lookup.candidates.count < rules.closest {
            lookup.begin(with: contact, isFamiliar: true)
            drive(lookup)
        }
    }

    /// It has asked us something: perhaps it answers, too. It is asked back, but not more often than we like, and not
    /// at all if it says that it answers nobody (BEP 43).
    mutating func heard(from contact: DHTContact, isReadOnly: Bool) {
        guard !isReadOnly, isWorthKeeping(contact), table.heard(contact, at: second) else { return }
        tendSoon()
        guard asking.newcomers.allows(at: now), asking.pace.allows(at: now), !asking.questions.isFull else { return }
        guard walks.waiting.isEmpty, asking.newcomers.take(at: now) else { return }
        ask(.ping, of: contact.endpoint, id: contact.id, for: .care)
    }

    /// Somebody named these: they wait for a free place, and for a question whether they are there.
    mutating func suggest(_ contacts: [DHTContact], by address: IPAddress) {
        var taken: [Int: Int] = [:]
        for contact in contacts.prefix(Lookup.nodesAnAnswer)
        where isWorthKeeping(contact) && isUsable(contact.endpoint, namedBy: address) {
            let bucket = table.place(of: contact.id) ?? 0
            guard taken[bucket, default: 0] < Self.suggestionsABucket, table.suggested(contact) else { continue }
            taken[bucket, default: 0] += 1
            tendSoon()
        }
    }

    /// Where few are asked, one who is gone looks like a network that is gone: somebody good is asked as well. If he
    /// answers, the silence of the other is the other's.
    private mutating func askWitness() {
        let good = table.goodNodes(at: second, most: Self.mostRemembered)
        guard let witness = good.randomElement(using: &generator), !asking.questions.isFull,
            asking.pace.take(at: now)
        else { return }
        ask(.ping, of: witness.endpoint, id: witness.id, for: .care)
    }

    var tendingInterval: Duration {
        switch joining.phase {
        case .settled: Self.careInterval
        case .alone: Self.careIntervalWhileAlone
        case .off, .asking, .filling: Self.careIntervalWhileFilling
        }
    }

    mutating func tendSoon() { careAt = min(careAt, now + tendingInterval) }

    /// Asks some of those of whom we have not heard for long. What somebody waits for goes before.
    mutating func tend() {
        guard walks.waiting.isEmpty else {
            careAt = now + tendingInterval
            return
        }
        let care = table.care(at: second, most: Self.caredForAtOnce)
        for (contact, bucket) in care.due where asking.pace.left(at: now) > limits.newAddressesAtOnce / 2 {
            guard !asking.questions.isFull, asking.pace.take(at: now) else { break }
            if table.hasRoom(bucket) {
                let place = table.randomPlace(in: bucket, using: &generator)
                ask(.findNode(place), of: contact.endpoint, id: contact.id, for: .care)
            } else {
                ask(.ping, of: contact.endpoint, id: contact.id, for: .care)
            }
        }
        if !care.due.isEmpty, asking.needsWitness { askWitness() }
        careAt = care.due.isEmpty ? max(moment(of: care.next), now + tendingInterval) : now + tendingInterval
    }
}
