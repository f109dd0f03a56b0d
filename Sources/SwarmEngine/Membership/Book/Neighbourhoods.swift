import TorrentCore

/// The neighbourhoods (`IPAddress.neighbourhood`) of public addresses that stand in lists of strangers. A list may name
/// thousands of addresses of one victim: nobody there has asked for us, so only a few of them are tried until somebody
/// answers, and none of these again for a while.
///
/// An attempt takes one of a few places in its neighbourhood; there are more where we are connected already. An answer
/// gives the place back at once, silence does so after a rest. That is kept though the address is forgotten meanwhile,
/// so that a list which is told again and again changes nothing.
struct Neighbourhoods {
    /// Names a neighbourhood as long as an address of it is in the book.
    struct Index: Hashable {
        fileprivate let position: Int32
    }

    private struct Attempt {
        let endpoint: Endpoint
        /// When its place is free again; as long as nothing has come of it, never.
        var restsUntil: Moment
    }

    private struct Neighbourhood {
        let block: AddressBlock
        /// Addresses of it in the book.
        var addresses = 0
        /// Connections to it that were made because of lists, those under way included.
        var connections = 0
        /// At most `mostAllowed`.
        var attempts: [Attempt] = []
        /// Attempts without an answer since the last that had one.
        var failures = 0
    }

    private var all: [Neighbourhood] = []
    private var places: [AddressBlock: Int] = [:]
    /// Connections that stand, whoever made them and however the peer became known: no more than there are
    /// connections.
    private var standing: [AddressBlock: Int] = [:]
    /// Where the search for one that can be given up goes on.
    private var hand = 0
    /// Neighbourhoods that are kept.
    private let limit: Int
    /// Addresses of one neighbourhood that lists may bring into the book: the rest of it is for others.
    private let mostKnown: Int
    /// Of these, addresses that peers alone have told of: whoever connects to us may do that.
    let mostExchanged: Int

    /// See `mostKnown`; in a small book it is a quarter.
    static let mostKnown = 32
    /// Connections to one neighbourhood at once, made because of lists.
    static let mostAtOnce = 8
    /// Attempts in one neighbourhood, within a rest, that have had no answer.
    static let mostUnanswered = 4
    /// The same with those added to it that are connected there.
    static let mostAllowed = 12
    /// An address that did not answer is not tried again sooner, nor another one in its place.
    static let rest = Duration.seconds(600)
    /// With each round in which nobody answers the rest doubles, so often.
    static let mostDoublings = 3

    /// `limit`: addresses in the book. Of as many neighbourhoods more it is kept that they were tried.
    init(limit: Int) {
        self.limit = max(1, limit * 2)
        mostKnown = max(1, min(Self.mostKnown, limit / 4))
        mostExchanged = max(1, mostKnown / 2)
    }

    // MARK: The book

    /// The neighbourhood of this address, if it is known.
    func index(of endpoint: Endpoint) -> Index? {
        guard endpoint.address.scope == .world, let position = places[endpoint.address.neighbourhood] else {
            return nil
        }
        return Index(position: Int32(truncatingIfNeeded: position))
    }

    /// Addresses of it in the book.
    func knownCount(_ index: Index) -> Int { all[Int(index.position)].addresses }

    /// There is no room for one more of its addresses.
    func isFull(_ index: Index) -> Bool { knownCount(index) >= mostKnown }

    /// An address of a list comes into the book. Nil for local ones: nobody outside is reached by them, and in a class
    /// or a lab all are neighbours.
    mutating func join(_ endpoint: Endpoint, at now: Moment) -> Index? {
        guard endpoint.address.scope == .world else { return nil }
        let block = endpoint.address.neighbourhood
        let position = places[block] ?? make(block, at: now)
        all[position].addresses += 1
        return Index(position: Int32(truncatingIfNeeded: position))
    }

    mutating func leave(_ index: Index?) {
        if let index { all[Int(index.position)].addresses -= 1 }
    }

    /// In the place of one that has no address in the book, if there is no more room: one of which nothing is to be
    /// remembered, else that whose rests end first. Whoever tells of many places must not have us forget a victim: that
    /// takes as many attempts elsewhere, which last longer than the rest.
    private mutating func make(_ block: AddressBlock, at now: Moment) -> Int {
        var position = all.count
        if position < limit {
            all.append(Neighbourhood(block: block))
        } else {
            position = recycled(at: now)
            places[all[position].block] = nil
            all[position] = Neighbourhood(block: block)
        }
        places[block] = position
        return position
    }

