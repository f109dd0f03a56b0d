import TorrentCore

/// Peers that are banned for this session because they sent wrong blocks.
///
/// A public address is banned with all its ports, so that a liar cannot come back with a new port and a new peer id. On
/// loopback and on a LAN many peers often share one address (several clients on one machine, a gateway), so there only
/// the endpoint is banned, and the peer id at this address: elsewhere that id may be somebody else's, whom a liar wants
/// to be banned.
struct BanList {
    private var addresses: [IPAddress] = []
    private var endpoints: [Endpoint] = []
    private var neighbours: [Neighbour] = []

    private struct Neighbour: Equatable {
        let address: IPAddress
        let id: PeerID
    }

    /// Entries of each kind; the oldest go first.
    static let mostEntries = 1_000

    mutating func ban(_ contributor: Contributor) {
        guard contributor.endpoint.address.scope.isLocal else {
            return Self.add(contributor.endpoint.address, to: &addresses)
        }
        Self.add(contributor.endpoint, to: &endpoints)
        if let listensAt = contributor.listensAt { Self.add(listensAt, to: &endpoints) }
        Self.add(Neighbour(address: contributor.endpoint.address, id: contributor.peerID), to: &neighbours)
    }

    func contains(_ endpoint: Endpoint) -> Bool {
        addresses.contains(endpoint.address) || endpoints.contains(endpoint)
    }

    func contains(_ endpoint: Endpoint, _ id: PeerID) -> Bool {
        contains(endpoint) || neighbours.contains(Neighbour(address: endpoint.address, id: id))
    }

    private static func add<Value: Equatable>(_ value: Value, to list: inout [Value]) {
        guard !list.contains(value) else { return }
        if list.count == mostEntries { list.removeFirst() }
        list.append(value)
    }
}
