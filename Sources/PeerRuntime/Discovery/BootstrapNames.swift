import TorrentCore
import TorrentIO

/// Looks up the names of nodes of the DHT, each once at a time. Confined to its reactor.
final class BootstrapNames {
    private let resolver: Resolver
    private let reactor: Reactor
    private let limit: Int
    private var underWay: [PeerAddress: [(Result<[Endpoint], Resolver.Failure>) -> Void]] = [:]

    /// Names that strangers wrote down, and that are looked up at once.
    static let mostOfStrangers = 64

    /// `limit`: names that are looked up at once, at the most.
    init(_ resolver: Resolver, _ reactor: Reactor, limit: Int) {
        self.resolver = resolver
        self.reactor = reactor
        self.limit = limit
    }

    /// Calls `body` once, in a later iteration.
    func lookUp(_ place: PeerAddress, _ body: @escaping (Result<[Endpoint], Resolver.Failure>) -> Void) {
        guard underWay[place] != nil || underWay.count < limit else {
            return reactor.performLater { body(.failure(.tooMany)) }
        }
        underWay[place, default: []].append(body)
        guard underWay[place]?.count == 1 else { return }
        resolver.resolve(place.host, on: reactor) { [weak self] result in
            let waiting = self?.underWay.removeValue(forKey: place) ?? []
            let endpoints = result.map { $0.map { Endpoint($0, port: place.port) } }
            for body in waiting { body(endpoints) }
        }
    }
}
