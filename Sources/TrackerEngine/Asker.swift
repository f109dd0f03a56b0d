import TorrentCore

/// Who asks, by all the names that it has.
struct Asker {
    /// What others are told of it; nobody is if the port is 0.
    let endpoint: Endpoint
    /// Where its request came from, as far as is known: what it can reach from there.
    let place: IPAddress
    /// Where else it says it listens (BEP 7).
    let other: Endpoint?
    /// It stands where others are told it is, and nowhere else.
    let hasOneName: Bool

    /// One that says nothing of its address.
    init(at place: IPAddress, port: UInt16) {
        (endpoint, self.place, other, hasOneName) = (Endpoint(place, port: port), place, nil, true)
    }

    init(_ endpoint: Endpoint, place: IPAddress, other: Endpoint?) {
        (self.endpoint, self.place, self.other, hasOneName) = (endpoint, place, other, false)
    }

    /// Whether a peer is the asker: by what it says of itself, by where it stands, or by another name of this machine.
    func isItself(_ peer: Endpoint, on host: HostAddresses) -> Bool {
        if peer == other { return true }
        guard peer.port == endpoint.port else { return false }
        return peer.address == endpoint.address || peer.address == place
            || (host.contains(peer.address) && host.contains(place))
    }

    /// Whether one of the peers of a family is surely the asker.
    func isAmong(_ family: Int) -> Bool {
        endpoint.port != 0 && (endpoint.address.isV4 ? 0 : 1) == family
    }
}
