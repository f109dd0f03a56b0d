import TorrentCore

/// When to announce what to which tracker (BEP 3, BEP 12).
///
/// Each tier is asked independently, one of its trackers at a time: the first that answers moves to the front of the
/// tier and is asked from then on. A private torrent may use only one tracker at a time (BEP 27), so its tiers are
/// joined into one.
struct AnnounceSchedule {
    /// One announce to be made now.
    struct Order: Hashable {
        let tracker: TrackerIndex
        let event: AnnounceEvent
    }

    private struct Tier {
        /// In the order in which they are tried.
        var trackers: [TrackerIndex]
        /// How many of them have failed in this pass over the tier, or were skipped.
        var tried = 0
        /// Passes in a row in which all failed.
        var failures = 0
        var inFlight: Order?
        var nextAt: Moment
        /// A tracker of this tier has answered since the start.
        var hasStarted = false
        var owesCompleted = false
        /// When the last answer came, and the times that it gave.
        var answeredAt: Moment?
        /// Who gave it.
        var answeredBy: TrackerIndex?
        var interval = AnnounceSchedule.usualInterval
        var floor = AnnounceSchedule.shortestInterval
        /// Early announces in a row that found too few peers.
        var earlyAnnounces = 0
    }

    private var tiers: [Tier] = []
    /// Trackers that know of us, and are told when we leave.
    private var knowsUs: [Bool]
    /// Until when each tracker is not asked, because it refused.
    private var restsUntil: [Moment]
    private var isRunning = false
    /// The first tier is the tracker of this process, which a private torrent has to leave.
    private var asksOwnTracker: Bool
    /// Somebody has come to that tracker.
    private var hadNewcomers = false
    /// The last answer was of a tracker that is not asked any more.
    private(set) var isLastAnswerUnasked = false

    static let usualInterval = Duration.seconds(1_800)
    /// No tracker is asked again sooner, whatever it says.
    static let shortestInterval = Duration.seconds(60)
    static let longestInterval = Duration.seconds(86_400)
    static let firstPause = Duration.seconds(5)
    static let longestPause = Duration.seconds(1_800)
    /// A tracker that answers with a failure reason, and no time to ask again, is not asked for this long.
    static let refusalPause = Duration.seconds(300)

    /// `asksOwnTracker`: the first tier is the tracker of this process, which others have not named.
    init(
        tiers sizes: [Int], isPrivate: Bool, asksOwnTracker: Bool = false, at now: Moment,
        using generator: inout SplitMix64
    ) {
        self.asksOwnTracker = asksOwnTracker
        var next = 0
        var lists: [[TrackerIndex]] = []
        for size in sizes where size > 0 {
            var list = (next..<next + size).map { TrackerIndex($0) }
            list.shuffle(using: &generator)
            lists.append(list)
            next += size
        }
        if isPrivate, lists.count > 1 { lists = [lists.flatMap { $0 }] }
        tiers = lists.map { Tier(trackers: $0, nextAt: now) }
        knowsUs = Array(repeating: false, count: next)
        restsUntil = Array(repeating: now, count: next)
    }

    /// The torrent is private: the tracker of this process is none of its own, is told so at once, and is not asked any
    /// more. All others become one tier, for one is used at a time (BEP 27). The first of their tiers goes on as it is,
    /// and those that the others are just asking will be told `stopped`. `isMixed`: several trackers have answered, or
    /// that of this process, or somebody has come to it; then nothing that they said is used any more, and one is asked
    /// at once.
    mutating func becomePrivate(at now: Moment) -> (isMixed: Bool, stopped: Order?) {
        guard asksOwnTracker, !tiers.isEmpty else { return (joinTiers(besidesOwn: false, at: now), nil) }
        asksOwnTracker = false
        let own = tiers.removeFirst()
        let tracker = own.trackers[0]
        // Asked, though it has not answered yet: it may know of us.
        let isKnown = knowsUs[tracker.position] || own.inFlight != nil
        knowsUs[tracker.position] = false
        return (
            joinTiers(besidesOwn: own.answeredBy != nil || hadNewcomers, at: now),
            isRunning && isKnown ? Order(tracker: tracker, event: .stopped) : nil
        )
    }

    /// Somebody has come to the tracker of this process.
    mutating func newcomer() { hadNewcomers = true }

    /// `besidesOwn`: the tracker of this process has told of peers, too. True if the answers are mixed.
    private mutating func joinTiers(besidesOwn: Bool, at now: Moment) -> Bool {
        guard !tiers.isEmpty else { return besidesOwn }
        let dropped = tiers[1...]
        tiers.removeSubrange(1...)
        for case let order? in dropped.map(\.inFlight) { knowsUs[order.tracker.position] = true }
        tiers[0].trackers += dropped.flatMap(\.trackers)
        let others = dropped.compactMap(\.answeredBy)
        guard besidesOwn || others.count + (tiers[0].answeredBy == nil ? 0 : 1) > 1 else {
            // Whose peers we have.
            tiers[0].answeredBy = tiers[0].answeredBy ?? others.first
            return false
        }
        if tiers[0].inFlight == nil { tiers[0].nextAt = now }
        return true
    }

    /// Of the first tier, which is the only one of a private torrent: who answered last.
    var lastAnswered: TrackerIndex? { tiers.first?.answeredBy }

    /// When the next announce is due.
    var nextAt: Moment {
        guard isRunning else { return .distantFuture }
        var soonest = Moment.distantFuture
        for tier in tiers where tier.inFlight == nil { soonest = min(soonest, tier.nextAt) }
        return soonest
    }

    mutating func start(at now: Moment) {
        isRunning = true
        for tier in tiers.indices { tiers[tier].nextAt = now }
    }

