import TorrentCore

/// What we get from a peer: whether it has pieces that we lack, what it was asked for, and how it answers.
struct PeerDownload {
    /// Connections begin choked (BEP 3).
    var isChokingUs = true
    /// We have sent it `interested`.
    var isInteresting = false
    /// Pieces that it has and we have not stored.
    var usefulCount = 0
    var pipeline = RequestPipeline()
    /// The piece from which its next requests are taken.
    var current: PieceProgress?
    /// The block whose bytes are coming in just now.
    var arriving: ArrivingBlock?
    /// Pieces that it lets us ask for while it chokes us (BEP 6).
    var allowedFast: [PieceIndex] = []
    /// The length of its request queue (`reqq` of BEP 10), if it told it.
    var requestQueue: Int?
    /// Blocks that may still come though we have forgotten their requests.
    var strays = 0
    /// Blocks that it sent unasked.
    var unasked = 0
    var patience = Patience()
    var received = RateMeter(window: .seconds(20))
    /// Bytes that it sent of pieces whose hash was right.
    var verifiedBytes: Int64 = 0
    var watch = TurnWatch()

    /// How long we have waited for blocks, and how often it has rejected requests.
    struct Patience {
        /// When the last block came, or we began to wait for one.
        var waitingSince = Moment.zero
        /// It was asked for blocks and sent none for long.
        var isSnubbed = false
        /// Times in a row that it rejected its last request, and until when it is not asked because of that.
        var refusals = 0
        var restsUntil = Moment.zero
    }
}

// What the other rooms may read.
extension PeerConnection {
    var isChokingUs: Bool { download.isChokingUs }
    var isInteresting: Bool { download.isInteresting }
    /// It has begun to send a block, and does not go on.
    var isLate: Bool { download.arriving?.isLate == true }
    /// It owes us blocks and has sent none for long.
    var isSnubbed: Bool { download.patience.isSnubbed }
    /// It serves one whole piece and then another peer; nil until it has shown whether it does.
    var takesTurns: Bool? { download.watch.takesTurns }
    /// The same, as it says itself: believed until it has shown what it does.
    var mayTakeTurns: Bool { takesTurns ?? extensions.speaks(.turns) }

    func giving(at now: Moment) -> Giving {
        Giving(
            rate: download.received.rate(at: now), isSnubbed: isSnubbed,
            verifiedBytes: download.verifiedBytes)
    }
}
