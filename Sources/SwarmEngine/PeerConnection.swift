import TorrentCore

/// The protocol state of one connected peer. A reference, for it is changed in place a hundred thousand times a
/// second; it belongs to one swarm and never leaves it.
final class PeerConnection {
    let id: ConnectionID
    let endpoint: Endpoint
    let peerID: PeerID
    let isOutgoing: Bool
    /// Both sides speak BEP 6.
    let isFast: Bool
    /// Both sides speak BEP 10.
    let isExtended: Bool
    let connectedAt: Moment

    // What it has.
    var have: Bitfield
    /// It has told us by bitfield, haveAll, haveNone or a first have what it has.
    var hasToldPieces = false
    /// Its pieces are counted as a seed's, not one by one.
    var isCountedAsSeed = false
    /// It said that it will fetch nothing (BEP 21), or that it has more than it shows.
    var isUploadOnly = false
    /// Pieces that it has and we have not stored.
    var usefulCount = 0

    // The four bits of BEP 3.
    var isChokingUs = true
    var isInterestedInUs = false
    var isChokedByUs = true
    var isInteresting = false

    // Download.
    var pipeline = RequestPipeline()
    /// The piece that its requests are taken from.
    var current: PieceProgress?
    /// The block whose bytes are coming in just now.
    var arriving: BlockRequest?
    /// Pieces that it lets us have while it chokes us.
    var allowedFast: [PieceIndex] = []
    /// Blocks that may still come although their request is forgotten.
    var strays = 0
    /// Blocks that came without ever having been asked for.
    var unasked = 0
    var isSnubbed = false
    /// Times in a row that it refused the last of what it was asked for, and until when it is left alone for that.
    var refusals = 0
    var restsUntil = Moment.zero
    /// When a block came, or we began to wait for one.
    var waitingSince = Moment.zero
    var received = RateMeter(window: .seconds(20))
    /// Bytes of blocks of this peer in pieces that came good.
    var verifiedBytes: Int64 = 0
    var watch = TurnWatch()

    // Upload.
    var uploads = UploadQueue()
    /// Pieces that we let it have while we choke it.
    var grantedFast: [PieceIndex] = []
    var refusedRequests = 0
    var sent = RateMeter(window: .seconds(20))
    var unchokedAt: Moment?
    var lastServedAt: Moment?
    var sentWhenUnchoked: Int64 = 0
    /// When a block left last, or the first was handed over, and how many had left to anybody by then.
    var movedAt = Moment.zero
    var leftWhenMoved: Int64 = 0
    /// It takes nothing of what was handed over for it: see Swarm+Stalls.
    var isStalled = false

    /// The pieces that it was told of, all chosen for it, while it does not know that we have everything.
    var shown: Bitfield?

    // A serial uplink.
    var turn: UploadTurn?
    var lastTurnAt: Moment?
    var passedOverUntil = Moment.zero
    /// Turns in a row in which it asked for nothing.
    var unanswered = 0
    /// From an unchoke to its first request.
    var answerTime = TimeMean()
    /// When its last turn began, if it has not asked for anything since.
    var missedTurn: Moment?
    /// Turns in a row that were over when it asked, and how long it took the last time, in nanoseconds.
    var late: (turns: Int, answer: Int64) = (0, 0)
    /// A whole piece that it was given in this turn, and when the first of it was handed over; until it says that
    /// it has it.
    var delivery: (piece: PieceIndex, since: Moment)?
    /// Pieces that it got first and nobody else has announced, and whether that has ever happened.
    var unspread = 0
    var hasSpread = false

    // Life.
    var lastReceivedAt: Moment
    var lastSentAt: Moment
    /// When it was last of use to us or we to it.
    var usefulAt: Moment
    var client: String?
    var requestQueue: Int?
    /// Where it listens, as far as we know: the key of its entry in the peer book.
    var listensAt: Endpoint?

    init(
        id: ConnectionID, endpoint: Endpoint, handshake: Handshake, isOutgoing: Bool, pieceCount: Int, at now: Moment
    ) {
        self.id = id
        self.endpoint = endpoint
        self.isOutgoing = isOutgoing
        peerID = handshake.peerID
        isFast = handshake.reserved.contains(.fast)
        isExtended = handshake.reserved.contains(.extended)
        have = Bitfield(count: pieceCount)
        connectedAt = now
        lastReceivedAt = now
        lastSentAt = now
        usefulAt = now
        listensAt = isOutgoing ? endpoint : nil
    }

    /// It was told that we have nothing, and then only of pieces that were chosen for it.
    var isHiddenFrom: Bool { shown != nil }

    var isSeed: Bool { have.isFull }
    /// It has everything, or will fetch nothing.
    var wantsNothing: Bool { isUploadOnly || isSeed }
}
