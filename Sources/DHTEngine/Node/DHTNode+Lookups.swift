import TorrentCore

// How lookups go on: the way through one is told in Architecture.md.
extension DHTNode {
    /// While nobody has answered yet, a lookup waits so long for nodes to come.
    static let hungerWhileJoining = Duration.seconds(10)

    mutating func begin(_ purpose: LookupPurpose, to target: NodeID) {
        let lookup = Lookup(walks.nextNumber(), target, for: purpose, rules, limits, at: now)
        for node in table.closest(to: target, count: Lookup.beginnings) where !node.isBad {
            lookup.begin(with: node.contact, isFamiliar: isFamiliar(node))
        }
        if joining.phase == .asking || joining.phase == .alone {
            for place in joining.places { lookup.begin(at: place) }
            lookup.progress.hungryUntil = now + Self.hungerWhileJoining
        }
        walks.begin(lookup)
        drive(lookup)
    }

    private func isFamiliar(_ node: TableNode) -> Bool {
        let last = max(node.answeredAt, node.heardAt)
        return last != 0 && second - last <= Asking.familiarFor
    }

    /// Asks whom it may ask now, and ends it if there is nobody left to wait for.
    mutating func drive(_ lookup: Lookup) {
        while !lookup.progress.isOver, let slot = lookup.nextToAsk(at: now) {
            guard !asking.questions.isFull, mayAsk(lookup.candidates[slot], for: lookup) else {
                walks.waits(lookup)
                break
            }
            ask(slot, of: lookup)
        }
        if !lookup.progress.isOver, lookup.isDone(at: now) { end(lookup) }
        if lookup.progress.isOver, !lookup.progress.isTold, now >= lookup.deadline { conclude(lookup) }
        if !lookup.progress.isOver { lookup.planDeadline(at: now) }
        if lookup.progress.isTold, lookup.open == 0 { walks.remove(lookup) }
    }

    private mutating func mayAsk(_ candidate: Candidate, for lookup: Lookup) -> Bool {
        candidate.isFamiliar || walks.mayPass(lookup) && asking.pace.take(at: now)
    }

    /// Those that waited ask one node each, in turn.
    mutating func takeTurns() {
        while !walks.waiting.isEmpty, asking.pace.allows(at: now), !asking.questions.isFull {
            guard let lookup = walks.nextInTurn() else { return }
            if let slot = lookup.nextToAsk(at: now) {
                if !lookup.candidates[slot].isFamiliar { _ = asking.pace.take(at: now) }
                ask(slot, of: lookup)
            }
            drive(lookup)
        }
    }

    /// While the node joins, nodes of both families are wanted (BEP 32).
    private mutating func ask(_ slot: Int, of lookup: Lookup) {
        let candidate = lookup.candidates[slot]
        let method: KRPCQuery.Method = lookup.purpose.infoHash.map { .getPeers($0) } ?? .findNode(lookup.target)
        ask(
            method, of: candidate.endpoint, id: candidate.id,
            for: .lookup(lookup.number, candidate: candidate.number),
            wantsBothFamilies: joining.phase != .settled && lookup.purpose == .join)
        lookup.asked(slot, asking.roundTrips.times(rules.patience), at: now)
    }

    // MARK: What comes back

    mutating func answered(
        _ lookup: Lookup, _ number: UInt16, _ response: KRPCResponse, _ nodes: [DHTContact], after took: Duration
    ) {
        lookup.open -= 1
        let found = found(response, of: lookup, number)
        guard let asked = lookup.slot(of: number), lookup.candidates[asked].state == .asked else {
            return drive(lookup)
        }
        let endpoint = lookup.candidates[asked].endpoint
        let contact = DHTContact(response.sender, endpoint)
        let slot = lookup.answered(asked, as: response.sender, fits: fits(contact), token: response.token)
        step(lookup, slot, .answered(after: took, nodes: nodes.count, peers: found))
        let hops = lookup.candidates[slot].hops
        let answer = lookup.trust.nextAnswer()
        lookup.named(
            nodes[...], by: answer, hops: hops < .max ? hops + 1 : hops,
            isFitting: lookup.candidates[slot].isFitting
        ) { named in
            named.id != identity.id && isUsable(named.endpoint, namedBy: endpoint.address)
        }
        suggest(nodes, by: endpoint.address)
        // It was slow, but is one of the closest all the same.
        if lookup.progress.isOver { announce(lookup) }
        drive(lookup)
    }

    /// Peers are of use at once.
    private mutating func found(_ response: KRPCResponse, of lookup: Lookup, _ number: UInt16) -> Int {
        let told = response.values
        let values = told[..<min(told.count, Lookup.peersAnAnswer)]
        guard let infoHash = lookup.purpose.infoHash, !values.isEmpty, let slot = lookup.slot(of: number) else {
            return 0
        }
        let address = lookup.candidates[slot].endpoint.address
        let announcement = lookup.purpose.announcement
        let usable = values.filter {
            isUsable($0, namedBy: address) && !isOurselves($0, announcement, seenAt: response.seenAt)
        }
        let new = lookup.peers.add(usable, most: limits.peersALookup, keeps: lookup.purpose.inquiry != nil)
        if !new.isEmpty, lookup.outcome.firstPeers == nil { lookup.outcome.firstPeers = now - lookup.beganAt }
        if !new.isEmpty, case .seek = lookup.purpose, seeking.contains(infoHash) {
            effects.append(.peersFound(infoHash, new, by: address))
        }
        return usable.count
    }

