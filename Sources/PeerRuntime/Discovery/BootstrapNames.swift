import TorrentCore
import TorrentIO

/// Looks up the names of nodes of the DHT, each once at a time. Confined to its reactor.
final class BootstrapNames {
    private let resolver: Resolver
    private let reactor: Reactor
    private var underWay: [PeerAddress: [(Result<[Endpoint], Resolver.Failure>) -> Void]] = [:]

    /// Names that are being looked up, at the most; torrents may name many.
    private static let limit = 64

    init(_ resolver: Resolver, _ reactor: Reactor) {
        self.resolver = resolver
        self.reactor = reactor
    }

    /// Calls `body` once, in a later iteration; never where too many are looked up already.
    func lookUp(_ place: PeerAddress, _ body: @escaping (Result<[Endpoint], Resolver.Failure>) -> Void) {
        guard underWay[place] != nil || underWay.count < Self.limit else { return }
        underWay[place, default: []].append(body)
        guard underWay[place]?.count == 1 else { return }
        resolver.resolve(place.host, on: reactor) { [weak self] result in
            let waiting = self?.underWay.removeValue(forKey: place) ?? []
            let endpoints = result.map { $0.map { Endpoint($0, port: place.port) } }
            for body in waiting { body(endpoints) }
        }
    }
}
