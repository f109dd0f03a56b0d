package import ByteStrings
package import TorrentCore

/// What a running node tells whoever shows it. Comes on any thread, one at a time a torrent; names are untrusted text.
package enum PeerEvent: Sendable {
    /// The node takes connections here: once, before all else.
    case listening([Endpoint])
    /// Content that is there already is being hashed; comes at most ten times a second.
    case checking(InfoHash, done: Int64, total: Int64)
    /// What of the torrent is there, by hash or by a trusted resume record.
    case verified(InfoHash, VerifiedContent)
    /// Everything that is there has been checked and is now served. `path` is where it stands.
    case seeding(InfoHash, name: ByteString, uploaded: Int64, path: ByteString? = nil)
    /// Each second while something moves, and once when that ends: all torrents of the node.
    case progress([TorrentProgress])
    /// The last piece was verified and stored: payload bytes of the torrent, and seconds since this run began it.
    /// `path` is where it stands.
    case complete(InfoHash, bytes: Int64, seconds: Double, path: ByteString? = nil)
    /// Something that a person wants to know and that ends nothing: a tracker that fails, a disk that is full.
    case notice(InfoHash?, PeerNotice)
    /// A peer has come or gone, and with more of `PeerOptions.detail` who may ask whom.
    case peer(InfoHash, PeerNews)
    /// A tracker is asked, or has answered.
    case tracker(InfoHash, TrackerNews)
    /// A message went or came; only where `PeerOptions.detail` wants it.
    case word(InfoHash, PeerWord)
    /// This torrent (nil: the node) cannot go on.
    case failed(InfoHash?, PeerFailure)
    /// The last word about a torrent: bytes of this run, and those that are still to be fetched.
    case stopped(InfoHash, downloaded: Int64, uploaded: Int64, left: Int64)
}

/// The outcome of the check of one torrent's content.
package struct VerifiedContent: Sendable, Hashable {
    package var pieces: Int
    package var goodPieces: Int
    package var goodBytes: Int64
    package var totalBytes: Int64
    /// True if a resume record was trusted, and nothing had to be hashed.
    package var fromResumeRecord: Bool
    /// Paths of files that are missing or short, as the metainfo has them; the first hundred.
    package var missingFiles: [ByteString]

    package init(
        pieces: Int, goodPieces: Int, goodBytes: Int64, totalBytes: Int64, fromResumeRecord: Bool,
        missingFiles: [ByteString] = []
    ) {
        self.pieces = pieces
        self.goodPieces = goodPieces
        self.goodBytes = goodBytes
        self.totalBytes = totalBytes
        self.fromResumeRecord = fromResumeRecord
        self.missingFiles = missingFiles
    }
}

/// One torrent at one moment. Bytes are payload bytes of this run, rates bytes a second.
package struct TorrentProgress: Sendable, Hashable {
    /// What the torrent is doing.
    package enum State: Sendable, Hashable {
        case checking, leeching, seeding, stopped
        /// By the user, until it is resumed.
        case paused
    }

    package var infoHash: InfoHash
    package var state: State
    package var totalBytes: Int64
    package var downloaded: Int64 = 0
    package var uploaded: Int64 = 0
    /// Bytes of pieces not yet verified and stored.
    package var left: Int64 = 0
    package var downloadRate: Double = 0
    package var uploadRate: Double = 0
    /// Connected, those that have everything included.
    package var peers = 0
    package var seeds = 0
    /// Why nothing moves, where nothing does.
    package var standstill: Standstill?
    /// How the last of the connections ended, where the standstill is `nobodyStays`: "it closed the connection".
    package var whyNobodyStays: String?
    /// Seconds until a tracker is asked again; nil if none will be.
    package var nextAnnounce: Double?

    package init(infoHash: InfoHash, state: State, totalBytes: Int64) {
        self.infoHash = infoHash
        self.state = state
        self.totalBytes = totalBytes
    }
}

/// News that ends nothing, in words for people; `text` may hold words of strangers. A remark on what is odd in a
/// torrent, or in an answer, is one with `isDetail`: `-v` says it.
package struct PeerNotice: Sendable, Hashable {
    /// For scripts: `tracker_failed`, `tracker_warning`, `disk_full`, `disk_ready`, `banned`, `no_peers`, ...
    package var code: String
    package var text: String
    /// True for what only `-v` shows.
    package var isDetail: Bool

    package init(code: String, text: String, isDetail: Bool = false) {
        self.code = code
        self.text = text
        self.isDetail = isDetail
    }
}

/// Why a torrent or a node cannot go on, in one line: what happened, to what, what to do.
package struct PeerFailure: Error, Sendable, Hashable {
    /// What kind of failure it is; the command line has an exit code for each.
    package enum Kind: String, Sendable {
        case notFound, badTorrent, io, verifyFailed, unfinished, network, diskFull
    }

    package var kind: Kind
    package var message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}
