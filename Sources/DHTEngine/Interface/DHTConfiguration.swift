package import TorrentCore

/// What a node of the DHT is given once, when it is made. There is one node a process and family.
package struct DHTConfiguration: Sendable {
    /// The family of this node: it never names, asks or keeps an address of the other one (BEP 32).
    package var isV4: Bool
    /// What was remembered of the run before.
    package var memory = DHTMemory()
    /// The public address that others see us at, as far as it is known: the id has to fit it (BEP 42).
    package var externalAddress: IPAddress?
    /// It asks, and answers nobody (BEP 43).
    package var isReadOnly = false
    package var limits = DHTLimits()
    package var rules = DHTRules()
    /// Whether a signature of Ed25519 is right: 32 bytes of key, 64 of signature. Nil: signed items are not kept.
    package var checksSignature: SignatureCheck?
    /// Seeds the node's random numbers: the same seed and events give the same effects.
    package var seed: UInt64
    /// What nobody may come to know: tokens follow from it. The seed, unless it is set: what others see of our random
    /// numbers would give that away, so a shell has to set this.
    package var secret: UInt64

    /// See `checksSignature`.
    package typealias SignatureCheck =
        @Sendable (_ key: [UInt8], _ signature: [UInt8], _ message: [UInt8]) -> Bool

    package init(isV4: Bool, seed: UInt64) {
        self.isV4 = isV4
        self.seed = seed
        secret = seed
    }
}

/// What a node keeps between runs.
package struct DHTMemory: Hashable, Sendable {
    /// The id, which is used again as long as it fits our address.
    package var id: NodeID?
    /// Nodes that were alive lately, the best first.
    package var contacts: [DHTContact] = []

    package init(id: NodeID? = nil, contacts: [DHTContact] = []) {
        self.id = id
        self.contacts = contacts
    }
}

/// Named bounds on everything that a stranger could make grow.
package struct DHTLimits: Hashable, Sendable {
    /// Bytes of the longest datagram that is sent (BEP 32).
    package var datagramBytes = 1_024
    /// Torrents of which peers are kept for others.
    package var keptTorrents = 2_000
    /// Peers that are kept of one torrent.
    package var keptPeersATorrent = 200
    /// Peers that are kept in all.
    package var keptPeers = 10_000
    /// Bytes of items that are kept (BEP 44).
    package var itemBytes = 512 << 10
    /// Bytes of the longest item (BEP 44).
    package var longestItem = 1_000
    /// Addresses whose rate of questions is watched.
    package var watchedSources = 2_000
    /// Questions a second that one address is answered, and how many at once.
    package var questionsASecond = 10
    /// See `questionsASecond`.
    package var questionsAtOnce = 40
    /// Bytes a second that go to addresses which have not shown that they are where they say.
    package var unprovenBytesASecond = 50_000
    /// Addresses a second that are asked without having been heard from just now, and how many at once: home routers
    /// choke on more.
    package var newAddressesASecond = 50
    /// See `newAddressesASecond`.
    package var newAddressesAtOnce = 16
    /// Lookups that run at once; further ones wait for their turn.
    package var lookups = 16
    /// Nodes that one lookup knows of.
    package var nodesALookup = 150
    /// Peers that one lookup takes over.
    package var peersALookup = 1_000

    package init() {}
}

/// How a node looks up. What each is worth was measured: see the page Performance.
package struct DHTRules: Hashable, Sendable {
    /// How long a queried node keeps its place among those that are being asked.
    package enum Patience: Hashable, Sendable {
        /// As long as the nodes that were asked lately took, at this percentile, and a bit.
        case measured(percentile: Int, margin: Duration)
        /// So long, whatever they took.
        case fixed(Duration)
    }

    /// Nodes in flight at the front of a lookup, and while nobody has answered yet.
    package var inFlight = 4
    /// See `inFlight`.
    package var inFlightAtFirst = 7
    /// A slot opens after so long.
    package var patience = Patience.measured(percentile: 80, margin: .milliseconds(20))
    /// How many of the closest have to have answered, and are announced to.
    package var closest = 8
    /// Places in the table: of the farthest half of the space, of the quarter after it, …; the last one for all others.
    package var bucketSizes = [128, 64, 32, 16, 8]
    /// An id has to fit its address (BEP 42).
    package var checksIDs = true
    /// Nodes whose id does not fit that one lookup asks all the same, and announces to if they are among the closest.
    package var unfittingAsked = 7
    /// Of one answer, so many nodes that nobody has proven may be in flight or silent.
    package var unprovenAnAnswer = 4
    /// When a third of the answers are half refused, so many closest have to answer instead.
    package var closestInAlarm = 32

    package init() {}
}
