/// Asks for the counts of torrents (BEP 48, BEP 15).
public struct ScrapeRequest: Hashable, Sendable {
    /// In the order of the request. Over HTTP, an empty list asks for every torrent; UDP has no such request.
    public var infoHashes: [InfoHash]

    /// As many as fit a UDP packet (BEP 15). An HTTP request is bounded by its own length alone.
    public static let packetLimit = 74

    public init(infoHashes: [InfoHash]) {
        self.infoHashes = infoHashes
    }
}

/// The counts of one torrent.
public struct ScrapeCounts: Hashable, Sendable, BitwiseCopyable {
    /// Seeders.
    public var complete: Int
    /// Leechers.
    public var incomplete: Int
    /// How often it was downloaded whole.
    public var downloaded: Int

    public init(complete: Int = 0, incomplete: Int = 0, downloaded: Int = 0) {
        self.complete = complete
        self.incomplete = incomplete
        self.downloaded = downloaded
    }
}

/// What a tracker answers to a scrape.
public struct ScrapeResponse: Hashable, Sendable {
    /// A torrent with its counts.
    public struct Torrent: Hashable, Sendable, BitwiseCopyable {
        public var infoHash: InfoHash
        public var counts: ScrapeCounts

        public init(_ infoHash: InfoHash, _ counts: ScrapeCounts) {
            self.infoHash = infoHash
            self.counts = counts
        }
    }

    /// In the order of the answer.
    public var torrents: [Torrent]

    public init(torrents: [Torrent]) {
        self.torrents = torrents
    }
}
