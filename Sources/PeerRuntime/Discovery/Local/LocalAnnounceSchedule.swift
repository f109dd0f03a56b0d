import TorrentCore

/// When which torrents are announced on the local network (BEP 14): a pure value, without sockets and clock.
///
/// At most one packet a minute leaves, to each group on each interface, and it names up to 24 torrents. A torrent that
/// begins waits a moment for others that begin with it, and is named in the next packet; once more in the one a minute
/// later, for a datagram may be lost; then every five minutes. Those that have not been named yet go first, then those
/// that have waited longest. Up to 120 torrents have their five minutes; with more the packets stay one a minute, and
/// their turns come less often: of a thousand that begin together the last is named after three quarters of an hour.
/// Two machines with as many may be that long in finding each other, unless one of them hears of the other in another
/// way. Nobody answers a packet with another one.
struct LocalAnnounceSchedule {
    private struct Entry {
        var due: Moment
        var timesNamed = 0
        /// Nil if never.
        var lastNamed: Moment?
    }

    private var entries: [InfoHash: Entry] = [:]
    private var generator: SplitMix64
    /// No torrent's time comes before; of those that have ended it may be too early.
    private var soonest = Moment.distantFuture
    /// No packet leaves before.
    private var notBefore = Moment.zero

    /// Between two packets, at the least.
    static let minute = Duration.seconds(60)
    /// Between two packets that name a torrent, at the most.
    static let interval = Duration.seconds(300)
    /// By how much less it may be, so that machines which were switched on together do not speak together for ever.
    static let intervalJitter = Duration.seconds(30)
    static let minuteJitter = Duration.seconds(3)
    /// How long a torrent that begins waits for others.
    static let gathering = Duration.milliseconds(200)
    /// How often a torrent is named with a minute between.
    private static let timesAtFirst = 2

    /// `seed` draws the jitter.
    init(seed: UInt64) {
        generator = SplitMix64(seed: seed)
    }

    var isEmpty: Bool { entries.isEmpty }

    func contains(_ infoHash: InfoHash) -> Bool { entries[infoHash] != nil }

    /// From now on it is announced.
    mutating func begin(_ infoHash: InfoHash, at now: Moment) {
        guard entries[infoHash] == nil else { return }
        entries[infoHash] = Entry(due: now + Self.gathering)
        soonest = min(soonest, now + Self.gathering)
    }

    mutating func end(_ infoHash: InfoHash) { entries[infoHash] = nil }

    /// There is somebody who has heard nothing yet: an interface has come. Those that have waited longest still go
    /// first, or with an interface that comes every minute the same few would be named for ever.
    mutating func beginAnew(at now: Moment) {
        for infoHash in entries.keys {
            entries[infoHash]?.due = now + Self.gathering
            entries[infoHash]?.timesNamed = 0
        }
        findSoonest()
    }

    private mutating func findSoonest() { soonest = entries.values.map(\.due).min() ?? .distantFuture }

    /// When `next` is to be asked again: it may have nothing to say, where a torrent has ended. Distant if there is no
    /// torrent.
    var deadline: Moment { entries.isEmpty ? .distantFuture : max(soonest, notBefore) }

    /// The torrents of the packet that leaves now; none if there is none to leave.
    mutating func next(at now: Moment) -> [InfoHash] {
        guard deadline <= now else { return [] }
        findSoonest()
        guard soonest <= now else { return [] }
        notBefore = now + Self.minute + jitter(Self.minuteJitter)
        return name(at: now)
    }

    /// The torrents of a packet to an interface that has just come, on which nothing was said for a minute; after
    /// `beginAnew`. The others wait for `next`.
    mutating func introduction(at now: Moment) -> [InfoHash] { name(at: now) }

    private mutating func name(at now: Moment) -> [InfoHash] {
        defer { findSoonest() }
        // There is no other packet for a minute: whose time comes within that goes with this one.
        let named = entries.filter { $0.value.due < now + Self.minute }
            .sorted { Self.goesFirst($0, $1) }
            .prefix(LocalAnnounce.mostSent).map(\.key)
        for infoHash in named { entries[infoHash].map { entries[infoHash] = entryAfterNaming($0, at: now) } }
        return named
    }

    private static func goesFirst(
        _ one: (key: InfoHash, value: Entry), _ other: (key: InfoHash, value: Entry)
    ) -> Bool {
        if (one.value.timesNamed == 0) != (other.value.timesNamed == 0) { return one.value.timesNamed == 0 }
        let (lastOfOne, lastOfOther) = (one.value.lastNamed ?? .zero, other.value.lastNamed ?? .zero)
        return (lastOfOne, one.value.due, one.key) < (lastOfOther, other.value.due, other.key)
    }

    private mutating func entryAfterNaming(_ entry: Entry, at now: Moment) -> Entry {
        let times = entry.timesNamed + 1
        let pause = times < Self.timesAtFirst ? Self.minute : Self.interval - jitter(Self.intervalJitter)
        return Entry(due: now + pause, timesNamed: times, lastNamed: now)
    }

    private mutating func jitter(_ most: Duration) -> Duration {
        .nanoseconds(Int64.random(in: 0...most.wholeNanoseconds, using: &generator))
    }
}
