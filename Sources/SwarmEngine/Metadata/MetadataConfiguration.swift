package import TorrentCore

/// What is given once to the brain of a torrent of which only the info hash is known.
package struct MetadataConfiguration: Sendable {
    package var infoHash: InfoHash
    /// The id that we announce and shake hands with.
    package var ourID: PeerID
    /// How many trackers each tier has, in order (BEP 12). The shell keeps their addresses in one list, in this order.
    package var trackerTiers: [Int] = []
    /// The first tier is the tracker of this process alone, and nobody who led to the torrent has named it: should the
    /// torrent turn out to be private, it has no business there (BEP 27).
    package var asksOwnTracker = false
    package var limits = SwarmLimits()
    /// Most bytes of metadata that are fetched; whoever says that there are more is not believed. That of a .torrent.
    package var metadataLimit = BencodeLimits.longestMetainfo
    /// Peers tell us whom they are connected with (BEP 11). They are told nothing until it is known that the torrent is
    /// not private.
    package var exchangesPeers = false
    /// Where others can connect to us; 0: nowhere, or that is not known.
    package var listenPort: UInt16 = 0
    /// The addresses of this machine and the networks that they are in, as far as they are known.
    package var interfaces: [InterfaceAddress] = []
    /// See `SwarmRules.admitsUnnamed`: it may turn out that the torrent is private.
    package var admitsUnnamed = true
    /// Seeds the brain's random numbers: the same seed and events give the same effects.
    package var seed: UInt64

    package init(infoHash: InfoHash, ourID: PeerID, seed: UInt64) {
        self.infoHash = infoHash
        self.ourID = ourID
        self.seed = seed
    }
}
