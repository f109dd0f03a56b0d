package import TorrentCore

/// One torrent at one moment. Bytes are payload bytes of this run, rates bytes a second.
package struct TorrentProgress: Sendable, Hashable {
    /// What the torrent is doing.
    package enum State: Sendable, Hashable {
        /// Comparing files with the hashes, fetching pieces, serving all that is there, or at its end.
        case checking, leeching, seeding, stopped
        /// All that is known of it is a magnet link: its metadata is fetched from peers (BEP 9).
        case fetchingMetadata
        /// By the user, until it is resumed.
        case paused
    }

    package var infoHash: InfoHash
    package var state: State
    /// Bytes of the whole payload; 0 while that is not known.
    package var totalBytes: Int64
    /// Bytes received in this run.
    package var downloaded: Int64 = 0
    /// Bytes sent in this run.
    package var uploaded: Int64 = 0
    /// Bytes of pieces not yet verified and stored; 0 while it is not known how many there are.
    package var left: Int64 = 0
    /// Bytes a second, over the last seconds.
    package var downloadRate: Double = 0
    /// Bytes a second, over the last seconds.
    package var uploadRate: Double = 0
    /// How far its metadata is, while that is fetched.
    package var metadata: MetadataProgress?
    /// Its pieces are hidden, since as little as possible is to be sent, until there is another seed (BEP 16).
    package var isSuperSeeding = false
    /// Who is connected.
    private var connected = ConnectedPeers()
    /// Why nothing moves, where nothing does.
    package var standstill: Standstill?
    /// How the last of the connections ended, where the standstill is `nobodyStays`: "it closed the connection".
    package var whyNobodyStays: String?
    /// Seconds until a tracker is asked again, or where there is none the DHT; nil where that is not known.
    package var nextAnnounce: Double?

    package init(infoHash: InfoHash, state: State, totalBytes: Int64) {
        self.infoHash = infoHash
        self.state = state
        self.totalBytes = totalBytes
    }
}

extension TorrentProgress {
    /// Connected, those that have everything included.
    package var peers: Int {
        get { connected.count }
        set { connected.count = newValue }
    }

    /// Those of `peers` that have everything.
    package var seeds: Int {
        get { connected.seeds }
        set { connected.seeds = newValue }
    }

    /// How many times the whole was sent in this run, while it is super-seeded; nil if it is not.
    package var copiesOut: Double? {
        isSuperSeeding && totalBytes > 0 ? Double(uploaded) / Double(totalBytes) : nil
    }

    /// Where `peers` came from.
    package var sources: PeerOrigins {
        get { connected.sources }
        set { connected.sources = newValue }
    }

    fileprivate struct ConnectedPeers: Hashable {
        var count = 0
        var seeds = 0
        var sources = PeerOrigins()
    }
}

/// How far the metadata of a torrent is, which peers send in pieces of 16 KiB (BEP 9).
package struct MetadataProgress: Sendable, Hashable {
    /// Pieces that are there, nobody knows yet whether right.
    package var done: Int
    /// As many as it has, if the peers are to be believed; nil while none has said.
    package var pieces: Int?
    /// Which ways to peers were tried and what became of each, a clause each for people: may hold words of strangers.
    package var tried: [String]

    package init(done: Int, pieces: Int?, tried: [String]) {
        self.done = done
        self.pieces = pieces
        self.tried = tried
    }
}
