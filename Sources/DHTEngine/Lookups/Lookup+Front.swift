import TorrentCore

// Whom to ask next, and when it is over (BEP 5).
extension Lookup {
    /// The next one to ask now, if anybody: the nearest few that have not answered are in flight, whatever flies behind
    /// them, and nobody is asked who lies behind enough that have answered.
    func nextToAsk(at now: Moment) -> Int? {
        guard !progress.isOver else { return nil }
        var busy = 0
        var answered = 0
        let isAnyOnTime = candidates.contains { $0.isOnTime(at: now) }
        for (slot, candidate) in candidates.enumerated() {
            switch candidate.state {
            case .answered:
                if candidate.isFitting { answered += 1 }
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
        for candidate in candidates where candidate.isFitting {
            switch candidate.state {
            case .answered:
                answered += 1
                if answered >= wanted { return true }
            case .fresh: return false
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
        for candidate in candidates where candidate.state == .answered && candidate.isFitting {
            closest.append(candidate)
            if closest.count >= wanted { break }
        }
        return closest
    }

    /// Who is to be announced to and has not been: the closest, and those among them whose id does not fit (BEP 42).
    var announceSlots: [Int] {
        var slots: [Int] = []
        var fitting = 0
        for (slot, candidate) in candidates.enumerated() where candidate.state == .answered {
            if candidate.token != nil, !candidate.isAnnounced { slots.append(slot) }
            if candidate.isFitting { fitting += 1 }
            if fitting >= wanted { break }
        }
        return slots
    }
}
