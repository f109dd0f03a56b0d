package import TorrentCore

/// What a person or a script wants to know of a swarm. Bytes are payload bytes of this run, rates bytes a second.
package struct SwarmFigures: Hashable, Sendable {
    /// Bytes received, those in vain included.
    package var downloaded: Int64 = 0
    /// Bytes sent.
    package var uploaded: Int64 = 0
    /// Bytes received in vain: duplicates and blocks of rejected pieces.
    package var wasted: Int64 = 0
    /// Bytes of pieces not yet stored.
    package var left: Int64 = 0
    /// Bytes a second over the last seconds.
    package var downloadRate: Double = 0
    /// Bytes a second over the last seconds.
    package var uploadRate: Double = 0
    /// Connected peers by how we came to be connected.
    package var sources = SourceCounts()
    /// Connected peers that have everything; they count among `peers` too.
    package var seeds = 0
    /// Connected peers that have pieces which we lack.
    package var useful = 0
    /// Those of the useful ones that have unchoked us.
    package var willing = 0
    /// Connections being made.
    package var connecting = 0
    /// Known peers that are not connected.
    package var known = 0
    /// Copies of the rarest piece among the connected peers, without our own.
    package var availability = 0
    /// When a tracker will be asked next; nil if none will.
    package var nextAnnounce: Moment?

    package init() {}

    /// Connected peers.
    package var peers: Int { sources.total }
}

/// A number for each source of peers.
package struct SourceCounts: Hashable, Sendable {
    /// By the raw value of the source. Figures are asked for often, and are to cost no memory.
    private var counts = SIMD8<Int32>()

    package init() {}

    /// Of one source.
    package subscript(source: PeerSource) -> Int {
        get { Int(counts[Int(source.rawValue)]) }
        set { counts[Int(source.rawValue)] = Int32(clamping: newValue) }
    }

    /// Of all sources.
    package var total: Int { Int(counts.wrappedSum()) }
}
