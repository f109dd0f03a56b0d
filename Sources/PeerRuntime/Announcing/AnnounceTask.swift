package import TorrentCore
package import TorrentIO

/// One announce to one tracker, under way on a reactor.
package protocol AnnounceTask: AnyObject {
    /// Gives up without a word.
    func cancel()
}

/// Called once with what the tracker said.
package typealias AnnounceCompletion = (Result<AnnounceResponse, AnnounceFailure>) -> Void

/// Starts announces over whichever protocol a tracker's URL names. Confined to its reactor.
package final class TrackerClient {
    let reactor: Reactor
    let resolver: Resolver
    private var generator: SplitMix64

    /// How long a whole announce may take.
    static let timeout = Duration.seconds(20)
    /// What we call ourselves in HTTP.
    static let agent = "p2p-peer/0.1"

    package init(reactor: Reactor, resolver: Resolver, seed: UInt64) {
        self.reactor = reactor
        self.resolver = resolver
        generator = SplitMix64(seed: seed)
    }

    /// The task lives until it calls `completion` or is cancelled.
    package func announce(
        _ request: AnnounceRequest, to url: TrackerURL, timeout: Duration = timeout,
        completion: @escaping AnnounceCompletion
    ) -> any AnnounceTask {
        switch url.scheme {
        case .http:
            return HTTPAnnounce(request, to: url, client: self, timeout: timeout, completion: completion)
        case .udp:
            return UDPAnnounce(
                request, to: url, client: self, timeout: timeout, transaction: generator.next(), completion: completion)
        case .https:
            return RefusedAnnounce(
                AnnounceFailure("https trackers are not supported: this build has no TLS"), reactor, completion)
        }
    }
}

/// An announce that cannot be made at all; says so a turn later, as a network would.
final class RefusedAnnounce: AnnounceTask {
    private var completion: AnnounceCompletion?

    init(_ failure: AnnounceFailure, _ reactor: Reactor, _ completion: @escaping AnnounceCompletion) {
        self.completion = completion
        reactor.performLater { [self] in
            self.completion?(.failure(failure))
            cancel()
        }
    }

    func cancel() {
        completion = nil
    }
}
