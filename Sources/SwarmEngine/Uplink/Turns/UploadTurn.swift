import TorrentCore

/// One upload turn of a peer, from its unchoke until a piece's worth has left.
struct UploadTurn {
    let beganAt: Moment
    /// The piece that a hiding seed chose for the peer.
    var offered: Int?
    /// The piece that the turn is for; nil before the first request.
    var piece: PieceIndex?
    /// Where in the piece the first request began, bytes.
    var from: UInt32 = 0
    /// Bytes of the piece handed over, counted from `from`; and bytes that have left.
    var released = 0
    var sent = 0
    /// All of the piece has been asked for: the peer was choked, so that it asks for no more.
    var isClosing = false
    var lastProgressAt: Moment

    init(at now: Moment, offered: Int?) {
        beganAt = now
        self.offered = offered
        lastProgressAt = now
    }
}
