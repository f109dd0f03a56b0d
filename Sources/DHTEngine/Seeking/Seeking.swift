import TorrentCore

/// The torrents that are sought: when each is looked up again. Those that are due take their turn in the order in which
/// they came to be, so none starves.
struct Seeking {
    /// An announce is forgotten after 30 minutes, so it is repeated within (BEP 5).
    static let interval = Duration.seconds(15 * 60)
    /// Nothing was found: again after so long, then twice as long, up to the interval.
    static let firstPause = Duration.seconds(15)
    /// However short of peers a torrent is, it is not looked up more often.
    static let shortestPause = Duration.seconds(30)

    private struct Sought {
        let infoHash: InfoHash
        var announcement: DHTAnnouncement?
        /// Distant while it is being looked up.
        var dueAt: Moment
        var lookedAt: Moment?
        var pause = Seeking.firstPause
        var isLooking = false
        /// What is announced has changed while it was looked up.
        var isOutdated = false
    }

    private var torrents: [Sought] = []
    private var places: [InfoHash: Int] = [:]
    /// When the first one is due.
    private(set) var nextDue = Moment.distantFuture

    var count: Int { torrents.count }

    func contains(_ infoHash: InfoHash) -> Bool { places[infoHash] != nil }

    /// How many are due and wait for their turn.
    func waiting(at now: Moment) -> Int { torrents.count { $0.dueAt <= now } }

    /// When it is looked up again; nil while it is being looked up, or is not sought.
    func nextLookup(of infoHash: InfoHash) -> Moment? {
        guard let place = places[infoHash], !torrents[place].isLooking else { return nil }
        return torrents[place].dueAt
    }

    mutating func seek(_ infoHash: InfoHash, _ announcement: DHTAnnouncement?, at now: Moment) {
        guard let place = places[infoHash] else {
            places[infoHash] = torrents.count
            torrents.append(Sought(infoHash: infoHash, announcement: announcement, dueAt: now))
            nextDue = min(nextDue, now)
            return
        }
        guard torrents[place].announcement != announcement else { return }
        torrents[place].announcement = announcement
        if torrents[place].isLooking {
            torrents[place].isOutdated = true
        } else {
            isDue(place, at: now)
        }
    }

    mutating func forget(_ infoHash: InfoHash) {
        guard let place = places.removeValue(forKey: infoHash) else { return }
        torrents.remove(at: place)
        for later in place..<torrents.count { places[torrents[later].infoHash] = later }
        plan()
    }

    mutating func hurry(_ infoHash: InfoHash, at now: Moment) {
        guard let place = places[infoHash], !torrents[place].isLooking else { return }
        isDue(place, at: earliest(place, at: now))
    }

    /// The network is another one: everything is due, in its order, unless it was looked up just now.
    mutating func hurryAll(at now: Moment) {
        for place in torrents.indices where !torrents[place].isLooking {
            torrents[place].dueAt = min(torrents[place].dueAt, earliest(place, at: now))
            torrents[place].pause = Self.firstPause
        }
        plan()
    }

    /// Nothing is looked up any more; whatever was is due when the node begins again.
    mutating func stopped(at now: Moment) {
        for place in torrents.indices where torrents[place].isLooking {
            torrents[place].isLooking = false
            torrents[place].lookedAt = nil
            torrents[place].dueAt = now
        }
        plan()
    }

    private func earliest(_ place: Int, at now: Moment) -> Moment {
        torrents[place].lookedAt.map { max($0 + Self.shortestPause, now) } ?? now
    }

    /// The one that has been due for longest begins to be looked up.
    mutating func begin(at now: Moment) -> (infoHash: InfoHash, announcement: DHTAnnouncement?)? {
        guard nextDue <= now, let place = torrents.indices.min(by: { torrents[$0].dueAt < torrents[$1].dueAt }) else {
            return nil
        }
        torrents[place].isLooking = true
        torrents[place].isOutdated = false
        torrents[place].dueAt = .distantFuture
        torrents[place].lookedAt = now
        plan()
        return (torrents[place].infoHash, torrents[place].announcement)
    }

    /// A lookup has ended: soon again if there was nothing, and late enough in any case. One that nobody answered
    /// counts for none.
    mutating func ended(
        _ infoHash: InfoHash, found: Bool, wasAnswered: Bool = true, at now: Moment,
        using generator: inout SplitMix64
    ) {
        guard let place = places[infoHash], torrents[place].isLooking else { return }
        torrents[place].isLooking = false
        if !wasAnswered { torrents[place].lookedAt = nil }
        var pause = Self.interval
        if found {
            torrents[place].pause = Self.firstPause
        } else {
            pause = torrents[place].pause
            torrents[place].pause = min(pause + pause, Self.interval)
        }
        if torrents[place].isOutdated { pause = .zero }
        // Whoever began together does not go on together.
        let jitter = Double.random(in: 0.9...1.1, using: &generator)
        torrents[place].dueAt = now + pause * jitter
        plan()
    }

    private mutating func isDue(_ place: Int, at moment: Moment) {
        torrents[place].dueAt = min(torrents[place].dueAt, moment)
        nextDue = min(nextDue, torrents[place].dueAt)
    }

    private mutating func plan() {
        nextDue = torrents.reduce(.distantFuture) { min($0, $1.dueAt) }
    }
}
