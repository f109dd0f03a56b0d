import TorrentCore

/// One address that we know, by whatever ways.
struct BookEntry {
    let endpoint: Endpoint
    var sources: PeerSources
    /// Where lists of strangers have told of it, and it is a public address.
    var neighbourhood: Neighbourhoods.Index?
    /// It is as good as local: see `OurPlaces`.
    var isNear = false
    /// Failed attempts in a row; a breach of the protocol counts as several: see `PeerOutcome`.
    var failures = 0
    /// In a row, attempts that came to nothing through no fault of its own.
    var postponements = 0
    /// Our own system found no way to it the last time.
    var isOutOfReach = false
    var nextTry: Moment
    /// Connected, or being connected to.
    var isBusy = false
    /// The neighbourhood counts the connection; without one, the local network the attempt.
    var isCounted = false
    /// It had everything, or would fetch nothing, when last seen.
    var isSeed = false
    var hasBeenTried = false
    /// We have connected to it, and it had the torrent.
    var hasAnswered = false
    /// See `PeerPriority`; 0 as long as nothing is known.
    var priority: UInt32 = 0

    /// Who has the lowest is tried first. Whoever connected to us, but is not there where it says that it listens,
    /// is no better than what a tracker tells.
    var rank: UInt8 {
        let best = sources.best
        return best == .incoming && failures > 0 ? PeerSource.tracker.rawValue : best.rawValue
    }

    /// What speaks against trying it before another one.
    var setbacks: Int { failures + postponements }

    /// It is known from lists of strangers alone, and may be anybody's.
    var isUnproven: Bool { neighbourhood != nil && sources.areHearsay && !hasAnswered }
}
