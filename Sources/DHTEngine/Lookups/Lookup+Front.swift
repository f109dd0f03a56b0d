import TorrentCore

// Whom to ask next, and when it is over (BEP 5).
extension Lookup {
    /// The next one to ask now, if anybody: the nearest few that have not answered are in flight, whatever flies behind
    /// them, and nobody is asked who lies behind enough that have answered.
    func nextToAsk(at now: Moment) -> Int? {
        guard !progress.isOver else { return nil }
        var busy = 0
        var answered = 0
        let isAnyOnTime = candidates.contains { $0.isFitting && $0.isOnTime(at: now) }
        for (slot, candidate) in candidates.enumerated() {
            switch candidate.state {
            case .answered:
                if candidate.isFitting, !isOneTooMany(slot) { answered += 1 }
                if answered >= wanted { return nil }
            case .asked:
                if !candidate.isFitting { continue }
                if candidate.isOnTime(at: now) {
                    busy += 1
                    if busy >= window { return nil }
                } else if now >= candidate.isSilentFrom, isWorthRepeating(candidate) {
                    return slot
                }
            case .fresh:
                if isOneTooMany(slot) { continue }
                if !candidate.isFitting {
                    if trust.unfittingAsked < rules.unfittingAsked { return slot }
                } else if !isAnyOnTime || trust.mayAsk(candidate, most: rules.unprovenAnAnswer) {
                    return slot
                }
            case .gone: continue
            }
        }
        return nil
    }

    /// Where it all begins is worth more than one question, while nothing else answers.
    private func isWorthRepeating(_ candidate: Candidate) -> Bool {
        !candidate.isNamed && outcome.answers == 0 && Int(candidate.tries) < Self.triesToBegin
    }

    /// Whether the closest have answered, or there is nobody left to wait for. Who does not fit holds up nothing.
    func isDone(at now: Moment) -> Bool {
        var answered = 0
        for (slot, candidate) in candidates.enumerated() where candidate.isFitting {
            switch candidate.state {
            case .answered:
                if !isOneTooMany(slot) { answered += 1 }
                if answered >= wanted { return true }
            case .fresh: if !isOneTooMany(slot) { return false }
            case .asked:
                if now < candidate.isSilentFrom || isWorthRepeating(candidate) { return false }
            case .gone: continue
            }
        }
        return now >= progress.hungryUntil || answered > 0
    }

    /// Finds out when something changes by itself.
    func planDeadline(at now: Moment) {
        deadline = .distantFuture
        guard !progress.isOver else { return }
        for candidate in candidates where candidate.state == .asked && candidate.isFitting {
            if candidate.isOnTime(at: now) {
                deadline = min(deadline, candidate.slotOpens)
            } else if now < candidate.isSilentFrom {
                deadline = min(deadline, candidate.isSilentFrom)
            }
        }
        // With nobody to wait for it waits for somebody to come.
        if deadline == .distantFuture, now < progress.hungryUntil { deadline = progress.hungryUntil }
    }

    /// The closest that have answered and whose id fits, the nearest first.
    var closest: [Candidate] {
        var closest: [Candidate] = []
        for (slot, candidate) in candidates.enumerated()
        where candidate.state == .answered && candidate.isFitting && !isOneTooMany(slot) {
            closest.append(candidate)
            if closest.count >= wanted { break }
        }
        return closest
    }

    /// Who is to be announced to and has not been: the closest, and those among them whose id does not fit (BEP 42).
    var announceSlots: [Int] {
        var slots: [Int] = []
        var fitting = 0
        for (slot, candidate) in candidates.enumerated() where candidate.state == .answered && !isOneTooMany(slot) {
            if candidate.token != nil, !candidate.isAnnounced { slots.append(slot) }
            if candidate.isFitting { fitting += 1 }
            if fitting >= wanted { break }
        }
        return slots
    }

    /// An id that fits near the target (BEP 42) fits at each port of its address, which would take all places alone: of
    /// one address so many count, the nearest that have answered. More of them are not asked.
    private func isOneTooMany(_ slot: Int) -> Bool {
        let address = candidates[slot].endpoint.address
        guard address.scope == .world, candidates[slot].isFitting else { return false }
        let isAnswered = candidates[slot].state == .answered
        var others = 0
        for (place, other) in candidates.enumerated() where other.state == .answered && other.isFitting {
            if isAnswered, place >= slot { return false }
            guard other.endpoint.address.customer == address.customer else { continue }
            others += 1
            if others >= Self.placesAnAddress { return true }
        }
        return false
    }

    /// See `isOneTooMany`.
    private static let placesAnAddress = 2
}
