import TorrentCore

/// How often a torrent that is short of peers has the DHT asked anew, beside what the node does by itself: soon at
/// first, then ever more seldom, since whoever has three peers may well know all that there are.
struct LookPace {
    /// Until the next look.
    private(set) var pause = first
    private var beganAt: Moment?

    static let first = Duration.seconds(30)
    static let longest = Duration.seconds(15 * 60)
    /// A torrent whose only peer comes and goes does not begin anew each time.
    static let shortestRestart = Duration.seconds(5 * 60)

    /// The pause is over. Returns whether it is to be looked; whoever has peers looks soon when they have gone.
    mutating func looks(isShortOfPeers: Bool) -> Bool {
        pause = isShortOfPeers ? min(pause + pause, Self.longest) : Self.first
        return isShortOfPeers
    }

    /// Others can be asked again, and have just been.
    mutating func networkCame() { pause = Self.first }

    /// The last peer has gone: it begins anew. False if it has done so just now.
    mutating func beginsAnew(at now: Moment) -> Bool {
        if let beganAt, now - beganAt < Self.shortestRestart { return false }
        beganAt = now
        pause = Self.first
        return true
    }
}
