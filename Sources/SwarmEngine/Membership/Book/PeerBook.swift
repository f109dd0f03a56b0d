import TorrentCore

/// The peers that we know of: which one to connect to next, and how long to wait before another attempt. What is known
/// of one address by several ways is one entry.
struct PeerBook {
    /// When the next peer may be tried; not later, perhaps sooner.
    private(set) var nextTry = Moment.distantFuture
    var entries: [BookEntry] = []
    /// The index in `entries` of each address.
    var places: [Endpoint: Int] = [:]
    var neighbourhoods: Neighbourhoods
    private var busyCount = 0
    /// Entries that are out of reach, and not busy.
    private(set) var outOfReachCount = 0
    /// Entries by their best source, by its raw value.
    var counts = [Int](repeating: 0, count: PeerSource.allCases.count)
    /// The priorities of the entries are known, as far as they have one.
    private var hasPriorities = false
    private let limit: Int
    /// Attempts under way to peers that were heard on the local network.
    private var nearbyAttempts = 0
    /// The most of them: anybody there may name addresses without end at which nobody is.
    private let mostNearby: Int

    /// After the first failure.
    static let firstPause = Duration.seconds(15)
    /// The same for peers that the user named: they may be just starting.
    static let firstPauseOfNamed = Duration.seconds(1)
    /// The same for public addresses of lists that have never answered.
    static let firstPauseOfUnproven = Neighbourhoods.rest
    /// After a connection that was of no use.
    static let rest = Duration.seconds(600)
    static let longestPause = Duration.seconds(1_800)
    /// The same for peers that people named.
    static let longestPauseOfNamed = Duration.seconds(128)
    /// The longest after attempts that came to nothing through no fault of the peer.
    static let longestPostponement = Duration.seconds(240)
    /// Places where peers that connected to us from one address say that they listen.
    static let mostIncoming = 4
    /// A peer that may not be tried for longer than this gives no hope for now.
    private static let longestHope = Duration.seconds(60)
    /// Until one that was not there is tried again, once it says on the local network that it is.
    static let pauseOfHeard = Duration.seconds(1)
    /// After so many failures a peer is forgotten, unless people named it.
    static let mostFailures = 6

    init(limit: Int, mostNearby: Int = .max) {
        self.limit = limit
        self.mostNearby = mostNearby
        neighbourhoods = Neighbourhoods(limit: limit)
    }

    /// Known peers that are neither connected nor being connected to.
    var idleCount: Int { entries.count - busyCount }

    /// The same, if one of them may be tried soon.
    func hopeCount(at now: Moment) -> Int {
        nextTry <= now + Self.longestHope ? idleCount - outOfReachCount : 0
    }

    // MARK: What is known

    /// False if the address is known already, or there are too many of this source, of its neighbourhood or in all,
    /// none worth dropping.
    /// `priority`: see `setPriorities`. `isNear`: it is as good as local.
    @discardableResult
    mutating func add(
        _ endpoint: Endpoint, from source: PeerSource, isNear: Bool = false, priority: UInt32 = 0, at now: Moment
    ) -> Bool {
        let isNear = isNear || source == .lan
        if let place = places[endpoint] {
            if isNear { becameNear(place, at: now) }
            if source == .lan { wakeHeard(place, at: now) }
            merge(source, into: place, at: now)
            return false
        }
        if source.isHearsay, !isNear, !makeRoom(near: endpoint, for: source, at: now) { return false }
        guard count(of: source) < source.quota(of: limit) || dropWorst(of: source, at: now) else { return false }
        // For a peer that the user names there is always room, unless all are named or connected.
        if entries.count >= limit, !dropWorst(evenGood: source == .user, at: now) { return false }
        places[endpoint] = entries.count
        counts[Int(source.rawValue)] += 1
        var entry = BookEntry(endpoint: endpoint, sources: PeerSources(source), nextTry: now)
        entry.priority = priority
        entry.isNear = isNear
        if source.isHearsay, !isNear { entry.neighbourhood = neighbourhoods.join(endpoint, at: now) }
        entries.append(entry)
        nextTry = min(nextTry, now)
        return true
    }

