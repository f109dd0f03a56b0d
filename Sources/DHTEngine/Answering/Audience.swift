import TorrentCore

extension IPAddress {
    /// Whether this address is of use to whoever asks from another one (BEP 5 does not say): those of our own network
    /// mean nothing to somebody far away, or another machine, and show him what it looks like here. What we are told
    /// is judged by the same rule (`DHTNode.isUsable`).
    func means(somethingTo asker: IPAddress) -> Bool {
        switch scope {
        case .unusable: false
        case .loopback: asker.scope == .loopback
        case .link, .site: asker.scope != .world
        case .world: true
        }
    }
}
