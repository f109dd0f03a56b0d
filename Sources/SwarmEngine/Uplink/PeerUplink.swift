import TorrentCore

/// What a peer gets from us: whether it wants anything, what it has asked for, and how that goes.
struct PeerUplink {
    var isInterestedInUs = false
    var isChokedByUs = true
    var uploads = UploadQueue()
    /// Pieces that we let it have while we choke it.
    var grantedFast: [PieceIndex] = []
    /// Requests refused since it was last unchoked.
    var refusedRequests = 0
    var sent = RateMeter(window: .seconds(20))
    var lastServedAt: Moment?
    /// When it was last unchoked, and what had been sent to it by then, bytes.
    var unchokedAt: Moment?
    var sentWhenUnchoked: Int64 = 0
    var flow = UploadFlow()
    /// A whole piece that it was given in this turn, and when the first of it was handed over; until it says that
    /// it has it.
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

/// Whether blocks that were handed over for a peer leave.
struct UploadFlow {
    /// When a block left last, or the first was handed over, and how many had left to anybody by then.
    var movedAt = Moment.zero
    var blocksSentWhenMoved: Int64 = 0
    /// It takes nothing of what was handed over for it: see Uplink+Stalls.
    var isStalled = false
}

/// A peer's turns, and how it answered to them.
struct TurnRecord {
    /// The one that goes on.
    var current: UploadTurn?
    var lastBeganAt: Moment?
    var passedOverUntil = Moment.zero
    /// Turns in a row in which it asked for nothing.
    var unanswered = 0
    /// From an unchoke to its first request.
    var answerTime = TimeMean()
    /// When its last turn began, if it has not asked for anything since.
    var missedAt: Moment?
    /// Turns in a row that were over when it asked, and how long it took the last time.
    var late: (count: Int, answer: Duration) = (0, .zero)
}

/// What was shown to a peer by a seeder that hides its pieces, and what came of it.
struct SpreadRecord {
    /// The pieces that it was told of, all chosen for it, while it does not know that we have everything.
    var shown: Bitfield?
    /// Pieces that it got first and nobody else has announced, and whether that has ever happened.
    var unspread = 0
    var hasSpread = false

    /// It was told that we have nothing, and then only of pieces that were chosen for it.
    var isHidden: Bool { shown != nil }
}

// What the other rooms may know of it.
extension PeerConnection {
    var isInterestedInUs: Bool { uplink.isInterestedInUs }
}
