import TorrentCore

/// What the rooms share while one event goes through them: the moment, what is to be done now, and when the brain
/// wants to be woken. It belongs to `Swarm`, which lends it for each call.
struct Agenda: ~Copyable {
    /// When the event happened.
    fileprivate(set) var now = Moment.zero
    /// Nothing new is begun before the start and after the stop.
    private(set) var phase = Phase.new
    /// Where all chance comes from: the same seed and events give the same effects.
    var generator: SplitMix64
    /// What the event causes, in order.
    var effects: SwarmEffects = []
    var deadlines = Deadlines()

    /// A swarm is started once, and stopped once.
    enum Phase {
        case new, running, stopped
    }

    init(seed: UInt64) {
        generator = SplitMix64(seed: seed)
    }

    var isRunning: Bool { phase == .running }

    /// False if the swarm has been started before.
    mutating func start() -> Bool {
        guard phase == .new else { return false }
        phase = .running
        return true
    }

    /// False if the swarm is not running.
    mutating func stop() -> Bool {
        guard phase == .running else { return false }
        phase = .stopped
        return true
    }

    /// An event begins: what it causes is added to `effects`.
    @inline(__always)
    mutating func open(at now: Moment, _ effects: inout SwarmEffects) {
        self.now = now
        swap(&self.effects, &effects)
    }

    /// The event has gone through: gives the effects back.
    @inline(__always)
    mutating func close(_ effects: inout SwarmEffects) {
        swap(&self.effects, &effects)
    }
}

/// When what happens though nobody says anything. The announces and the connects are not here: their times follow from
/// `AnnounceSchedule` and `PeerBook`.
struct Deadlines {
    enum Timer: Int, CaseIterable {
        /// The next round of choking is due; set while anybody is interested.
        case round
        /// An upload turn may have come to nothing.
        case turn
        /// It is looked whether our uploads still move; set while there are any.
        case uploads
        /// There may be memory again for as many pieces as the budget has room for.
        case memory
        /// Somebody's patience, or ours with somebody, may have ended.
        case patrol
        /// A block that has begun to arrive may take too long; set while there are any.
        case arrival
        /// A peer is to be told of others.
        case exchange
    }

    private var moments = [7 of Moment](repeating: .distantFuture)

    /// Distant if the timer is not set.
    subscript(timer: Timer) -> Moment {
        get { moments[timer.rawValue] }
        set { moments[timer.rawValue] = newValue }
    }

    func isSet(_ timer: Timer) -> Bool { self[timer] != .distantFuture }

    mutating func clear(_ timer: Timer) { self[timer] = .distantFuture }

    /// Sets the timer, unless it rings sooner already.
    mutating func set(_ timer: Timer, noLaterThan moment: Moment) { self[timer] = min(self[timer], moment) }

    /// The first of all, those left out that nobody waits for.
    func soonest(besides unneeded: Timer? = nil) -> Moment {
        var soonest = Moment.distantFuture
        for timer in Timer.allCases where timer != unneeded { soonest = min(soonest, self[timer]) }
        return soonest
    }
}
