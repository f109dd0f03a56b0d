import TorrentCore

/// The address translation between the peers around the tracker and the rest of the world.
struct Surroundings {
    let host: HostAddresses
    /// The public addresses of the private networks around the tracker.
    let external: [IPAddress]
}

/// What an asker calls the peers, some of which are known by addresses that mean nothing where it stands.
struct Viewpoint {
    private let reach: IPAddress.Reach
    /// The address by which it knows the tracker's machine.
    private let host: IPAddress?
    /// What it calls the machines of the private networks around the tracker, IPv4 and IPv6: the router forwards to
    /// them, each by its port.
    private let network: (v4: IPAddress?, v6: IPAddress?)

    init(from place: IPAddress, _ surroundings: Surroundings) {
        let external = surroundings.external
        reach = place.reach
        network = reach == .world ? (external.first(where: \.isV4), external.first { !$0.isV4 }) : (nil, nil)
        let named = place.isV4 ? network.v4 : network.v6
        host = reach == .host ? nil : named ?? surroundings.host.facing(place) ?? network.v4 ?? network.v6
    }

    /// Whether it may reach peers of private networks or of the tracker's machine.
    var reachesNear: Bool { reach != .world || host != nil || network.v4 != nil || network.v6 != nil }

    /// Whether peers of the tracker's machine have a name in the asker's family whatever their own.
    var namesHost: Bool { host != nil }

    /// The address by which it can reach `peer`; nil if it cannot.
    func name(of peer: Endpoint) -> Endpoint? {
        switch peer.address.reach {
        case .world: return peer
        case .network:
            guard reach == .world else { return peer }
            return (peer.address.isV4 ? network.v4 : network.v6).map { Endpoint($0, port: peer.port) }
        case .host:
            guard reach != .host else { return peer }
            return host.map { Endpoint($0, port: peer.port) }
        }
    }
}