    /// What we have announced ourselves is no peer.
    private func isOurselves(_ peer: Endpoint, _ announcement: DHTAnnouncement?, seenAt: Endpoint?) -> Bool {
        guard let announcement else { return false }
        if announcement.impliesPort { return peer == seenAt }
        return peer.port == announcement.port
            && (peer.address == identity.address || peer.address == seenAt?.address)
    }

    /// Whoever was asked under a wrong name has said the right one: perhaps that one was refused before.
    mutating func isSomebodyElse(_ question: OpenQuestions.Question, _ contact: DHTContact) {
        guard case .lookup(let number, let candidate) = question.purpose, let lookup = walks[number],
            contact.id != identity.id, fits(contact), isUsable(contact.endpoint)
        else { return }
        lookup.isSomebodyElse(candidate, contact)
    }

    mutating func failed(
        _ lookup: Lookup, _ number: UInt16, _ question: OpenQuestions.Question, _ result: DHTStep.Result
    ) {
        lookup.open -= 1
        if let slot = lookup.slot(of: number), lookup.candidates[slot].askedAt == question.sentAt {
            step(lookup, slot, result)
            if lookup.candidates[slot].state == .asked { lookup.candidates[slot].isGone() }
        }
        drive(lookup)
    }

    // MARK: The end

    /// The closest have answered, or there is nobody left.
    private mutating func end(_ lookup: Lookup) {
        lookup.progress.isOver = true
        lookup.outcome.took = now - lookup.beganAt
        let closest = lookup.closest
        if closest.count >= rules.closest {
            joining.size.add(distance: closest[rules.closest - 1].distance(to: lookup.target), rank: rules.closest)
        }
        announce(lookup)
        if case .seek(let infoHash, _) = lookup.purpose {
            seeking.ended(
                infoHash, found: lookup.peers.count > 0, wasAnswered: lookup.outcome.answers > 0, at: now,
                using: &generator)
        }
        let isPatient = lookup.purpose.inquiry != nil && lookup.progress.announcing > 0
        lookup.deadline = isPatient ? now + asking.roundTrips.times(rules.patience).silent : now
    }

    /// Announces to the closest that have not been announced to.
    private mutating func announce(_ lookup: Lookup) {
        guard let announcement = lookup.purpose.announcement, let infoHash = lookup.purpose.infoHash else { return }
        for slot in lookup.announceSlots {
            let candidate = lookup.candidates[slot]
            guard let token = candidate.token, !asking.questions.isFull else { continue }
            lookup.candidates[slot].announced()
            lookup.open += 1
            lookup.progress.announcing += 1
            let method = KRPCQuery.Method.announcePeer(
                infoHash, port: announcement.port, impliesPort: announcement.impliesPort, token: token)
            ask(
                method, of: candidate.endpoint, id: candidate.id,
                for: .announce(lookup.number, candidate: candidate.number))
        }
    }

    mutating func announced(_ lookup: Lookup, _ number: UInt16, _ result: DHTStep.Result) {
        lookup.open -= 1
        lookup.progress.announcing -= 1
        if case .stored = result { lookup.outcome.stored += 1 }
        if let slot = lookup.slot(of: number) { step(lookup, slot, result) }
        if lookup.progress.announcing == 0, !lookup.progress.isTold { lookup.deadline = min(lookup.deadline, now) }
        drive(lookup)
    }

    /// Whoever wanted to know is told.
    private mutating func conclude(_ lookup: Lookup) {
        lookup.progress.isTold = true
        lookup.deadline = .distantFuture
        lookup.forgetFresh()
        if let inquiry = lookup.purpose.inquiry {
            let closest = lookup.closest
            lookup.outcome.closest = closest.compactMap(\.contact)
            lookup.outcome.hops = Int(closest.map(\.hops).max() ?? 0)
            lookup.outcome.peers = lookup.peers.kept
            lookup.outcome.took = now - lookup.beganAt
            effects.append(.ended(inquiry, lookup.outcome))
        }
        lookedUp(lookup)
    }

    private mutating func step(_ lookup: Lookup, _ slot: Int, _ result: DHTStep.Result) {
        guard let inquiry = lookup.purpose.inquiry, !lookup.progress.isTold else { return }
        let candidate = lookup.candidates[slot]
        effects.append(
            .step(
                inquiry,
                DHTStep(
                    id: candidate.id, endpoint: candidate.endpoint, hops: Int(candidate.hops),
                    isFitting: candidate.isFitting, result: result)))
    }
}
