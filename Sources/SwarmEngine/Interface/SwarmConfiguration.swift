package import TorrentCore

/// What a swarm is told once, when it begins.
package struct SwarmConfiguration: Sendable {
    package var geometry: TorrentGeometry
    package var infoHash: InfoHash
    package var ourID: PeerID
    /// What is stored and verified already.
    package var have: Bitfield
    /// How many trackers each tier has, in order (BEP 12); the shell keeps their addresses in the same order, flat.
    package var trackerTiers: [Int] = []
    /// A private torrent takes peers from its trackers alone (BEP 27).
    package var isPrivate = false
    /// False for a node that only serves what it has: it wants no piece, and is never interested in anybody.
    package var fetchesMissing = true
    package var limits = SwarmLimits()
    package var rules = SwarmRules()
    /// Starts the brain's own generator: the same seed and events give the same effects.
    package var seed: UInt64

    package init(geometry: TorrentGeometry, infoHash: InfoHash, ourID: PeerID, have: Bitfield, seed: UInt64) {
        self.geometry = geometry
        self.infoHash = infoHash
        self.ourID = ourID
        self.have = have
        self.seed = seed
    }
}

/// Named bounds on everything that a stranger could make grow, and the brain's tunables.
package struct SwarmLimits: Sendable, Hashable {
    /// Connections, both ways together.
    package var connections = 80
    /// Connections being made at once.
    package var connecting = 16
    /// Addresses kept that we are not connected to.
    package var knownPeers = 2_000
    /// Requests of one peer that wait for their turn; further ones are rejected or, without BEP 6, dropped.
    package var queuedRequests = 2_000
    /// Bytes of blocks handed to the shell for one peer and not yet sent.
    package var releasedBytes = 1 << 20
    /// Longest block that is served, bytes: what other clients ask at most.
    package var blockBytes = 131_072
    /// Bytes of pieces that may be open (being filled or verified) at once; at least two pieces may always be.
    package var openBytes = 48 << 20
    /// Requests under way to one peer.
    package var pipelineBlocks = 1_024
    /// Fixed number of upload slots; nil lets the slots follow the rate.
    package var uploadSlots: Int?

    package init() {}
}
