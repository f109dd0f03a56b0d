package import TorrentCore

/// Why the tracker refuses an announce; each has words for the sender.
package enum TrackerRefusal: Error, Hashable, Sendable {
    /// An address that nobody can connect to.
    case badAddress
    case tooManyTorrents, tooManyPeers
    /// Only torrents of the catalogue are tracked, and this one is not there.
    case notListed

    /// What the sender is told: a `failure reason`.
    package var reason: StaticString {
        switch self {
        case .badAddress: "your address is not one that peers can reach"
        case .tooManyTorrents: "this tracker has as many torrents as it takes"
        case .tooManyPeers: "this tracker has as many peers as it takes"
        case .notListed: "this tracker serves only the torrents in its catalogue: publish this one there first"
        }
    }

    /// When to ask again (BEP 31).
    package var retry: TrackerFailure.Retry { self == .badAddress ? .never : .after(.seconds(1_800)) }
}

/// What has happened since the start.
package struct TrackerCounters: Sendable, Hashable {
    /// All that could be read, those that were refused too.
    package var announces: UInt64 = 0
    /// Announces that said `started`.
    package var started: UInt64 = 0
    /// Announces that said `completed`.
    package var completed: UInt64 = 0
    /// Announces that said `stopped`.
    package var stopped: UInt64 = 0
    /// Hashes in scrapes, known or not.
    package var scrapedTorrents: UInt64 = 0
    /// Announces that were answered with a `TrackerRefusal`.
    package var refused: UInt64 = 0
    /// Peers forgotten because they went silent.
    package var expired: UInt64 = 0

    package init() {}
}

/// One swarm as people see it.
package struct TrackedSwarm: Sendable, Hashable {
    package var infoHash: InfoHash
    /// Untrusted.
    package var name: String?
    package var counts: ScrapeCounts
    /// Since a peer was heard; whole minutes.
    package var silence: Duration

    /// Most peers first, then most downloads, then by info hash.
    var rank: (Int, Int, InfoHash) { (counts.complete + counts.incomplete, counts.downloaded, infoHash) }
}
