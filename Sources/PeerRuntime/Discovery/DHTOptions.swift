/// How a node of ours takes part in the DHT.
package struct DHTOptions: Sendable, Equatable {
    /// Where to begin when nobody is known, or answers any more.
    package var bootstrap: [PeerAddress]
    /// It asks and answers nobody (BEP 43): for a node that lives for one question.
    package var isReadOnly = false
    /// Whether others are told that we have what we seek.
    package var announces = true

    /// Well-known nodes that answer everybody, by their names.
    package static let wellKnown = [
        PeerAddress(host: "router.bittorrent.com", port: 6_881),
        PeerAddress(host: "dht.transmissionbt.com", port: 6_881),
        PeerAddress(host: "dht.libtorrent.org", port: 25_401),
        PeerAddress(host: "router.utorrent.com", port: 6_881),
    ]

    /// `bootstrap` may be empty: then a node waits until it hears of somebody in another way.
    package init(bootstrap: [PeerAddress]) {
        self.bootstrap = bootstrap
    }
}
