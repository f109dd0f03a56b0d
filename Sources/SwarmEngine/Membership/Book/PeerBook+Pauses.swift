import TorrentCore

// How long an address is left alone.

extension PeerBook {
    /// After the first failure.
    static let firstPause = Duration.seconds(15)
    /// The same for peers that the user named: they may be just starting.
    static let firstPauseOfNamed = Duration.seconds(1)
    /// The same for public addresses of lists that have never answered.
    static let firstPauseOfUnproven = Neighbourhoods.rest
    /// After a connection that was of no use.
    static let rest = Duration.seconds(600)
    static let longestPause = Duration.seconds(1_800)
    /// The same for peers that people named.
    static let longestPauseOfNamed = Duration.seconds(128)
    /// The longest after attempts that came to nothing through no fault of the peer.
    static let longestPostponement = Duration.seconds(240)
    /// Places where peers that connected to us from one address say that they listen.
    static let mostIncoming = 4
    /// A peer that may not be tried for longer than this gives no hope for now.
    static let longestHope = Duration.seconds(60)
    /// Until one that was not there is tried again, once it says on the local network that it is.
    static let pauseOfHeard = Duration.seconds(1)
    /// After so many failures a peer is forgotten, unless people named it.
    static let mostFailures = 6

    func pause(of entry: BookEntry, after outcome: PeerOutcome) -> Duration {
        let isNamed = entry.sources.best.isNamed
        if outcome == .postponed {
            let first = entry.sources.contains(.user) ? Self.firstPauseOfNamed : Self.firstPause
            return min(Self.longestPostponement, first * (1 << min(entry.postponements - 1, 7)))
        }
        let doublings = min(max(0, entry.failures - 1), 7)
        let first = outcome.failures > 0 ? firstPause(of: entry) : Self.firstPause
        return min(isNamed ? Self.longestPauseOfNamed : Self.longestPause, first * (1 << doublings))
    }

    func firstPause(of entry: BookEntry) -> Duration {
        if entry.sources.contains(.user) { return Self.firstPauseOfNamed }
        return entry.isUnproven ? Self.firstPauseOfUnproven : Self.firstPause
    }
}
