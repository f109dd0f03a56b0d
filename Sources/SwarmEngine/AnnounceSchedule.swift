import TorrentCore

/// When to announce what to which tracker (BEP 3, BEP 12).
///
/// Each tier is asked on its own, one tracker of it at a time: the first that answers goes to the front of the tier and
/// is asked from then on. A private torrent has its tiers joined into one, for it may use one tracker at a time
/// (BEP 27).
struct AnnounceSchedule {
    /// One announce to be made now.
    struct Order: Hashable {
        let tracker: TrackerIndex
        let event: AnnounceEvent
    }

    private struct Tier {
        /// In the order in which they are tried.
        var trackers: [TrackerIndex]
        /// How many of them have failed in this turn.
        var tried = 0
        /// Turns in a row in which all failed.
        var failures = 0
        var inFlight: Order?
        var nextAt: Moment
        /// Asked since the start with success.
        var hasStarted = false
        var owesCompleted = false
        /// Of the last answer.
        var answeredAt: Moment?
        var interval = AnnounceSchedule.usualInterval
        var floor = AnnounceSchedule.shortestInterval
        /// Early announces in a row that found too few peers.
        var earlyTurns = 0
    }

    private var tiers: [Tier] = []
    /// Trackers that know of us, and are told when we leave.
    private var knowsUs: [Bool]
    private var isRunning = false

    static let usualInterval = Duration.seconds(1_800)
    /// No tracker is asked again sooner, whatever it says.
    static let shortestInterval = Duration.seconds(60)
    static let longestInterval = Duration.seconds(86_400)
    static let firstPause = Duration.seconds(5)
    static let longestPause = Duration.seconds(1_800)
    /// After a failure reason, a tracker is left alone for this long at least.
    static let refusalPause = Duration.seconds(300)

    init(tiers sizes: [Int], isPrivate: Bool, at now: Moment, using generator: inout SplitMix64) {
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
    }

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

    /// The download has been finished in this run.
    mutating func complete(at now: Moment) {
        for tier in tiers.indices {
            tiers[tier].owesCompleted = true
            if tiers[tier].inFlight == nil, tiers[tier].answeredAt != nil { tiers[tier].nextAt = now }
        }
    }

    /// Whom to tell that we leave. Nothing is due afterwards.
    mutating func stop() -> [Order] {
        isRunning = false
        for tier in tiers {
            // Asked and not yet answered: it may know of us.
            if let order = tier.inFlight { knowsUs[order.tracker.position] = true }
        }
        return knowsUs.indices.filter { knowsUs[$0] }.map { Order(tracker: TrackerIndex($0), event: .stopped) }
    }

    /// What is due by now.
    mutating func due(at now: Moment) -> [Order] {
        guard isRunning else { return [] }
        var orders: [Order] = []
        for place in tiers.indices where tiers[place].inFlight == nil && tiers[place].nextAt <= now {
            let order = Order(tracker: tiers[place].trackers[tiers[place].tried], event: event(of: tiers[place]))
            tiers[place].inFlight = order
            orders.append(order)
        }
        return orders
    }

    mutating func answered(
        _ tracker: TrackerIndex, interval: Duration, minimum: Duration?, peers: Int, at now: Moment,
        using generator: inout SplitMix64
    ) {
        guard let place = tier(asking: tracker), let order = tiers[place].inFlight else { return }
        tiers[place].inFlight = nil
        tiers[place].trackers.remove(at: tiers[place].tried)
        tiers[place].trackers.insert(tracker, at: 0)
        tiers[place].tried = 0
        tiers[place].failures = 0
        tiers[place].hasStarted = true
        if order.event == .completed { tiers[place].owesCompleted = false }
        knowsUs[tracker.position] = true
        tiers[place].answeredAt = now
        tiers[place].interval = min(max(interval, Self.shortestInterval), Self.longestInterval)
        tiers[place].floor = min(max(minimum ?? .zero, Self.shortestInterval), Self.longestInterval)
        let isOwing = tiers[place].owesCompleted
        tiers[place].nextAt = isOwing ? now : now + max(tiers[place].interval, tiers[place].floor)
    }

    mutating func failed(
        _ tracker: TrackerIndex, retryIn: Duration?, isFinal: Bool, at now: Moment, using generator: inout SplitMix64
    ) {
        guard let place = tier(asking: tracker) else { return }
        tiers[place].inFlight = nil
        tiers[place].tried += 1
        guard tiers[place].tried == tiers[place].trackers.count else {
            // The next of the tier, at once.
            tiers[place].nextAt = now
            return
        }
        tiers[place].tried = 0
        let pause = min(Self.longestPause, Self.firstPause * (1 << min(tiers[place].failures, 9)))
        tiers[place].failures += 1
        // Up to a quarter more, so that not everybody comes back at once.
        var wait = pause + pause * Double.random(in: 0..<0.25, using: &generator)
        if isFinal { wait = max(wait, Self.refusalPause) }
        if let retryIn { wait = max(wait, min(retryIn, Self.longestInterval)) }
        tiers[place].nextAt = now + wait
    }

    /// Peers have run short: asks sooner than the interval says, though not before the tracker allows, and each time in
    /// a row after twice the wait.
    mutating func hurry(at now: Moment) {
        guard isRunning else { return }
        for place in tiers.indices where tiers[place].inFlight == nil {
            guard let answeredAt = tiers[place].answeredAt else { continue }
            let wait = tiers[place].floor * (1 << min(tiers[place].earlyTurns, 10))
            let early = answeredAt + min(wait, tiers[place].interval)
            guard early < tiers[place].nextAt else { continue }
            tiers[place].nextAt = max(now, early)
            tiers[place].earlyTurns += 1
        }
    }

    /// Peers are plenty again.
    mutating func relax() {
        for place in tiers.indices { tiers[place].earlyTurns = 0 }
    }

    private func event(of tier: Tier) -> AnnounceEvent {
        if !tier.hasStarted || !knowsUs[tier.trackers[tier.tried].position] { return .started }
        return tier.owesCompleted ? .completed : .none
    }

    private func tier(asking tracker: TrackerIndex) -> Int? {
        tiers.firstIndex { $0.inFlight?.tracker == tracker }
    }
}
