import DHTEngine
import TorrentCore
import TorrentIO

// What is asked by hand, on the reactor of the service.
extension DHTService {
    /// `onStep` hears what is asked of whom, `onEnd` once what came of it, nil if the node has ended before.
    func inquire(
        _ inquiry: DHTInquiry, isV4: Bool, onStep: @escaping (DHTStep) -> Void, onEnd: @escaping (DHTOutcome?) -> Void
    ) {
        reactor.preconditionOnReactor()
        guard let family = family(isV4: isV4) else { return reactor.performLater { onEnd(nil) } }
        let id = inquiries.add(onStep: onStep, onEnd: onEnd)
        family.take(.inquire(id, inquiry))
    }

    /// The addresses of a node; in a later iteration.
    func resolve(_ place: PeerAddress, _ body: @escaping (Result<[Endpoint], Resolver.Failure>) -> Void) {
        surroundings.resolver.resolve(place.host, on: reactor) { result in
            body(result.map { $0.map { Endpoint($0, port: place.port) } })
        }
    }

    /// Calls `body` when there are nodes, in a later iteration.
    func whenBegun(_ body: @escaping () -> Void) {
        guard families.isEmpty else { return reactor.performLater(body) }
        inquiries.whenBegun(body)
    }
}
