import TorrentCore

/// What a peer gets from us: whether it is interested, what it has asked for, and what has been sent.
struct PeerUplink {
    /// Connections begin not interested, and choked (BEP 3).
    var isInterestedInUs = false
    var standing = UplinkStanding.choked(.notYet)
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

    var isChokedByUs: Bool {
        if case .choked = standing { true } else { false }
    }

    mutating func unchoked(_ reason: UnchokeReason, at now: Moment) {
        standing = .unchoked(reason)
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

// What the other rooms may read.
extension PeerConnection {
    var isInterestedInUs: Bool { uplink.isInterestedInUs }
    var standing: UplinkStanding { uplink.standing }
}
