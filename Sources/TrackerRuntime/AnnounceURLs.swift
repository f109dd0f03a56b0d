package import TorrentCore

/// What a person puts into a torrent so that others find this tracker.
package enum AnnounceURLs {
    /// A URL for each address that others can use: what the world calls this network first, then IPv4, then IPv6; those
    /// of this machine alone only if there is no other.
    package static func list(
        _ endpoints: [Endpoint], _ interfaces: [InterfaceAddress], external: [IPAddress] = []
    ) -> [String] {
        let best = reachable(endpoints, interfaces)
        let outside = external.compactMap { address in endpoints.first.map { Endpoint(address, port: $0.port) } }
        var urls: [String] = []
        for endpoint in outside + best {
            let url = "http://\(endpoint)/announce"
            if !urls.contains(url) { urls.append(url) }
        }
        return urls
    }

    /// Where the catalogue of a tracker is, by every address: those that others can use in the same order, then those
    /// of this machine alone.
    package static func catalogues(
        _ endpoints: [Endpoint], _ interfaces: [InterfaceAddress], external: [IPAddress] = []
    ) -> [String] {
        let outside = external.compactMap { address in endpoints.first.map { Endpoint(address, port: $0.port) } }
        let near = reachable(endpoints, interfaces.filter(\.address.isLoopback))
        var urls: [String] = []
        for url in (outside + reachable(endpoints, interfaces) + near).map({ "http://\($0)" })
        where !urls.contains(url) { urls.append(url) }
        return urls
    }

    /// Where others reach who listens at `endpoints`: an address of each network for a socket that listens everywhere,
    /// IPv4 first; those of this machine alone only if there is no other.
    package static func reachable(_ endpoints: [Endpoint], _ interfaces: [InterfaceAddress]) -> [Endpoint] {
        var near: [Endpoint] = []
        var far: [Endpoint] = []
        for endpoint in endpoints {
            let isEverywhere = endpoint.address.isUnspecified
            let addresses =
                isEverywhere
                ? interfaces.map(\.address).filter { $0.isV4 == endpoint.address.isV4 } : [endpoint.address]
            for address in addresses where !address.isLinkLocalIPv6 {
                let found = Endpoint(address, port: endpoint.port)
                if address.isLoopback { near.append(found) } else { far.append(found) }
            }
        }
        let best = far.isEmpty ? near : far
        return best.filter(\.address.isV4) + best.filter { !$0.address.isV4 }
    }
}

extension IPAddress {
    /// fe80::/10, which is of no use without the interface's name.
    fileprivate var isLinkLocalIPv6: Bool {
        if case .v6(let high, _) = self { high >> 54 == 0xFE80 >> 6 } else { false }
    }
}
