package import TorrentCore

/// Something that happened between a torrent and one of its trackers.
package struct TrackerNews: Sendable, Hashable {
    /// What it was.
    package enum Kind: Sendable, Hashable {
        /// An announce has been sent.
        case asked(AnnounceEvent)
        /// The peers in its answer, its counts if it gives them, and the interval until the next announce.
        case answered(peers: Int, seeds: Int?, leechers: Int?, interval: Duration)
        /// Why, in words that may be the tracker's.
        case failed(String)
    }

    /// As the torrent has it, with what key it holds.
    package var url: String
    package var kind: Kind

    package var isFailure: Bool {
        if case .failed = kind { true } else { false }
    }

    package init(_ url: String, _ kind: Kind) {
        self.url = url
        self.kind = kind
    }
}
