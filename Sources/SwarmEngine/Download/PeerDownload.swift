import TorrentCore

/// What we get from a peer: whether it has something for us, what it was asked for, and how it answers.
struct PeerDownload {
    var isChokingUs = true
    /// It was told that it has something for us.
    var isInteresting = false
    /// Pieces that it has and we have not stored.
    var usefulCount = 0
    var pipeline = RequestPipeline()
    /// The piece that its requests are taken from.
    var current: PieceProgress?
    /// The block whose bytes are coming in just now.
    var arriving: BlockRequest?
    /// Pieces that it lets us have while it chokes us.
    var allowedFast: [PieceIndex] = []
    /// Requests that it queues at most, if it said so.
    var requestQueue: Int?
    /// Blocks that may still come although their request is forgotten.
    var strays = 0
    /// Blocks that came without ever having been asked for.
    var unasked = 0
    var patience = Patience()
    var received = RateMeter(window: .seconds(20))
    /// Bytes of blocks of this peer in pieces that came good.
    var verifiedBytes: Int64 = 0
    var watch = TurnWatch()

    /// How long we have waited for it, and how it refused.
    struct Patience {
        /// When a block came, or we began to wait for one.
        var waitingSince = Moment.zero
        /// It sent nothing for long, though asked.
        var isSnubbed = false
        /// Times in a row that it refused the last of what it was asked for, and until when it is left alone for that.
        var refusals = 0
        var restsUntil = Moment.zero
    }
}

// What the other rooms may know of it.
extension PeerConnection {
    var isChokingUs: Bool { download.isChokingUs }
    var isInteresting: Bool { download.isInteresting }
    /// It serves a whole piece and then somebody else; nil as long as it has not shown it.
    var takesTurns: Bool? { download.watch.takesTurns }

    func giving(at now: Moment) -> Giving {
        Giving(
            rate: download.received.rate(at: now), isSnubbed: download.patience.isSnubbed,
            verifiedBytes: download.verifiedBytes)
    }
}
