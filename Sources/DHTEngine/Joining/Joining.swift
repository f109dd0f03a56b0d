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
    /// Our own neighbourhood is looked at so often.
    static let neighbourhoodInterval = Duration.seconds(15 * 60)
    /// Lookups that fill the buckets one after the other leave so much time to what matters more.
    static let fillingPause = Duration.seconds(1)

    /// One bucket after another, when all is well.
    static let keepingPause = Duration.seconds(60)

    var phase = Phase.off
    /// Where to begin, as far as somebody has named it.
    private(set) var places: [Endpoint] = []
    private var pause = Joining.firstPause
    /// When the bootstrap nodes are wanted, or everything is tried again.
    var retryAt = Moment.distantFuture
    /// When our neighbourhood, or the next bucket, is looked at.
    var lookAt = Moment.distantFuture
    /// The bucket that is filled next.
    var nextBucket = 0

    mutating func named(_ endpoint: Endpoint) {
        guard !places.contains(endpoint) else { return }
        if places.count >= Self.mostPlaces { places.removeFirst() }
        places.append(endpoint)
    }

    /// When it is tried again: ever later.
    mutating func nextPause() -> Duration {
        let now = pause
        pause = min(pause + pause, Self.longestPause)
        return now
    }

    mutating func hasNews() { pause = Self.firstPause }
}
