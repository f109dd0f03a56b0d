package import ByteStrings
package import TorrentCore

/// What a running node tells whoever shows it. Comes on any thread, one at a time a torrent; names are untrusted text.
package enum PeerEvent: Sendable {
    /// The node takes connections here: once, before all else.
    case listening([Endpoint])
    /// All that was known of the torrent was a magnet link; peers have sent what it is.
    case metadataComplete(Metainfo)
    /// Content that is there already is being hashed; comes at most ten times a second.
    case checking(InfoHash, done: Int64, total: Int64)
    /// What of the torrent is there, by hash or by a trusted resume record.
    case verified(InfoHash, VerifiedContent)
    /// Everything that is there has been checked and is now served. `path` is where it stands.
    case seeding(InfoHash, name: ByteString, uploaded: Int64, path: ByteString? = nil)
    /// Each second while something moves, and once when that ends: all torrents of the node.
    case progress([TorrentProgress])
    /// Who is connected now, the oldest connection first, with `PeerOptions.detail`: at most once a second, and only
    /// where something has changed.
    case peers(InfoHash, [PeerFigures])
    /// The same of what is known of each piece, with `PeerOptions.showsPieces`.
    case pieces(InfoHash, PieceMap)
    /// The last piece was verified and stored: payload bytes of the torrent, and seconds since this run began it.
    /// `path` is where it stands.
    case complete(InfoHash, bytes: Int64, seconds: Double, path: ByteString? = nil)
    /// Something that a person wants to know and that ends nothing: a tracker that fails, a disk that is full.
    case notice(InfoHash?, PeerNotice)
    /// A peer has come or gone, and with more of `PeerOptions.detail` who may ask whom.
    case peer(InfoHash, PeerNews)
    /// A tracker is asked, or has answered.
    case tracker(InfoHash, TrackerNews)
    /// Our node of the DHT has come further, or lost touch.
    case dht(DHTNews)
    /// A message went or came; only where `PeerOptions.detail` wants it.
    case word(InfoHash, PeerWord)
    /// This torrent (nil: the node) cannot go on.
    case failed(InfoHash?, PeerFailure)
    /// The last word about a torrent: bytes of this run, and those that are still to be fetched; nil if it never became
    /// known how many there are.
    case stopped(InfoHash, downloaded: Int64, uploaded: Int64, left: Int64?)
}
