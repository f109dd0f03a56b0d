package import TorrentCore
package import TorrentIO

/// One announce to one tracker, under way on a reactor.
package protocol AnnounceTask: AnyObject {
    /// Ends it; the completion is not called.
    func cancel()
}

/// What a tracker has said, and which of its addresses did.
package struct AnnounceAnswer: Hashable, Sendable {
    package let response: AnnounceResponse
    package let address: IPAddress
}

/// Called once with the tracker's answer.
package typealias AnnounceCompletion = (Result<AnnounceAnswer, AnnounceFailure>) -> Void

/// Starts announces over whichever protocol a tracker's URL names. Confined to its reactor.
package final class TrackerClient {
    let reactor: Reactor
    let resolver: Resolver
    let udpTrackers: UDPTrackers
    /// The local address for announces; nil leaves it to the system.
    let source: IPAddress?
    let pace: RacePace
    let inflater: Inflater
    private var generator: SplitMix64
    /// Which address of a host has answered last, for hosts with several.
    private var answering: [String: IPAddress] = [:]

    /// How long a whole announce may take.
    static let timeout = Duration.seconds(20)
    /// Our name in HTTP (User-Agent).
    static let agent = "p2p-peer/\(SuiteVersion.short)"
    /// Hosts whose address is remembered: redirects can lead to many.
    static let memoryLimit = 256

    /// `seed` is for the transaction ids of UDP (BEP 15), `pace` for the race between the addresses of a host.
    package init(
        reactor: Reactor, resolver: Resolver, udpTrackers: UDPTrackers, source: IPAddress? = nil, seed: UInt64,
        pace: RacePace = RacePace(), inflater: Inflater = .system
    ) {
        self.reactor = reactor
        self.resolver = resolver
        self.udpTrackers = udpTrackers
        self.source = source
        self.pace = pace
        self.inflater = inflater
        generator = SplitMix64(seed: seed)
    }

    /// The task lives until it calls `completion` or is cancelled.
    package func announce(
        _ request: AnnounceRequest, to url: TrackerURL, timeout: Duration = timeout,
        completion: @escaping AnnounceCompletion
    ) -> any AnnounceTask {
        switch url.scheme {
        case .http:
            return TrackerAnnounce(
                request, by: .http, to: url, client: self, timeout: timeout, completion: completion)
        case .udp:
            return TrackerAnnounce(request, by: .udp, to: url, client: self, timeout: timeout, completion: completion)
        case .https:
            return RefusedAnnounce(
                AnnounceFailure("https trackers are not supported: this build has no TLS"), reactor, completion)
        }
    }

    func nextTransaction() -> TransactionID { TransactionID(UInt32(truncatingIfNeeded: generator.next())) }

    /// Where the host of `url` can be asked, in the order to try it.
    func endpoints(of url: TrackerURL, _ body: @escaping (Result<[Endpoint], AnnounceFailure>) -> Void) {
        resolver.resolve(url.host, on: reactor) { [self] result in
            switch result {
            case .success(let found):
                let usable = found.filter { source == nil || $0.isV4 == source?.isV4 }
                guard !usable.isEmpty else { return body(.failure(Self.noAddress(for: source))) }
                body(.success(usable.raced(first: answering[url.host]).map { Endpoint($0, port: url.port) }))
            case .failure(let error):
                body(.failure(AnnounceFailure("\(error)")))
            }
        }
    }

    private static func noAddress(for source: IPAddress?) -> AnnounceFailure {
        guard let source else { return AnnounceFailure("it has no address") }
        let (ours, theirs) = source.isV4 ? ("IPv4", "IPv6") : ("IPv6", "IPv4")
        return AnnounceFailure("it has \(theirs) only, and --listen names an \(ours) address")
    }

    func remember(_ address: IPAddress, for host: String) {
        guard answering[host] != nil || answering.count < Self.memoryLimit else { return }
        answering[host] = address
    }
}

/// An announce that cannot be made at all; reports that an iteration later, as a network would.
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
