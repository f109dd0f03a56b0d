import TorrentCore

/// What a peer does with its uplink, as seen from here: it serves a whole piece and then somebody else, or it goes on.
struct TurnWatch {
    /// It stopped after a whole piece (true) or did not (false) when it last showed it; nil before.
    private(set) var takesTurns: Bool?

    // Since it last unchoked us.
    private var unchokedAt = Moment.zero
    /// What it was asked for first.
    private var first: PieceIndex?
    private var hasCome = false
    private var isRefused = false
    private var wentOn = false
    private var isChoked = false

    mutating func unchoked(at now: Moment) {
        let before = takesTurns
        self = TurnWatch()
        (takesTurns, unchokedAt) = (before, now)
    }

    mutating func asked(for piece: PieceIndex) {
        if !isChoked, first == nil { first = piece }
    }

    /// A block of it has come.
    mutating func came(_ piece: PieceIndex, askedAt: Moment) {
        guard askedAt >= unchokedAt, let first else { return }
        if piece == first { hasCome = true } else if !isChoked { wentOn = true }
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

    /// Who was choked before anything came asked too late: that says nothing.
    private mutating func judge() {
        if wentOn || (hasCome && isRefused) {
            takesTurns = false
        } else if hasCome, isChoked {
            takesTurns = true
        }
    }
}
