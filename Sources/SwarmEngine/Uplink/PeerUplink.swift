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
    /// When it might last ask for blocks it asked for none, though it says that it is interested.
    var letsChancesPass = false
    /// A whole piece that is being sent to it in a turn, and when its first block was handed over; nil once the peer
    /// has announced the piece.
    var delivery: (piece: PieceIndex, since: Moment)?
    var turns = TurnRecord()
    var spread = SpreadRecord()

    var isChokedByUs: Bool {
        if case .choked = standing { true } else { false }
    }

    /// Nothing has come of its last unchoke.
    var hasAskedNothing: Bool { uploads.isIdle && sent.total == sentWhenUnchoked }
    /// Whoever wants something asks for it so soon after an unchoke.
    fileprivate static let timeToAsk = Duration.seconds(5)

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

// What the other rooms may read.
extension PeerConnection {
    var isInterestedInUs: Bool { uplink.isInterestedInUs }
    var standing: UplinkStanding { uplink.standing }
    /// It wants something of us, as far as one can tell: it is interested, and asks when it may.
    func wantsOurs(at now: Moment) -> Bool {
        guard uplink.isInterestedInUs, !uplink.letsChancesPass else { return false }
        guard !uplink.isChokedByUs, uplink.hasAskedNothing, let since = uplink.unchokedAt else { return true }
        return now - since < PeerUplink.timeToAsk
    }
}
