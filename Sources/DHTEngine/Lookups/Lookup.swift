import TorrentCore

/// One walk to the nodes that are closest to a place. It decides whom to ask and when it is over; who owns it sends.
final class Lookup {
    /// Nodes of the table that it begins with.
    static let beginnings = 64
    /// Somewhere to begin is asked so often, if it does not answer: so much hangs on it.
    static let triesToBegin = 4
    /// Nodes that are taken of one answer: the usual number is eight.
    static let nodesAnAnswer = 16
    /// Peers that are taken of one answer: a datagram of the usual length holds about as many.
    static let peersAnAnswer = 100
    /// Whoever names a good node wrongly, before anybody names it rightly, keeps no other name of it out: so many
    /// addresses an id may have that have not failed, and so many ids an address.
    static let namesAtOnce = 3
    /// The same with those that have failed.
    static let namesInAll = 6

    let number: Int
    let target: NodeID
    let purpose: LookupPurpose
    let beganAt: Moment
    let rules: DHTRules
    let limits: DHTLimits
    /// The nearest first.
    var candidates: [Candidate] = []
    var trust = LookupTrust()
    var outcome = DHTOutcome()
    var peers = FoundPeers()
    /// When something in it changes though nobody says anything.
    var deadline = Moment.distantFuture
    /// Questions that are neither answered nor forgotten.
    var open = 0
    var progress = Progress()

    /// Where a lookup stands besides its candidates.
    struct Progress {
        var lastNumber: UInt16 = 0
        /// The closest have answered, or there is nobody left.
        var isOver = false
        /// Whoever wanted to know has been told.
        var isTold = false
        /// Announces that nobody has answered yet.
        var announcing = 0
        /// It waits for its turn to ask somebody.
        var isWaiting = false
        /// Until then it does not end for want of nodes: there may be some soon.
        var hungryUntil = Moment.zero
    }

    init(
        _ number: Int, _ target: NodeID, for purpose: LookupPurpose, _ rules: DHTRules, _ limits: DHTLimits,
        at now: Moment
    ) {
        self.number = number
        self.target = target
        self.purpose = purpose
        self.rules = rules
        self.limits = limits
        beganAt = now
        candidates.reserveCapacity(limits.nodesALookup)
    }

    /// How many of the closest have to answer, and are announced to.
    var wanted: Int { trust.isAlarmed ? max(rules.closest, rules.closestInAlarm) : rules.closest }

    /// At first more are asked at once, since nobody knows who is there.
    var window: Int {
        if outcome.answers > 0 { return rules.inFlight }
        return purpose == .join ? max(rules.inFlightAtFirst, Self.joiningAtOnce) : rules.inFlightAtFirst
    }

    /// Most of what is remembered may be dead.
    static let joiningAtOnce = 16

    // MARK: Who is known

    /// Of our own table: it has proven itself, or has been remembered.
    func begin(with contact: DHTContact, isFamiliar: Bool) {
        insert(contact, hops: 1, isFitting: true, isFamiliar: isFamiliar, namedBy: nil)
    }

    /// Somewhere to begin, of which only the address is known.
    func begin(at endpoint: Endpoint) {
        guard candidates.count < limits.nodesALookup, !candidates.contains(where: { $0.endpoint == endpoint }) else {
            return
        }
        candidates.append(Candidate(nextNumber(), nil, endpoint, hops: 1, isFitting: true))
    }

    /// Takes the nodes that one answer names. Of somebody whose own id does not fit nothing else is expected than that
    /// he names others like him: that is no cause for alarm.
    func named(
        _ contacts: ArraySlice<DHTContact>, by answer: Int, hops: UInt8, isFitting answererFits: Bool,
        isPlausible: (DHTContact) -> Bool
    ) {
        var refused = 0
        for contact in contacts.prefix(Self.nodesAnAnswer) {
            let isFitting = !rules.checksIDs || contact.id.fits(contact.endpoint.address)
            guard isPlausible(contact) else {
                refused += 1
                continue
            }
            if !isFitting { refused += 1 }
            insert(contact, hops: hops, isFitting: isFitting, isFamiliar: false, namedBy: answer)
        }
        if answererFits { trust.answered(naming: min(contacts.count, Self.nodesAnAnswer), refused: refused) }
    }

