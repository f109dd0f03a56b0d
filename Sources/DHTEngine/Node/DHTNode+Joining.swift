import TorrentCore

// How a node finds others, at the beginning and when all are lost (BEP 5).
extension DHTNode {
    mutating func start() {
        guard joining.phase == .off else { return }
        joining.phase = .asking
        effects.append(.became(.joining))
        let knowsSomebody = table.buckets.contains { !$0.nodes.isEmpty } || !joining.places.isEmpty
        joining.retryAt = knowsSomebody ? now + Joining.patienceWithMemory : now
        if knowsSomebody { begin(.join, to: identity.id) }
    }

    mutating func stop() {
        guard isRunning else { return }
        for lookup in walks.all {
            guard let inquiry = lookup.purpose.inquiry, !lookup.progress.isTold else { continue }
            effects.append(.ended(inquiry, lookup.outcome))
        }
        for (id, _) in walks.queue { effects.append(.ended(id, DHTOutcome())) }
        walks.removeAll()
        // Nobody listens any more, so nobody is silent either.
        for question in asking.questions.takeAll() {
            guard case .ping(let inquiry) = question.purpose else { continue }
            pinged(inquiry, question, as: nil, .silent)
        }
        asking.isElsewhere()
        seeking.stopped(at: now)
        joining.phase = .off
        joining.retryAt = .distantFuture
        joining.lookAt = .distantFuture
        effects.append(.became(.off))
    }

    /// Some that might be nodes.
    mutating func named(_ endpoints: [Endpoint], by naming: DHTNaming) {
        for endpoint in endpoints.prefix(Joining.mostPlaces) where isUsable(endpoint) {
            if joining.phase == .filling || joining.phase == .settled {
                visit(endpoint, by: naming)
            } else {
                joining.named(endpoint, by: naming)
                for lookup in walks.all where !lookup.progress.isOver && lookup.outcome.answers == 0 {
                    lookup.begin(at: endpoint)
                    drive(lookup)
                }
            }
        }
        let isJoining = walks.all.contains { $0.purpose == .join && !$0.progress.isOver }
        if joining.phase == .asking || joining.phase == .alone, !isJoining, !joining.places.isEmpty {
            begin(.join, to: identity.id)
        }
    }

    /// We know others already: whoever was named is asked whether it is there, within the pace of newcomers.
    private mutating func visit(_ endpoint: Endpoint, by naming: DHTNaming) {
        if naming == .bootstrap { joining.named(endpoint, by: naming) }
        guard walks.waiting.isEmpty, !asking.questions.isFull, asking.pace.allows(at: now),
            asking.newcomers.take(at: now), asking.pace.take(at: now)
        else { return }
        ask(.findNode(identity.id), of: endpoint, id: nil, for: .care)
    }

    /// Any answer shows that there is a network.
    mutating func somebodyAnswered() {
        guard joining.phase == .asking || joining.phase == .alone else { return }
        joining.phase = .filling
        joining.retryAt = .distantFuture
        joining.nextBucket = 0
        joining.hasNews()
        careAt = min(careAt, now + Self.careIntervalWhileFilling)
        if !walks.all.contains(where: { $0.purpose == .join && !$0.progress.isOver }) {
            joining.lookAt = now
        }
        effects.append(.became(.ready(nodes: max(table.goodCount(at: second), 1))))
        seeking.hurryAll(at: now)
    }

    /// What is due of joining.
    mutating func keepJoining() {
        if joining.retryAt <= now { retry() }
        if joining.lookAt <= now { look() }
    }

    private mutating func retry() {
        joining.retryAt = now + joining.nextPause()
        effects.append(.wantsBootstrap)
        if joining.phase == .alone { effects.append(.became(.alone(retriesAt: joining.retryAt))) }
        let isJoining = walks.all.contains { $0.purpose == .join && !$0.progress.isOver }
        let knowsSomebody = table.buckets.contains { !$0.nodes.isEmpty } || !joining.places.isEmpty
        if !isJoining, knowsSomebody { begin(.join, to: identity.id) }
        if !isJoining, !knowsSomebody, joining.phase == .asking { becomeAlone() }
    }

