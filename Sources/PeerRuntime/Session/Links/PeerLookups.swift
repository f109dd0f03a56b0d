import SwarmEngine
import TorrentCore
import TorrentIO

/// Whoever looks peers up hears where they are.
protocol PeerLookupsOwner: SessionPartOwner {
    /// One peer has these addresses.
    func found(_ endpoints: [Endpoint], from source: PeerSource)
}

/// Looks up peers that are known by name. One that the user or a magnet link named, and nobody knows, is looked up
/// again, ever later.
final class PeerLookups {
    weak var owner: (any PeerLookupsOwner)?
    private let resolver: Resolver
    private let reactor: Reactor
    /// Names that are being looked up.
    private(set) var underWay = 0
    /// Names that were given to us and that nobody knows, a clause each, for people.
    var unknown: [String] { problems.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" } }
    private var problems: [String: String] = [:]

    private static let firstPause = Duration.seconds(5)
    private static let longestPause = Duration.seconds(300)

    init(_ resolver: Resolver, _ reactor: Reactor) {
        self.resolver = resolver
        self.reactor = reactor
    }

    func lookUp(_ host: String, _ port: UInt16, from source: PeerSource) {
        lookUp(host, port, from: source, pause: Self.firstPause)
    }

    private func lookUp(_ host: String, _ port: UInt16, from source: PeerSource, pause: Duration) {
        underWay += 1
        resolver.resolve(host, on: reactor) { [weak self] result in
            guard let self, let owner, !owner.isStopping else { return }
            underWay -= 1
            switch result {
            case .success(let addresses):
                problems[host] = nil
                owner.found(addresses.map { Endpoint($0, port: port) }, from: source)
            case .failure(let error):
                guard source.isNamed else { return owner.notice("peer_unknown", "\(host): \(error)", isDetail: true) }
                problems[host] = "\(error)"
                let isFirst = pause == Self.firstPause
                owner.notice("peer_unknown", "\(host): \(error); trying again", isDetail: !isFirst)
                lookUpAgain(host, port, from: source, after: pause)
            }
        }
    }

    private func lookUpAgain(_ host: String, _ port: UInt16, from source: PeerSource, after pause: Duration) {
        reactor.setTimer(after: pause) { [weak self] in
            guard let self, let owner, !owner.isStopping else { return }
            lookUp(host, port, from: source, pause: min(pause * 2, Self.longestPause))
        }
    }
}

extension PeerSource {
    /// Whoever named it waits for it.
    var isNamed: Bool { self == .user || self == .link }
}
