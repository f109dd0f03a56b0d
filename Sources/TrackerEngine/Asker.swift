import TorrentCore

/// The peer that asks, with all addresses that it has.
struct Asker {
    /// The address that others are given; none are if the port is 0.
    let endpoint: Endpoint
    /// Where its request came from, as far as is known: what it can reach from there.
    let place: IPAddress
    /// Where else it says it listens (BEP 7).
    let other: Endpoint?
    /// It is at the address that others are given, and has no other.
    let hasOneName: Bool

    /// A peer that names no address itself.
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

    /// Whether the asker is certainly among the peers of a family.
    func isAmong(_ family: Int) -> Bool {
        endpoint.port != 0 && (endpoint.address.isV4 ? 0 : 1) == family
    }
}
