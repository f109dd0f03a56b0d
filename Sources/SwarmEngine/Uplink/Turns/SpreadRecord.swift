import TorrentCore

/// What we, as a seed that hides its pieces, have shown to a peer, and whether it passed that on.
struct SpreadRecord {
    /// The pieces that we announced to it, each chosen for it; nil once it knows that we have everything.
    var shown: Bitfield?
    /// Pieces that it was the first to get and no other peer has announced yet; and whether another peer has ever
    /// announced one of its first pieces.
    var unspread = 0
    var hasSpread = false
    /// While it is spared: see Uplink+SuperSeeding.
    var sparing = SparingRecord()

    /// Our pieces are hidden from it, except those chosen for it.
    var isHidden: Bool { shown != nil }
}

/// How long a peer of a super-seeder goes without what others can give it, and how many pieces it is shown at once.
struct SparingRecord {
    /// From then on it may be given what others have as well. Never before it is known to be there.
    var waitsUntil = Moment.distantFuture
    /// How often in a row it was given a piece since it had waited in vain.
    var rescues = 0
    /// Pieces that it was shown while it was alone, and that others are not given: it will ask for them.
    var promised: [Int] = []
    /// Doubled with each turn in which it asks for nothing: it may want few of our pieces.
    var shownAtOnce = 1
}