    /// Somebody else tells of it, too.
    private mutating func merge(_ source: PeerSource, into place: Int, at now: Moment) {
        guard !entries[place].sources.contains(source) else { return }
        setSources(of: place, entries[place].sources.union(PeerSources(source)))
        // Whoever names it knows that it is there now.
        if source.isNamed { entries[place].nextTry = min(entries[place].nextTry, now) }
        nextTry = min(nextTry, entries[place].nextTry)
    }

    /// It says itself that it is there now: what failed before does not count, as where it was switched off. It is told
    /// once a minute at most (BEP 14).
    private mutating func wakeHeard(_ place: Int, at now: Moment) {
        guard !entries[place].isBusy, entries[place].setbacks > 0 else { return }
        entries[place].nextTry = min(entries[place].nextTry, now + Self.pauseOfHeard)
        nextTry = min(nextTry, entries[place].nextTry)
    }

    /// One who is near has told of it: its neighbourhood does not count any more.
    private mutating func becameNear(_ place: Int, at now: Moment) {
        guard !entries[place].isNear else { return }
        entries[place].isNear = true
        guard let index = entries[place].neighbourhood else { return }
        _ = callOffCounted(place)
        neighbourhoods.leave(index)
        entries[place].neighbourhood = nil
        nextTry = min(nextTry, now)
    }

    /// Whether another one that connected to us from there is taken into the book: one machine can say that it listens
    /// at thousands of ports. On a LAN many may share an address.
    func takesIncoming(from address: IPAddress) -> Bool {
        address.scope.isLocal
            || entries.count { $0.endpoint.address == address && $0.sources.contains(.incoming) } < Self.mostIncoming
    }

    mutating func setSources(of place: Int, _ sources: PeerSources) {
        counts[Int(entries[place].sources.best.rawValue)] -= 1
        entries[place].sources = sources
        counts[Int(sources.best.rawValue)] += 1
    }

    /// All of them, in no particular order.
    var endpoints: [Endpoint] { entries.map(\.endpoint) }

    /// By which way it became known, of several the best; nil if it is not known.
    func source(of endpoint: Endpoint) -> PeerSource? { places[endpoint].map { entries[$0].sources.best } }

    /// A public address of which we only heard, and which has never answered.
    func isUnproven(_ endpoint: Endpoint) -> Bool { places[endpoint].map { entries[$0].isUnproven } ?? false }

    func isNamed(_ endpoint: Endpoint) -> Bool { source(of: endpoint)?.isNamed ?? false }

    /// From now on those of equal worth are tried in the order of their priorities, the highest first.
    mutating func setPriorities(_ priority: (Endpoint) -> UInt32) {
        hasPriorities = true
        for place in entries.indices { entries[place].priority = priority(entries[place].endpoint) }
    }

    // MARK: Whom to connect to

    /// The peer to connect to now, marked as busy. Those that the user named come first, then those that connected to
    /// us before, then those of lists; of each source those that failed less often.
    mutating func takeNext(at now: Moment, skippingSeeds: Bool) -> Endpoint? {
        guard let place = next(at: now, skippingSeeds: skippingSeeds) else { return nil }
        entries[place].hasBeenTried = true
        makeBusy(place)
        if let index = entries[place].neighbourhood, entries[place].sources.areHearsay {
            entries[place].isCounted = true
            neighbourhoods.begin(
                entries[place].endpoint, index, isKnown: entries[place].hasAnswered, at: now)
        } else if entries[place].sources.best == .lan {
            entries[place].isCounted = true
            nearbyAttempts += 1
        }
        return entries[place].endpoint
    }

