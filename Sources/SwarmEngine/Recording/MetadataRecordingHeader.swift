import TorrentCore

/// The beginning of a recording of a swarm without metadata. Once it becomes the brain of the torrent, a line has the
/// configuration of that, and what follows is told to it.
struct MetadataRecordingHeader: Sendable {
    var configuration: MetadataConfiguration
    /// When the swarm was made.
    var moment: Moment

    /// The first line: a file of another version is not read.
    static let title = "metadata-recording 2"

    /// All lines after the title, in order.
    static let facts: [RecordedFact<Self>] =
        RecordedFact<MetadataConfiguration>.all.map { $0.within(\.configuration) } + [RecordedFact("begins", \.moment)]

    /// What is read into.
    static let empty = Self(
        configuration: MetadataConfiguration(infoHash: InfoHash(.zero), ourID: PeerID(.zero), seed: 0), moment: .zero)
}

extension RecordedFact<MetadataConfiguration> {
    static let all: [Self] =
        [
            Self(hash: "info-hash", \.infoHash), Self(hash: "our-id", \.ourID),
            Self(tiers: "tracker-tiers", \.trackerTiers), Self("asks-own-tracker", \.asksOwnTracker),
            Self(bytes: "metadata-limit", \.metadataLimit),
            Self("exchanges-peers", \.exchangesPeers), Self("listen-port", \.listenPort),
            Self("interfaces", \.interfaces), Self("admits-unnamed", \.admitsUnnamed),
        ] + RecordedFact<SwarmLimits>.all.map { $0.within(\.limits) } + [Self("seed", \.seed)]
}
