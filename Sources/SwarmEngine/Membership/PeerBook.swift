import TorrentCore

/// The peers that we know of: which one to connect to next, and how long to wait before another attempt.
struct PeerBook {
    private struct Entry {
        let endpoint: Endpoint
        var source: PeerSource
        /// Failed attempts in a row; a breach of the protocol counts as several: see `PeerOutcome`.
        var failures = 0
        var nextTry: Moment
        /// Connected, or being connected to.
        var isBusy = false
        /// It had everything, or would fetch nothing, when last seen.
        var isSeed = false
    }

    /// When the next peer may be tried.
    private(set) var nextTry = Moment.distantFuture
    private var entries: [Entry] = []
    /// The index in `entries` of each address.
    private var places: [Endpoint: Int] = [:]
    private var busyCount = 0
    /// Entries of each source, by its raw value.
    private var counts = [Int](repeating: 0, count: PeerSource.allCases.count)
    private let limit: Int

    /// After the first failure.
    static let firstPause = Duration.seconds(15)
    /// The same for peers that the user named: they may be just starting.
    static let firstPauseOfNamed = Duration.seconds(1)
    /// After a connection that was of no use.
    static let rest = Duration.seconds(600)
    static let longestPause = Duration.seconds(1_800)
    /// After so many failures a peer is forgotten, unless the user named it.
    static let mostFailures = 6

    init(limit: Int) {
        self.limit = limit
    }

    /// Known peers that are neither connected nor being connected to.
    var idleCount: Int { entries.count - busyCount }

    /// False if the address is known already, or there are too many of this source or in all, none worth dropping.
    @discardableResult
    mutating func add(_ endpoint: Endpoint, from source: PeerSource, at now: Moment) -> Bool {
        if let place = places[endpoint] {
            if source.rank < entries[place].source.rank { setSource(of: place, source) }
            return false
        }
        guard count(of: source) < source.quota(of: limit) || dropWorst(of: source) else { return false }
        // For a peer that the user names there is always room, unless all are named or connected.
        if entries.count >= limit, !dropWorst(evenGood: source == .user) { return false }
        places[endpoint] = entries.count
        counts[Int(source.rawValue)] += 1
        entries.append(Entry(endpoint: endpoint, source: source, nextTry: now))
        nextTry = min(nextTry, now)
        return true
    }

    /// The peer to connect to now, marked as busy. Those that the user named come first, then those that connected to
    /// us before, then the trackers'; of each source those that failed less often.
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

    /// There is a connection to the peer at this address.
    mutating func connected(_ endpoint: Endpoint) {
        guard let place = places[endpoint] else { return }
        guard !entries[place].isBusy else { return }
        entries[place].isBusy = true
        busyCount += 1
    }

    /// A connection to it was worth something: earlier failures count no more.
    mutating func forgiven(_ endpoint: Endpoint) {
        if let place = places[endpoint] { entries[place].failures = 0 }
    }

    mutating func setSeed(_ endpoint: Endpoint, _ isSeed: Bool) {
        if let place = places[endpoint] { entries[place].isSeed = isSeed }
    }

    /// An attempt or a connection has ended. The pause before the next attempt doubles with each failure.
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

    /// The connection was of no use: other peers are tried first for a while.
    mutating func rest(_ endpoint: Endpoint, at now: Moment) {
        if let place = places[endpoint] { entries[place].nextTry = now + Self.rest }
    }

    func isNamed(_ endpoint: Endpoint) -> Bool { places[endpoint].map { entries[$0].source == .user } ?? false }

    mutating func forget(_ endpoint: Endpoint) {
        if let place = places[endpoint] { remove(place) }
    }

    /// Forgets all peers that a private torrent may not use, and says where they are.
    mutating func forgetForbidden() -> [Endpoint] {
        let forbidden = entries.filter { !$0.source.mayServePrivate }.map(\.endpoint)
        for endpoint in forbidden { forget(endpoint) }
        return forbidden
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

    /// Makes room by forgetting a peer, of `source` or of any but the user: one that has failed or has everything, or
    /// any at all.
    private mutating func dropWorst(of source: PeerSource? = nil, evenGood: Bool = false) -> Bool {
        var worst: Int?
        for (place, entry) in entries.enumerated()
        where !entry.isBusy && entry.source != .user && source.map({ $0 == entry.source }) ?? true {
            if let old = worst, !Self.isBetter(entries[old], entry) { continue }
            worst = place
        }
        guard let worst, evenGood || entries[worst].failures > 0 || entries[worst].isSeed else { return false }
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