    /// Whether there is one.
    mutating func hasNext(at now: Moment, skippingSeeds: Bool) -> Bool {
        next(at: now, skippingSeeds: skippingSeeds) != nil
    }

    private mutating func next(at now: Moment, skippingSeeds: Bool) -> Int? {
        guard nextTry <= now else { return nil }
        var best: Int?
        var soonest = Moment.distantFuture
        for place in entries.indices where !entries[place].isBusy && !(skippingSeeds && entries[place].isSeed) {
            if let best, !isBetter(entries[place], entries[best]) { continue }
            let moment = mayTry(place, at: now)
            if moment <= now { best = place } else { soonest = min(soonest, moment) }
        }
        if best == nil { nextTry = soonest }
        return best
    }

    private func mayTry(_ place: Int, at now: Moment) -> Moment {
        let nextTry = entries[place].nextTry
        if entries[place].sources.best == .lan, nearbyAttempts >= mostNearby { return .distantFuture }
        guard nextTry <= now, entries[place].sources.areHearsay else { return nextTry }
        return neighbourhoods.mayTry(
            entries[place].endpoint, entries[place].neighbourhood, isKnown: entries[place].hasAnswered, at: now)
    }

    /// Priorities (BEP 40) order those that have not been tried yet, and those that have: else one that is of no use
    /// would come back before others have had their turn.
    func isBetter(_ left: BookEntry, _ right: BookEntry) -> Bool {
        if left.rank != right.rank { return left.rank < right.rank }
        if left.setbacks != right.setbacks { return left.setbacks < right.setbacks }
        if hasPriorities {
            if left.hasBeenTried != right.hasBeenTried { return right.hasBeenTried }
            if left.priority != right.priority { return left.priority > right.priority }
        }
        return left.nextTry < right.nextTry
    }

    // MARK: What came of it

    /// There is a connection to the peer at this address.
    mutating func connected(_ endpoint: Endpoint) {
        guard let place = places[endpoint], !entries[place].isBusy else { return }
        makeBusy(place)
    }

    private mutating func makeBusy(_ place: Int) {
        setOutOfReach(place, false)
        entries[place].isBusy = true
        busyCount += 1
    }

    mutating func setOutOfReach(_ place: Int, _ isOutOfReach: Bool) {
        outOfReachCount += (isOutOfReach ? 1 : 0) - (entries[place].isOutOfReach ? 1 : 0)
        entries[place].isOutOfReach = isOutOfReach
    }

    /// It is connected to us, or we have given up: the attempt to reach it takes no place in its neighbourhood.
    mutating func calledOff(_ endpoint: Endpoint, at now: Moment) {
        if let place = places[endpoint], callOffCounted(place) { nextTry = min(nextTry, now) }
    }

    private mutating func callOffCounted(_ place: Int) -> Bool {
        guard entries[place].isCounted else { return false }
        guard let index = entries[place].neighbourhood else { return endNearbyAttempt(place) }
        entries[place].isCounted = false
        return neighbourhoods.calledOff(entries[place].endpoint, index)
    }

    /// A connection with a peer at this address stands, until `left`.
    mutating func joined(_ address: IPAddress, isIncoming: Bool, at now: Moment) {
        if neighbourhoods.joined(address, isIncoming: isIncoming, at: now) { nextTry = min(nextTry, now) }
    }

    mutating func left(_ address: IPAddress) { neighbourhoods.left(address) }

    /// We have connected to it, and it has this torrent.
    mutating func answered(_ endpoint: Endpoint) {
        guard let place = places[endpoint] else { return }
        entries[place].hasAnswered = true
        guard entries[place].isCounted else { return }
        guard let index = entries[place].neighbourhood else {
            if endNearbyAttempt(place) { nextTry = .zero }
            return
        }
        if neighbourhoods.answered(endpoint, index) { nextTry = .zero }
    }