    private mutating func becomeAlone() {
        joining.phase = .alone
        joining.lookAt = .distantFuture
        if joining.retryAt == .distantFuture { joining.retryAt = now + joining.nextPause() }
        effects.append(.became(.alone(retriesAt: joining.retryAt)))
    }

    /// Nobody answers any more.
    mutating func cutOff() {
        guard joining.phase == .filling || joining.phase == .settled else { return }
        becomeAlone()
    }

    /// A lookup of our own has ended.
    mutating func lookedUp(_ lookup: Lookup) {
        beginQueued()
        guard lookup.purpose == .join else { return }
        switch joining.phase {
        case .off, .alone: return
        case .asking: becomeAlone()
        case .filling:
            joining.lookAt = now
            effects.append(.became(.ready(nodes: max(table.goodCount(at: second), 1))))
        case .settled: return
        }
    }

    /// Fills the next bucket, or looks at our own neighbourhood.
    private mutating func look() {
        let isLooking = walks.all.contains { !$0.progress.isOver && ($0.purpose == .refresh || $0.purpose == .join) }
        guard !isLooking, walks.waiting.isEmpty else {
            joining.lookAt = now + Joining.fillingPause
            return
        }
        if joining.phase == .settled {
            keepUp()
        } else if let bucket = nextToFill() {
            joining.nextBucket = bucket + 1
            joining.lookAt = now + Joining.fillingPause
            begin(.refresh, to: table.randomPlace(in: bucket, using: &generator))
        } else {
            joining.phase = .settled
            joining.lookAt = now + neighbourhoodPause()
        }
    }

    private func nextToFill() -> Int? {
        guard let deepest = table.buckets.lastIndex(where: { $0.nodes.count > 1 }),
            joining.nextBucket <= deepest
        else { return nil }
        return (joining.nextBucket...deepest).first { table.hasRoom($0) }
    }

    /// Buckets in which nothing happens, then where we are ourselves.
    private mutating func keepUp() {
        if let bucket = table.bucketToRefresh(at: second) {
            table.buckets[bucket].changedAt = second
            joining.lookAt = now + Joining.keepingPause
            begin(.refresh, to: table.randomPlace(in: bucket, using: &generator))
        } else {
            joining.lookAt = now + neighbourhoodPause()
            begin(.join, to: identity.id)
        }
    }

    private mutating func neighbourhoodPause() -> Duration {
        Joining.neighbourhoodInterval * Double.random(in: 0.9...1.1, using: &generator)
    }

    // MARK: Another network

    mutating func networkChanged() {
        guard isRunning, joining.isWorthJoiningAnew(at: now) else { return }
        asking.isElsewhere()
        identity.votes.isElsewhere()
        joining.hasNews()
        joining.phase = .asking
        joining.lookAt = .distantFuture
        joining.retryAt = now + Joining.patienceWithMemory
        effects.append(.became(.joining))
        seeking.hurryAll(at: now)
        // One that has asked everybody in vain would not ask them again.
        for lookup in walks.all where lookup.purpose == .join { giveUp(lookup) }
        begin(.join, to: identity.id)
    }

    /// What another node says of the address that it sees us at.
    mutating func vote(_ seenAt: Endpoint?, by voter: Endpoint, _ question: OpenQuestions.Question) {
        guard let seenAt else { return }
        let place: NodeID? =
            switch question.purpose {
            case .lookup(let number, _), .announce(let number, _): walks[number]?.target
            case .ping, .care: nil
            }
        let winner = identity.votes.vote(
            for: seenAt.address, by: voter.address, near: place, current: identity.address, at: now)
        guard let winner else { return }
        moved(to: winner)
        effects.append(.externalAddress(winner))
    }

    /// Somebody else says so, who may be one peer alone: better than nothing, until nodes have agreed.
    mutating func told(of address: IPAddress) {
        if identity.address == nil { moved(to: address) }
    }

    /// Others see us at this address: our id has to fit it.
    private mutating func moved(to address: IPAddress) {
        guard identity.moved(to: address, using: &generator) else { return }
        table.renamed(identity.id, at: second)
        if joining.phase == .filling || joining.phase == .settled {
            joining.phase = .filling
            joining.nextBucket = 0
            begin(.join, to: identity.id)
        }
    }
}
