package import TorrentCore
import TorrentIO

/// The tracker that runs beside the node in the same process: each of its torrents is announced there.
package struct OwnTracker: Sendable, Hashable {
    /// By which this machine reaches it.
    package let url: TrackerURL

    /// `endpoints` are where it listens. If everything leaves by one address, `source`, the tracker is asked in its
    /// family. Nil if it listens nowhere that can be reached so.
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

    /// Whether `tiers` lead to it, by whichever address of this machine: it must not hear of us twice.
    func isNamed(in tiers: [[TrackerURL]]) -> Bool {
        let named = tiers.joined().filter { $0.port == url.port && $0.scheme != .https }
        guard !named.isEmpty else { return false }
        let ours = InterfaceAddress.all().map(\.address) + [url.address]
        return named.contains { other in
            other.host == "localhost" || other.address?.isLoopback == true || ours.contains(other.address)
        }
    }
}