    /// There are more neighbourhoods than addresses, so one is found.
    private mutating func recycled(at now: Moment) -> Int {
        var best: (position: Int, rest: Moment)?
        for _ in all.indices {
            hand = (hand + 1) % all.count
            guard all[hand].addresses == 0 else { continue }
            let rest = all[hand].attempts.map(\.restsUntil).max() ?? .zero
            if rest <= now { return hand }
            if best.map({ rest < $0.rest }) ?? true { best = (hand, rest) }
        }
        guard let best else { preconditionFailure("more neighbourhoods are in the book than it has addresses") }
        return best.position
    }

    // MARK: Attempts

    /// When this address may be tried; never if that depends on what others there do. `isKnown`: it has answered
    /// before, and needs no place.
    func mayTry(_ endpoint: Endpoint, _ index: Index?, isKnown: Bool, at now: Moment) -> Moment {
        guard let index else { return now }
        let neighbourhood = all[Int(index.position)]
        guard neighbourhood.connections < Self.mostAtOnce else { return .distantFuture }
        if isKnown { return now }
        var resting = 0
        var soonest = Moment.distantFuture
        for attempt in neighbourhood.attempts where attempt.restsUntil > now {
            if attempt.endpoint == endpoint { return attempt.restsUntil }
            resting += 1
            soonest = min(soonest, attempt.restsUntil)
        }
        return resting < allowance(of: neighbourhood.block) ? now : soonest
    }

    /// Attempts there, within a rest, that may be without an answer.
    private func allowance(of block: AddressBlock) -> Int {
        min(Self.mostAllowed, Self.mostUnanswered + (standing[block] ?? 0))
    }

    /// `mayTry` allows it. Every attempt is followed by `ended`.
    mutating func begin(_ endpoint: Endpoint, _ index: Index, isKnown: Bool, at now: Moment) {
        let position = Int(index.position)
        all[position].connections += 1
        guard !isKnown else { return }
        all[position].attempts.removeAll { $0.restsUntil <= now }
        all[position].attempts.append(Attempt(endpoint: endpoint, restsUntil: .distantFuture))
    }

    /// A connection stands. If it came from there, they know of us, and the rests that have doubled are as short again
    /// as the first. True if another one there may have waited for that.
    mutating func joined(_ address: IPAddress, isIncoming: Bool, at now: Moment) -> Bool {
        guard address.scope == .world else { return false }
        let block = address.neighbourhood
        standing[block, default: 0] += 1
        guard let position = places[block] else { return false }
        if isIncoming {
            all[position].failures = 0
            for place in all[position].attempts.indices
            where all[position].attempts[place].restsUntil != .distantFuture {
                let restsUntil = all[position].attempts[place].restsUntil
                all[position].attempts[place].restsUntil = min(restsUntil, now + Self.rest)
            }
        }
        return all[position].attempts.count >= Self.mostUnanswered
    }

    /// A connection that stood has ended.
    mutating func left(_ address: IPAddress) {
        guard address.scope == .world, let count = standing[address.neighbourhood] else { return }
        standing[address.neighbourhood] = count > 1 ? count - 1 : nil
    }

    /// Somebody there speaks our language, and of our torrent. True if another one there may have waited for that.
    mutating func answered(_ endpoint: Endpoint, _ index: Index) -> Bool {
        let position = Int(index.position)
        let wasFull = all[position].attempts.count >= Self.mostUnanswered
        all[position].failures = 0
        all[position].attempts.removeAll { $0.endpoint == endpoint }
        return wasFull
    }

    /// Nobody answered, or the connection is gone. True if another one there may have waited for that.
    mutating func ended(_ endpoint: Endpoint, _ index: Index, at now: Moment) -> Bool {
        let position = Int(index.position)
        let wasFull = all[position].connections >= Self.mostAtOnce
        all[position].connections -= 1
        endAttempt(endpoint, at: position, now)
        // With its end it is known when those can be tried that have to wait for it.
        return wasFull || all[position].attempts.count >= Self.mostUnanswered
    }

    /// The same where that says nothing of who is there, since we gave the attempt up or it was none: others may be
    /// tried in its place.
    mutating func calledOff(_ endpoint: Endpoint, _ index: Index) -> Bool {
        let position = Int(index.position)
        let wasFull =
            all[position].connections >= Self.mostAtOnce || all[position].attempts.count >= Self.mostUnanswered
        all[position].connections -= 1
        all[position].attempts.removeAll { $0.endpoint == endpoint && $0.restsUntil == .distantFuture }
        return wasFull
    }

    private mutating func endAttempt(_ endpoint: Endpoint, at position: Int, _ now: Moment) {
        let isWaiting = { (attempt: Attempt) in attempt.endpoint == endpoint && attempt.restsUntil == .distantFuture }
        guard let place = all[position].attempts.firstIndex(where: isWaiting) else { return }
        let doublings = min(all[position].failures / allowance(of: all[position].block), Self.mostDoublings)
        all[position].attempts[place].restsUntil = now + Self.rest * (1 << doublings)
        all[position].failures += 1
    }
}
