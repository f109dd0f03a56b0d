package import TorrentCore
import TorrentIO

/// The tracker that runs in this process beside the node: each torrent of the node is announced to it.
package struct OwnTracker: Sendable, Hashable {
    /// The URL by which this machine reaches it.
    package let url: TrackerURL

    /// `endpoints` are where it listens. With `source`, the one local address for everything, an address of its family
    /// is used. Nil if it cannot be reached so.
    package init?(_ endpoints: [Endpoint], from source: IPAddress?) {
        let reachable = endpoints.filter { source == nil || $0.address.isV4 == source?.isV4 }
        guard let endpoint = reachable.first(where: \.address.isV4) ?? reachable.first else { return nil }
        var address = endpoint.address
        if address.isUnspecified { address = address.isV4 ? .loopbackV4 : .loopbackV6 }
        guard
            let url = try? TrackerURL(
                scheme: .http, host: address.description, port: endpoint.port, target: "/announce")
        else { return nil }
        self.url = url
    }

    /// Whether `tiers` include it, by any address of this machine: nothing must be announced to it twice.
    func isNamed(in tiers: [[TrackerURL]]) -> Bool {
        let named = tiers.joined().filter { $0.port == url.port && $0.scheme != .https }
        guard !named.isEmpty else { return false }
        let ours = InterfaceAddress.all().map(\.address) + [url.address]
        return named.contains { other in
            other.host == "localhost" || other.address?.isLoopback == true || ours.contains(other.address)
        }
    }
}
