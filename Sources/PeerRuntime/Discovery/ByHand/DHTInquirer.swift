package import DHTEngine
import Dispatch
package import PeerEvents
import Synchronization
package import TorrentCore
import TorrentIO

/// A node of the DHT that lives for one question, by hand. It asks, and answers nobody (BEP 43); it begins with the
/// nodes that the last run of a peer has kept, and changes nothing of that.
///
/// One node a family asks for itself, since each family is a DHT of its own (BEP 32).
// @unchecked: confined to `reactor`, but for `ask`.
package final class DHTInquirer: @unchecked Sendable {
    /// What is asked.
    package enum Question: Sendable {
        /// Is a node there? Nobody else is asked anything.
        case ping(PeerAddress)
        /// Who has that torrent?
        case peers(of: InfoHash)
        /// The closest nodes are told that it is at this port of ours.
        case announce(InfoHash, port: UInt16)
        /// Who is near us, and how many may there be?
        case neighbours
    }

    /// What comes of it while it lasts.
    package enum News: Sendable {
        /// Our node has come further, or lost touch.
        case node(DHTNews)
        /// A node was asked.
        case step(DHTNews.Family, DHTStep)
        /// Something for people.
        case notice(PeerNotice)
    }

    /// What came of it in one family.
    package struct Answer: Sendable {
        package let family: DHTNews.Family
        package let outcome: DHTOutcome
        package let figures: DHTFigures
    }

    private let reactor: Reactor
    private let service: DHTService
    private let question: Question
    private let onNews: @Sendable (News) -> Void
    private let done = DispatchSemaphore(value: 0)
    private let answers = Mutex<[Answer]>([])
    private var asked: Set<Bool> = []
    private var waiting = 0
    private var hasEnded = false

    /// `listen` is the local address, and the port unless that is 0; nil: any, of both families. `records` are the
    /// user's unless they are given.
    package init(
        _ question: Question, _ options: DHTOptions, listen: Endpoint? = nil, records: ResumeStore? = nil,
        onNews: @escaping @Sendable (News) -> Void
    ) throws(PeerFailure) {
        self.question = question
        self.onNews = onNews
        let hub: DatagramHub
        do throws(SystemError) {
            reactor = try Reactor(name: "p2p.dht")
            hub = DatagramHub(try Self.sockets(at: listen), reactor: reactor)
            try hub.start()
        } catch {
            throw PeerFailure(.network, "cannot open a UDP port: \(error.text.lowercased())")
        }
        var options = options
        options.isReadOnly = true
        let known: ResumeStore
        if case .ping = question {
            options.bootstrap = []
            known = ResumeStore(folder: nil)
        } else {
            known = records ?? .ofUser()
        }
        let relay = Relay()
        service = DHTService(
            options,
            DHTService.Surroundings(
                hub: hub, listeners: [], resolver: Resolver(), records: known, ourAddress: OurAddress(),
                onEvent: { relay.pass($0) }))
        relay.set { [weak self] in self?.heard($0) }
    }

    /// What a service says goes to somebody who is made after it.
    private final class Relay: Sendable {
        private let body = Mutex<(@Sendable (PeerEvent) -> Void)?>(nil)
        func set(_ body: @escaping @Sendable (PeerEvent) -> Void) { self.body.withLock { $0 = body } }
        func pass(_ event: PeerEvent) { body.withLock(\.self)?(event) }
    }

    private static func sockets(at listen: Endpoint?) throws(SystemError) -> [UDPSocket] {
        let listen = listen ?? Endpoint(.anyV4, port: 0)
        let first = try UDPSocket(listen)
        guard listen.address == .anyV4 else { return [first] }
        // A machine without IPv6 has no such socket.
        return [first] + [try? UDPSocket(Endpoint(.anyV6, port: listen.port))].compactMap(\.self)
    }

    // MARK: Asking

    /// Asks, and waits for what comes of it, but no longer than `limit`; empty where nobody has answered.
    package func ask(within limit: Duration) -> [Answer] {
        reactor.start()
        reactor.perform { [self] in begin() }
        _ = done.wait(timeout: .now() + limit.inSeconds)
        reactor.perform { [self] in hasEnded = true }
        service.end()
        service.waitUntilKept()
        reactor.stop()
        return answers.withLock(\.self)
    }

    /// Nobody wants to know any more; from any thread.
    package func giveUp() { done.signal() }

    private func begin() {
        service.begin()
        guard case .ping(let place) = question else { return }
        service.resolve(place) { [self] result in
            switch result {
            case .success(let endpoints): pinged(endpoints)
            case .failure(let failure):
                onNews(.notice(PeerNotice(code: "dht_bootstrap", text: "\(place.host): \(failure)")))
                done.signal()
            }
        }
    }

    private func pinged(_ endpoints: [Endpoint]) {
        service.whenBegun { [self] in
            guard let endpoint = endpoints.first(where: { service.family(isV4: $0.address.isV4) != nil }) else {
                _ = done.signal()
                return
            }
            inquire(.ping(endpoint), isV4: endpoint.address.isV4)
        }
    }

    private func heard(_ event: PeerEvent) {
        switch event {
        case .dht(let news):
            onNews(.node(news))
            guard !hasEnded else { return }
            // The node is at work: what it wants done is being carried out.
            switch news.state {
            case .ready: reactor.performLater { [self] in ready(isV4: news.family == .ipv4) }
            case .alone: reactor.performLater { [self] in endIfDone() }
            case .joining, .off: break
            }
        case .notice(_, let notice): onNews(.notice(notice))
        default: break
        }
    }

    private func ready(isV4: Bool) {
        guard !asked.contains(isV4), !hasEnded, let family = service.family(isV4: isV4) else { return }
        switch question {
        case .ping: break
        case .peers(let infoHash): inquire(.peers(of: infoHash), isV4: isV4)
        case .announce(let infoHash, let port):
            inquire(.announce(infoHash, DHTAnnouncement(port: port, impliesPort: false)), isV4: isV4)
        case .neighbours: inquire(.nodes(near: family.figures.id), isV4: isV4)
        }
    }

    private func inquire(_ inquiry: DHTInquiry, isV4: Bool) {
        asked.insert(isV4)
        waiting += 1
        let name: DHTNews.Family = isV4 ? .ipv4 : .ipv6
        service.inquire(
            inquiry, isV4: isV4, onStep: { [self] step in onNews(.step(name, step)) },
            onEnd: { [self] outcome in
                waiting -= 1
                if let outcome, let figures = service.family(isV4: isV4)?.figures {
                    answers.withLock { $0.append(Answer(family: name, outcome: outcome, figures: figures)) }
                }
                endIfDone()
            })
    }

    /// How long the other family may take to be ready, where the first one has found nothing.
    private static let patience = Duration.seconds(3)

    /// Whoever found something does not wait for the other family. "Nobody" is true only if both say so, or one of them
    /// has no DHT to ask.
    private func endIfDone() {
        guard waiting == 0, !asked.isEmpty else { return }
        let isOtherOnItsWay = service.families.contains { !asked.contains($0.isV4) && !$0.isKnownToBeAlone }
        guard isOtherOnItsWay, !answers.withLock({ $0.contains(where: hasFound) }) else { return _ = done.signal() }
        reactor.setTimer(after: Self.patience) { [weak self] in
            guard let self, waiting == 0 else { return }
            done.signal()
        }
    }

    private func hasFound(_ answer: Answer) -> Bool {
        switch question {
        case .ping: true
        case .peers: !answer.outcome.peers.isEmpty
        case .announce: answer.outcome.stored > 0
        case .neighbours: answer.outcome.answers > 0
        }
    }
}
