import TorrentCore

/// The peers that we know of: whom to connect to next, and whom to leave alone for how long.
struct PeerBook {
    private struct Entry {
        let endpoint: Endpoint
        var source: PeerSource
        /// Attempts in a row that came to nothing; who broke the protocol has more than one: see `PeerOutcome`.
        var failures = 0
        var nextTry: Moment
        /// Connected, or being connected to.
        var isBusy = false
        /// It had everything when last seen.
        var isSeed = false
    }

    /// When the next of those that wait for another try may be tried.
    private(set) var nextTry = Moment.distantFuture
    private var entries: [Entry] = []
    private var places: [Endpoint: Int] = [:]
    private var busyCount = 0
    /// How many entries each source has, by its raw value.
    private var counts = [Int](repeating: 0, count: PeerSource.allCases.count)
    private let limit: Int

    static let firstPause = Duration.seconds(15)
    /// Of peers that the user named: they may only be starting.
    static let firstPauseOfNamed = Duration.seconds(1)
    /// Of peers that were of no use.
    static let rest = Duration.seconds(600)
    static let longestPause = Duration.seconds(1_800)
    /// Peers that the user named are tried again and again, the others this often.
    static let mostFailures = 6

    init(limit: Int) {
        self.limit = limit
    }

    /// Known and not connected.
    var idleCount: Int { entries.count - busyCount }

    /// False if it is known already, or the book is full of better ones, or has enough of this source.
    @discardableResult
    mutating func add(_ endpoint: Endpoint, from source: PeerSource, at now: Moment) -> Bool {
        if let place = places[endpoint] {
            if source.rank < entries[place].source.rank { setSource(of: place, source) }
            return false
        }
        guard count(of: source) < source.quota(of: limit) || dropWorst(of: source) else { return false }
        if entries.count >= limit, !dropWorst() { return false }
        places[endpoint] = entries.count
        counts[Int(source.rawValue)] += 1
        entries.append(Entry(endpoint: endpoint, source: source, nextTry: now))
        nextTry = min(nextTry, now)
        return true
    }

    /// Whom to connect to now: the user's first, then those who came to us before, then the trackers'; those that
    /// failed less often first. It is marked as busy.
    mutating func takeNext(at now: Moment, skippingSeeds: Bool) -> Endpoint? {
        var best: Int?
        var soonest = Moment.distantFuture
        for (place, entry) in entries.enumerated() where !entry.isBusy && !(skippingSeeds && entry.isSeed) {
            guard entry.nextTry <= now else {
                soonest = min(soonest, entry.nextTry)
                continue
            }
            if let old = best, !Self.isBetter(entry, entries[old]) { continue }
            best = place
        }
        guard let best else {
            nextTry = soonest
            return nil
        }
        entries[best].isBusy = true
        busyCount += 1
        return entries[best].endpoint
    }

    /// A peer there is connected to us.
    mutating func connected(_ endpoint: Endpoint) {
        guard let place = places[endpoint] else { return }
        entries[place].failures = 0
        guard !entries[place].isBusy else { return }
        entries[place].isBusy = true
        busyCount += 1
    }

    mutating func setSeed(_ endpoint: Endpoint, _ isSeed: Bool) {
        if let place = places[endpoint] { entries[place].isSeed = isSeed }
    }

    /// An attempt, or a connection, has ended. The pause doubles with each failure.
    mutating func ended(_ endpoint: Endpoint, _ outcome: PeerOutcome, at now: Moment) {
        guard let place = places[endpoint], entries[place].isBusy else { return }
        entries[place].isBusy = false
        busyCount -= 1
        entries[place].failures += outcome.failures
        let failed = outcome.failures > 0
        if failed, entries[place].failures >= Self.mostFailures, entries[place].source != .user {
            return remove(place)
        }
        let doublings = min(max(0, entries[place].failures - 1), 7)
        let first = failed && entries[place].source == .user ? Self.firstPauseOfNamed : Self.firstPause
        let pause = min(Self.longestPause, first * (1 << doublings))
        entries[place].nextTry = now + pause
        nextTry = min(nextTry, now + pause)
    }

    /// It was of no use: others come first for a while.
    mutating func rest(_ endpoint: Endpoint, at now: Moment) {
        if let place = places[endpoint] { entries[place].nextTry = now + Self.rest }
    }

    func isNamed(_ endpoint: Endpoint) -> Bool { places[endpoint].map { entries[$0].source == .user } ?? false }

    mutating func forget(_ endpoint: Endpoint) {
        if let place = places[endpoint] { remove(place) }
    }

    private func count(of source: PeerSource) -> Int { counts[Int(source.rawValue)] }

    private mutating func setSource(of place: Int, _ source: PeerSource) {
        counts[Int(entries[place].source.rawValue)] -= 1
        entries[place].source = source
        counts[Int(source.rawValue)] += 1
    }

    private static func isBetter(_ left: Entry, _ right: Entry) -> Bool {
        (left.source.rank, left.failures, left.nextTry) < (right.source.rank, right.failures, right.nextTry)
    }

    /// Makes room by giving up one that has failed, or has everything; of one source, or of any that was not named.
    private mutating func dropWorst(of source: PeerSource? = nil) -> Bool {
        var worst: Int?
        for (place, entry) in entries.enumerated()
        where !entry.isBusy && entry.source != .user && source.map({ $0 == entry.source }) ?? true {
            if let old = worst, !Self.isBetter(entries[old], entry) { continue }
            worst = place
        }
        guard let worst, entries[worst].failures > 0 || entries[worst].isSeed else { return false }
        remove(worst)
        return true
    }

    private mutating func remove(_ place: Int) {
        if entries[place].isBusy { busyCount -= 1 }
        counts[Int(entries[place].source.rawValue)] -= 1
        places[entries[place].endpoint] = nil
        let last = entries.removeLast()
        if place < entries.count {
            entries[place] = last
            places[last.endpoint] = place
        }
    }
}
