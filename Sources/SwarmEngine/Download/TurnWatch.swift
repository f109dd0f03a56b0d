import TorrentCore

/// Finds out how a peer shares out its uplink: in turns, choking us after one whole piece, or in slots.
struct TurnWatch {
    /// Whether it stopped after a whole piece when we last saw it decide; nil before.
    private(set) var takesTurns: Bool?

    // All that follows is since it last unchoked us.
    private var unchokedAt = Moment.zero
    /// The piece that it was asked for first; whether a block of it has come, or was rejected.
    private var first: PieceIndex?
    private var hasCome = false
    private var isRefused = false
    /// A block of another piece has come as well.
    private var hasGoneOn = false
    private var isChoked = false

    mutating func unchoked(at now: Moment) {
        let before = takesTurns
        self = TurnWatch()
        (takesTurns, unchokedAt) = (before, now)
    }

    mutating func asked(for piece: PieceIndex) {
        if !isChoked, first == nil { first = piece }
    }

    /// A block has come.
    mutating func came(_ piece: PieceIndex, askedAt: Moment) {
        guard askedAt >= unchokedAt, let first else { return }
        if piece == first { hasCome = true } else if !isChoked { hasGoneOn = true }
        judge()
    }

    mutating func refused(_ piece: PieceIndex) {
        if piece == first { isRefused = true }
        judge()
    }

    mutating func choked() {
        isChoked = true
        judge()
    }

    /// A choke before any block has come tells nothing: we were too late to ask.
    private mutating func judge() {
        if hasGoneOn || (hasCome && isRefused) {
            takesTurns = false
        } else if hasCome, isChoked {
            takesTurns = true
        }
    }
}
