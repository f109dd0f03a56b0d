package import TorrentCore

/// What a swarm is given once, when it is made.
package struct SwarmConfiguration: Hashable, Sendable {
    package var geometry: TorrentGeometry
    package var infoHash: InfoHash
    /// The id that we announce and shake hands with.
    package var ourID: PeerID
    /// What is stored and verified already.
    package var have: Bitfield
    /// How many trackers each tier has, in order (BEP 12). The shell keeps their addresses in one list, in this order.
    package var trackerTiers: [Int] = []
    /// A private torrent takes peers only from its trackers and its user (BEP 27).
    package var isPrivate = false
    /// Bytes of the info dictionary, which is given to who asks for it (BEP 9). 0: nobody is given any.
    package var metadataBytes = 0
    /// False for a node that only serves what it has: it wants no piece, and is never interested in a peer.
    package var fetchesMissing = true
    package var limits = SwarmLimits()
    package var rules = SwarmRules()
    /// Seeds the brain's random numbers: the same seed and events give the same effects.
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
    /// Connections, incoming and outgoing ones together.
    package var connections = 80
    /// Connections being made at once.
    package var connecting = 16
    /// Addresses in the peer book.
    package var knownPeers = 2_000
    /// Requests of one peer that wait to be served; further ones are rejected or, without BEP 6, dropped.
    package var queuedRequests = 2_000
    /// Bytes of blocks handed to the shell for one peer and not yet sent.
    package var releasedBytes = 1 << 20
    /// Longest block that is served, bytes. Other clients ask for no more.
    package var blockBytes = 131_072
    /// Bytes of pieces that may be open (being filled or verified) at once. Two pieces may be open in any case.
    package var openBytes = 48 << 20
    /// Requests under way to one peer.
    package var pipelineBlocks = 1_024
    /// Fixed number of upload slots; nil: as `SwarmRules.slots` says.
    package var uploadSlots: Int?

    package init() {}
}