    /// The download has become complete: each tier is to be told `completed`, once (BEP 3).
    mutating func complete(at now: Moment) {
        for tier in tiers.indices {
            tiers[tier].owesCompleted = true
            if tiers[tier].inFlight == nil, tiers[tier].answeredAt != nil { tiers[tier].nextAt = now }
        }
    }

    /// The trackers to be told `stopped`. Nothing is due afterwards.
    mutating func stop() -> [Order] {
        isRunning = false
        for tier in tiers {
            // Asked, though it has not answered yet: it may know of us.
            if let order = tier.inFlight { knowsUs[order.tracker.position] = true }
        }
        return knowsUs.indices.filter { knowsUs[$0] }.map { Order(tracker: TrackerIndex($0), event: .stopped) }
    }

    /// The announces that are due.
    mutating func due(at now: Moment) -> [Order] {
        guard isRunning else { return [] }
        var orders: [Order] = []
        for place in tiers.indices where tiers[place].inFlight == nil && tiers[place].nextAt <= now {
            guard passResting(of: place, at: now) else {
                tiers[place].tried = 0
                tiers[place].nextAt = endOfRest(of: place)
                continue
            }
            let order = Order(tracker: tiers[place].trackers[tiers[place].tried], event: event(of: tiers[place]))
            tiers[place].inFlight = order
            orders.append(order)
        }
        return orders
    }

    /// True if that is another tracker than the one of its tier that answered last.
    mutating func answered(
        _ tracker: TrackerIndex, interval: Duration, minimum: Duration?, at now: Moment
    ) -> Bool {
        isLastAnswerUnasked = true
        guard let place = tier(asking: tracker), let order = tiers[place].inFlight else { return false }
        isLastAnswerUnasked = false
        tiers[place].inFlight = nil
        tiers[place].trackers.remove(at: tiers[place].tried)
        tiers[place].trackers.insert(tracker, at: 0)
        tiers[place].tried = 0
        tiers[place].failures = 0
        tiers[place].hasStarted = true
        if order.event == .completed { tiers[place].owesCompleted = false }
        knowsUs[tracker.position] = true
        restsUntil[tracker.position] = now
        tiers[place].answeredAt = now
        tiers[place].interval = min(max(interval, Self.shortestInterval), Self.longestInterval)
        tiers[place].floor = min(max(minimum ?? .zero, Self.shortestInterval), Self.longestInterval)
        let isOwing = tiers[place].owesCompleted
        tiers[place].nextAt = isOwing ? now : now + max(tiers[place].interval, tiers[place].floor)
        defer { tiers[place].answeredBy = tracker }
        return tiers[place].answeredBy.map { $0 != tracker } ?? false
    }

    /// `tracker` did not answer, or refused. `retryIn` and `isFinal` are its own advice (BEP 31), and are kept to.
    mutating func failed(
        _ tracker: TrackerIndex, retryIn: Duration?, isFinal: Bool, at now: Moment, using generator: inout SplitMix64
    ) {
        guard let place = tier(asking: tracker) else { return }
        tiers[place].inFlight = nil
        // The tracker's own advice goes before our rules, within bounds.
        let advised = retryIn.map { min(max($0, Self.shortestInterval), Self.longestInterval) }
        if let rest = advised ?? (isFinal ? Self.refusalPause : nil) { restsUntil[tracker.position] = now + rest }
        tiers[place].tried += 1
        guard !passResting(of: place, at: now) else {
            // The next tracker of the tier is asked at once.
            tiers[place].nextAt = now
            return
        }
        tiers[place].tried = 0
        let pause = min(Self.longestPause, Self.firstPause * (1 << min(tiers[place].failures, 9)))
        if advised == nil { tiers[place].failures += 1 }
        // Up to a quarter more, so that not all clients come back at the same time.
        let wait = pause + pause * Double.random(in: 0..<0.25, using: &generator)
        tiers[place].nextAt = max(now + wait, endOfRest(of: place))
    }

    /// There are too few peers: asks sooner than the interval says, though not before the tracker allows. Each early
    /// announce in a row waits twice as long as the one before.
    mutating func hurry(at now: Moment) {
        guard isRunning else { return }
        for place in tiers.indices where tiers[place].inFlight == nil {
            guard let answeredAt = tiers[place].answeredAt else { continue }
            let wait = tiers[place].floor * (1 << min(tiers[place].earlyAnnounces, 10))
            let early = answeredAt + min(wait, tiers[place].interval)
            guard early < tiers[place].nextAt else { continue }
            tiers[place].nextAt = max(now, early)
            tiers[place].earlyAnnounces += 1
        }
    }

    /// New peers have been found.
    mutating func relax() {
        for place in tiers.indices { tiers[place].earlyAnnounces = 0 }
    }

    /// Skips trackers that have refused for now; false if none is left to ask in this pass.
    private mutating func passResting(of place: Int, at now: Moment) -> Bool {
        while tiers[place].tried < tiers[place].trackers.count {
            if restsUntil[tiers[place].trackers[tiers[place].tried].position] <= now { return true }
            tiers[place].tried += 1
        }
        return false
    }

    /// When the first tracker of a tier may be asked again.
    private func endOfRest(of place: Int) -> Moment {
        tiers[place].trackers.map { restsUntil[$0.position] }.min() ?? .distantFuture
    }

    private func event(of tier: Tier) -> AnnounceEvent {
        if !tier.hasStarted || !knowsUs[tier.trackers[tier.tried].position] { return .started }
        return tier.owesCompleted ? .completed : .none
    }

    private func tier(asking tracker: TrackerIndex) -> Int? {
        tiers.firstIndex { $0.inFlight?.tracker == tracker }
    }
}
