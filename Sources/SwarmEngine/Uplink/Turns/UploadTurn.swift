import TorrentCore

/// A peer's turn on a serial uplink, from its unchoke until a piece's worth has left.
struct UploadTurn {
    let beganAt: Moment
    /// The piece that a spreading seeder chose for it.
    let offered: Int?
    /// The piece that is being sent, once it has been asked for.
    var piece: PieceIndex?
    /// Where that piece's blocks begin to be asked for.
    var from: UInt32 = 0
    /// Bytes of it handed over, and bytes of the whole turn that have left.
    var released = 0
    var sent = 0
    /// Every block of the piece has been asked for or handed over: the peer was choked so that it asks for no more.
    var isClosing = false
    var lastProgressAt: Moment

    init(at now: Moment, offered: Int?) {
        beganAt = now
        self.offered = offered
        lastProgressAt = now
    }
}