    private func insert(
        _ contact: DHTContact, hops: UInt8, isFitting: Bool, isFamiliar: Bool, namedBy answer: Int?
    ) {
        let distance = contact.id.distance(to: target)
        let slot = position(of: distance)
        guard isNew(contact, at: slot, namedBy: answer), isFitting || hasRoomForUnfitting(before: slot) else { return }
        if candidates.count >= limits.nodesALookup {
            // The farthest of those that were not asked makes room.
            guard let last = candidates.lastIndex(where: { $0.state == .fresh && $0.isNamed }), last >= slot else {
                return
            }
            candidates.remove(at: last)
        }
        candidates.insert(
            Candidate(
                nextNumber(), contact.id, contact.endpoint, hops: hops, isFitting: isFitting, isFamiliar: isFamiliar,
                namedBy: answer), at: slot)
    }

    /// Of those whose id does not fit no more are kept than may be asked, the nearest: a thousand invented ones would
    /// push out all others.
    private func hasRoomForUnfitting(before slot: Int) -> Bool {
        let room = rules.unfittingAsked - trust.unfittingAsked
        let fresh = candidates.indices.filter { candidates[$0].state == .fresh && !candidates[$0].isFitting }
        guard fresh.count >= room else { return true }
        guard room > 0, let last = fresh.last, last >= slot else { return false }
        candidates.remove(at: last)
        return true
    }

    /// A liar may name a good node wrongly before anybody names it rightly: so an id may have several addresses, and
    /// an address several ids, though one answer gives each of them one.
    private func isNew(_ contact: DHTContact, at slot: Int, namedBy answer: Int?) -> Bool {
        var (sameID, sameEndpoint) = (Namesakes(), Namesakes())
        for candidate in candidates[slot...] {
            guard candidate.id == contact.id else { break }
            if candidate.endpoint == contact.endpoint { return false }
            sameID.count(candidate, namedBy: answer)
        }
        for candidate in candidates where candidate.endpoint == contact.endpoint && candidate.isNamed {
            sameEndpoint.count(candidate, namedBy: answer)
        }
        return sameID.haveRoom && sameEndpoint.haveRoom
    }

    private struct Namesakes {
        private var inAll = 0
        private var atOnce = 0
        private var isOfThisAnswer = false

        mutating func count(_ candidate: Candidate, namedBy answer: Int?) {
            inAll += 1
            if candidate.state != .gone { atOnce += 1 }
            if let answer, candidate.namedBy == answer { isOfThisAnswer = true }
        }

        var haveRoom: Bool {
            !isOfThisAnswer && atOnce < Lookup.namesAtOnce && inAll < Lookup.namesInAll
        }
    }

    /// The first place that is not nearer.
    private func position(of distance: Bytes20) -> Int {
        var (low, high) = (0, candidates.count)
        while low < high {
            let middle = (low + high) / 2
            if candidates[middle].distance(to: target) < distance { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func nextNumber() -> UInt16 {
        progress.lastNumber = progress.lastNumber &+ 1
        return progress.lastNumber
    }

    // MARK: What becomes of it

    func slot(of number: UInt16) -> Int? { candidates.firstIndex { $0.number == number } }

    func asked(_ slot: Int, _ times: RoundTrips.Times, at now: Moment) {
        let candidate = candidates[slot]
        if !candidate.isFitting { trust.unfittingAsked += 1 }
        if candidate.tries == 0, let answer = candidate.namedBy { trust.isOut(ofAnswer: answer) }
        candidates[slot].ask(times, at: now)
        outcome.queries += 1
        open += 1
    }

    /// It answered in time, as whom we took it for, or as somebody of whom nobody knew the id. Gives its new place.
    func answered(_ slot: Int, as id: NodeID, fits: Bool, token: [UInt8]?) -> Int {
        if let answer = candidates[slot].namedBy { trust.isProven(ofAnswer: answer) }
        candidates[slot].answered(purpose.announcement == nil ? nil : token)
        outcome.answers += 1
        guard !candidates[slot].isNamed else { return slot }
        let candidate = candidates.remove(at: slot).named(id, isFitting: fits)
        let place = position(of: id.distance(to: target))
        candidates.insert(candidate, at: place)
        return place
    }

    /// It answered as somebody whom nobody has named yet, though his id fits.
    func isSomebodyElse(_ number: UInt16, _ contact: DHTContact) {
        guard !progress.isOver, let slot = slot(of: number) else { return }
        insert(contact, hops: candidates[slot].hops, isFitting: true, isFamiliar: true, namedBy: nil)
    }

    /// It is over: who was not asked is of no more use.
    func forgetFresh() { candidates = candidates.filter { $0.state != .fresh } }
}