    /// A connection to it was worth something: earlier failures count no more.
    mutating func forgiven(_ endpoint: Endpoint) {
        guard let place = places[endpoint] else { return }
        entries[place].failures = 0
        entries[place].postponements = 0
    }

    mutating func setSeed(_ endpoint: Endpoint, _ isSeed: Bool) {
        guard let place = places[endpoint] else { return }
        entries[place].isSeed = isSeed
        if !entries[place].isBusy { nextTry = min(nextTry, entries[place].nextTry) }
    }

    /// An attempt or a connection has ended. The pause before the next attempt doubles with each failure.
    mutating func ended(_ endpoint: Endpoint, _ outcome: PeerOutcome, at now: Moment) {
        guard let place = places[endpoint], entries[place].isBusy else { return }
        let failed = outcome.failures > 0
        release(place, failed: failed, at: now)
        entries[place].failures += outcome.failures
        if failed, entries[place].failures >= Self.mostFailures, !entries[place].sources.best.isNamed {
            return remove(place, at: now)
        }
        if outcome == .postponed { entries[place].postponements += 1 }
        let pause = pause(of: entries[place], after: outcome)
        entries[place].nextTry = now + pause
        nextTry = min(nextTry, now + pause)
    }

    /// Our own system found no way there: the peer is not to blame, nor its neighbourhood.
    mutating func wasOutOfReach(_ endpoint: Endpoint, at now: Moment) {
        guard let place = places[endpoint], entries[place].isBusy else { return }
        ended(endpoint, .postponed, at: now)
        setOutOfReach(place, true)
    }

    private func pause(of entry: BookEntry, after outcome: PeerOutcome) -> Duration {
        let isNamed = entry.sources.best.isNamed
        if outcome == .postponed {
            let first = entry.sources.contains(.user) ? Self.firstPauseOfNamed : Self.firstPause
            return min(Self.longestPostponement, first * (1 << min(entry.postponements - 1, 7)))
        }
        let doublings = min(max(0, entry.failures - 1), 7)
        let first = outcome.failures > 0 ? firstPause(of: entry) : Self.firstPause
        return min(isNamed ? Self.longestPauseOfNamed : Self.longestPause, first * (1 << doublings))
    }

    private func firstPause(of entry: BookEntry) -> Duration {
        if entry.sources.contains(.user) { return Self.firstPauseOfNamed }
        return entry.isUnproven ? Self.firstPauseOfUnproven : Self.firstPause
    }

    /// It is not busy any more. `failed`: nobody answered there, or the connection was no good.
    mutating func release(_ place: Int, failed: Bool, at now: Moment) {
        guard entries[place].isBusy else { return }
        entries[place].isBusy = false
        busyCount -= 1
        guard entries[place].isCounted else { return }
        guard let index = entries[place].neighbourhood else {
            if endNearbyAttempt(place) { nextTry = min(nextTry, now) }
            return
        }
        entries[place].isCounted = false
        let endpoint = entries[place].endpoint
        let isFree =
            failed ? neighbourhoods.ended(endpoint, index, at: now) : neighbourhoods.calledOff(endpoint, index)
        if isFree { nextTry = min(nextTry, now) }
    }

    /// True if another one there may have waited for that.
    private mutating func endNearbyAttempt(_ place: Int) -> Bool {
        entries[place].isCounted = false
        nearbyAttempts -= 1
        return nearbyAttempts == mostNearby - 1
    }

    /// It may be tried again soon: what stood against it is gone.
    mutating func wake(_ endpoint: Endpoint, at now: Moment) {
        guard let place = places[endpoint] else { return }
        entries[place].nextTry = min(entries[place].nextTry, now + Self.firstPause)
        nextTry = min(nextTry, entries[place].nextTry)
    }

    /// The connection was of no use: other peers are tried first for a while.
    mutating func rest(_ endpoint: Endpoint, at now: Moment) {
        if let place = places[endpoint] { entries[place].nextTry = now + Self.rest }
    }
}
