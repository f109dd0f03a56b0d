import SwarmEngine
import TorrentCore
import TorrentIO

/// Whoever looks peers up hears where they are.
protocol PeerLookupsOwner: SessionPartOwner {
    /// One peer has these addresses; who told its name is at `teller`.
    func found(_ endpoints: [Endpoint], from source: PeerSource, by teller: IPAddress?)
    /// Whether what this tracker told is still of use: while names were looked up another one may have taken its place
    /// (BEP 27).
    func usesAnswers(of tracker: TrackerIndex) -> Bool
}

/// Looks up peers that are known by name. One that the user or a magnet link named, and nobody knows, is looked up
/// again, ever later.
final class PeerLookups {
    /// Why a name that was given to us leads nowhere.
    private struct Problem {
        let source: PeerSource
        let why: String
    }

    weak var owner: (any PeerLookupsOwner)?
    private let resolver: Resolver
    private let reactor: Reactor
    /// Names that are being looked up.
    private(set) var underWay = 0
    /// Names that were given to us and that nobody knows, a clause each, for people.
    var unknown: [String] { problems.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.why)" } }
    private var problems: [String: Problem] = [:]
    /// False once the torrent has turned out to be private: nobody whom a link names is a peer of it (BEP 27).
    private var usesLinks = true

    private static let firstPause = Duration.seconds(5)
    private static let longestPause = Duration.seconds(300)

    init(_ resolver: Resolver, _ reactor: Reactor) {
        self.resolver = resolver
        self.reactor = reactor
    }

    /// One whom the user or a link named.
    func lookUp(_ host: String, _ port: UInt16, from source: PeerSource) {
        lookUp(host, port, from: source, pause: Self.firstPause)
    }

    /// One whom a tracker, which is at `teller`, told of.
    func lookUp(_ host: String, _ port: UInt16, of tracker: TrackerIndex, by teller: IPAddress) {
        resolve(host) { owner, result in
            guard owner.usesAnswers(of: tracker) else { return }
            switch result {
            case .success(let addresses):
                owner.found(addresses.map { Endpoint($0, port: port) }, from: .tracker, by: teller)
            case .failure(let error): owner.notice("peer_unknown", "\(host): \(error)", isDetail: true)
            }
        }
    }

    /// Those whom a link named are not looked for any more, nor called if they are found.
    func leaveLinks() {
        usesLinks = false
        problems = problems.filter { $0.value.source != .link }
    }

    private func lookUp(_ host: String, _ port: UInt16, from source: PeerSource, pause: Duration) {
        resolve(host) { [weak self] owner, result in
            guard let self, isOfUse(source) else { return }
            switch result {
            case .success(let addresses):
                problems[host] = nil
                owner.found(addresses.map { Endpoint($0, port: port) }, from: source, by: nil)
            case .failure(let error):
                problems[host] = Problem(source: source, why: "\(error)")
                let isFirst = pause == Self.firstPause
                owner.notice("peer_unknown", "\(host): \(error); trying again", isDetail: !isFirst)
                lookUpAgain(host, port, from: source, after: pause)
            }
        }
    }

    private func isOfUse(_ source: PeerSource) -> Bool { usesLinks || source != .link }

    private func resolve(
        _ host: String, _ body: @escaping (any PeerLookupsOwner, Result<[IPAddress], Resolver.Failure>) -> Void
    ) {
        underWay += 1
        resolver.resolve(host, on: reactor) { [weak self] result in
            guard let self, let owner, !owner.isStopping else { return }
            underWay -= 1
            body(owner, result)
        }
    }

    private func lookUpAgain(_ host: String, _ port: UInt16, from source: PeerSource, after pause: Duration) {
        reactor.setTimer(after: pause) { [weak self] in
            guard let self, let owner, !owner.isStopping, isOfUse(source) else { return }
            lookUp(host, port, from: source, pause: min(pause * 2, Self.longestPause))
        }
    }
}
