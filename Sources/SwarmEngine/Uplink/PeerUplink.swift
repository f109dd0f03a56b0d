import TorrentCore

/// What a peer gets from us: whether it is interested, what it has asked for, and what has been sent.
struct PeerUplink {
    /// Connections begin not interested, and choked (BEP 3).
    var isInterestedInUs = false
    var isChokedByUs = true
    var uploads = UploadQueue()
    /// Pieces that it may ask for while we choke it (BEP 6).
    var grantedFast: [PieceIndex] = []
    /// Requests rejected since it was last unchoked.
    var refusedRequests = 0
    var sent = RateMeter(window: .seconds(20))
    var lastServedAt: Moment?
    /// When it was last unchoked, and the bytes sent to it until then.
    var unchokedAt: Moment?
    var sentWhenUnchoked: Int64 = 0
    var flow = UploadFlow()
    /// A whole piece that is being sent to it in a turn, and when its first block was handed over; nil once the peer
    /// has announced the piece.
    var delivery: (piece: PieceIndex, since: Moment)?
    var turns = TurnRecord()
    var spread = SpreadRecord()

    mutating func unchoked(at now: Moment) {
        isChokedByUs = false
        unchokedAt = now
        sentWhenUnchoked = sent.total
        refusedRequests = 0
    }
}

/// Whether the blocks that were handed to the shell for a peer leave.
struct UploadFlow {
    /// When the last block left for it, or the first was handed over, and how many had left to all peers by then.
    var movedAt = Moment.zero
    var blocksSentWhenMoved: Int64 = 0
    /// None of its blocks leaves any more: see Uplink+Stalls.
    var isStalled = false
}

/// The upload turns of a peer, and how soon it asked for something in them.
struct TurnRecord {
    /// The turn that it has now.
    var current: UploadTurn?
    var lastBeganAt: Moment?
    /// It gets no turn before this time, since it asked for nothing in the last one.
    var passedOverUntil = Moment.zero
    /// Turns in a row in which it asked for nothing.
    var unanswered = 0
    /// The time from an unchoke to its first request.
    var answerTime = TimeMean()
    /// When its last turn began, if it has asked for nothing since.
    var missedAt: Moment?
    /// Turns in a row that were over when its first request came, and the time that the last of these took.
    var late: (count: Int, answer: Duration) = (0, .zero)
}

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

// What the other rooms may read.
extension PeerConnection {
    var isInterestedInUs: Bool { uplink.isInterestedInUs }
}
