/// How a torrent came to know a peer.
package enum PeerOrigin: String, CaseIterable, Sendable {
    /// A tracker told of it.
    case tracker
    /// Another peer told of it (BEP 11).
    case exchange
    /// A node of the DHT told of it (BEP 5).
    case dht
    /// It said on the local network that it has the torrent (BEP 14).
    case lan
    /// It connected to us.
    case incoming
    /// The user named it, or the magnet link.
    case named
}

/// Connected peers by how the torrent came to know them; each is counted once.
package struct PeerOrigins: Sendable, Hashable {
    private var counts = [Int](repeating: 0, count: PeerOrigin.allCases.count)

    package init() {}

    /// Those of one origin.
    package subscript(origin: PeerOrigin) -> Int {
        get { PeerOrigin.allCases.firstIndex(of: origin).map { counts[$0] } ?? 0 }
        set {
            if let place = PeerOrigin.allCases.firstIndex(of: origin) { counts[place] = newValue }
        }
    }
}
