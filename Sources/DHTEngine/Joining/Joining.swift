import TorrentCore

/// How a node finds others: where it may begin, and when it tries again.
struct Joining {
    enum Phase: Equatable {
        case off
        /// Nobody has answered yet.
        case asking
        /// Nobody does.
        case alone
        /// Somebody has, and the rest of the space is to be filled.
        case filling
        case settled
    }

    /// Addresses to begin at that are remembered.
    static let mostPlaces = 64
    /// Names are wanted after so long when what is remembered is silent, and then ever less often.
    static let patienceWithMemory = Duration.milliseconds(1_500)
    static let firstPause = Duration.seconds(5)
    static let longestPause = Duration.seconds(300)
    /// Two changes of the network that come sooner are one, if somebody has answered in between.
    static let shortestStay = Duration.seconds(5)
    /// Our own neighbourhood is looked at so often.
    static let neighbourhoodInterval = Duration.seconds(15 * 60)
    /// Lookups that fill the buckets one after the other leave so much time to what matters more.
    static let fillingPause = Duration.seconds(1)

    /// One bucket after another, when all is well.
    static let keepingPause = Duration.seconds(60)

    var phase = Phase.off
    /// Where to begin, as far as somebody has named it.
    private(set) var places: [Endpoint] = []
    /// Those of them that the user or a list names: nobody else's push them out.
    private var lasting: Set<Endpoint> = []
    private var changedAt: Moment?
    private var pause = Joining.firstPause
    /// When the bootstrap nodes are wanted, or everything is tried again.
    var retryAt = Moment.distantFuture
    /// When our neighbourhood, or the next bucket, is looked at.
    var lookAt = Moment.distantFuture
    /// The bucket that is filled next.
    var nextBucket = 0
    /// What lookups tell of how many nodes there are.
    var size = SizeEstimate()

    mutating func named(_ endpoint: Endpoint, by naming: DHTNaming) {
        let isLasting = naming == .bootstrap
        if !places.contains(endpoint) {
            if places.count >= Self.mostPlaces {
                guard let slot = places.firstIndex(where: { !lasting.contains($0) }) ?? (isLasting ? 0 : nil) else {
                    return
                }
                lasting.remove(places.remove(at: slot))
            }
            places.append(endpoint)
        }
        if isLasting { lasting.insert(endpoint) }
    }

    /// Interfaces that come and go do not make us join all the time: who has just joined has a network.
    mutating func isWorthJoiningAnew(at now: Moment) -> Bool {
        let isSoon = changedAt.map { now - $0 < Self.shortestStay } ?? false
        if isSoon, phase == .filling || phase == .settled { return false }
        changedAt = now
        return true
    }

    /// When it is tried again: ever later.
    mutating func nextPause() -> Duration {
        let now = pause
        pause = min(pause + pause, Self.longestPause)
        return now
    }

    mutating func hasNews() { pause = Self.firstPause }
}
