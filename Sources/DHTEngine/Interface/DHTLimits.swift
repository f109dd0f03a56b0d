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
