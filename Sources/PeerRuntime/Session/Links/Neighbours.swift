import PeerEvents
import SwarmEngine
import TorrentCore
import TorrentIO

/// Whom the connections of a session lead to, and what is told of them: who comes and goes, what is said, and why a
/// peer that somebody waits for is not there. Where nobody wants to hear of each message, that costs a comparison a
/// message and nothing else.
final class Neighbours {
    weak var owner: (any SessionPartOwner)?
    private let infoHash: InfoHash
    private let detail: PeerDetail
    private let onEvent: @Sendable (PeerEvent) -> Void
    /// By the id of the connection.
    private var neighbours: [UInt64: Neighbour] = [:]
    /// Those that the user named and whose addresses are known.
    private(set) var named: [UserNamedPeer] = []
    /// It has been said that there is no peer, and none has stayed since.
    private var isLonely = false
    /// The last peer that was reached and did not stay, if none has stayed since.
    private(set) var shortStay: ShortStay?
    /// Why our own system did not begin a connection, the last time that it did not.
    private(set) var ownTrouble: SystemError?

    /// A connection that lasted so long did some good; after a shorter one the peer might as well not have come.
    private static let lastingTime = Duration.seconds(10)

    init(of infoHash: InfoHash, _ context: NodeContext) {
        self.infoHash = infoHash
        detail = context.options.detail
        onEvent = context.onEvent
    }

    /// Where this connection leads, or will.
    func endpoint(of id: ConnectionID) -> Endpoint? { neighbours[id.packed]?.endpoint }
    func address(of id: ConnectionID) -> IPAddress? { endpoint(of: id)?.address }

    /// Where the node is that this peer says it has; nil where it has said so too often.
    func addressOfNode(of id: ConnectionID) -> IPAddress? {
        guard let neighbour = neighbours[id.packed], neighbour.nodesNamed < Neighbour.mostNodesNamed else { return nil }
        neighbours[id.packed]?.nodesNamed += 1
        return neighbour.endpoint.address
    }

    /// Who it is; what the brain knows of it is left out.
    func figures(of id: ConnectionID) -> PeerFigures? { neighbours[id.packed].map(PeerFigures.init) }

    /// Those who are connected, the oldest first.
    var connected: [PeerFigures] {
        neighbours.values.filter(\.isConnected).sorted { ($0.connectedAt ?? .zero) < ($1.connectedAt ?? .zero) }
            .map(PeerFigures.init)
    }

    /// Nobody is connected, or being connected to.
    var isEmpty: Bool { neighbours.isEmpty }

    // MARK: Coming and going

    /// A connection is being made.
    func begin(_ id: ConnectionID, _ neighbour: Neighbour) { neighbours[id.packed] = neighbour }

    /// Hands have been shaken, and the brain keeps the connection.
    func connected(_ id: ConnectionID, at now: Moment) {
        neighbours[id.packed]?.connectedAt = now
        guard let neighbour = neighbours[id.packed] else { return }
        for position in named.indices { named[position].connected(at: neighbour.endpoint) }
        tell(neighbour, .connected(isIncoming: neighbour.isIncoming))
    }

    /// It has told what it calls itself.
    func introduced(_ id: ConnectionID, as client: String) { neighbours[id.packed]?.client = client }

    /// It has everything now; `fromStart`: as its first word.
    func complete(_ id: ConnectionID, _ peer: PeerID, fromStart: Bool) {
        tell(id, .hasEverything(peer, fromStart: fromStart))
    }

    /// Somebody is there who speaks our language.
    func answered(_ id: ConnectionID) { neighbours[id.packed]?.attempt = nil }

    /// An attempt came to nothing.
    func gone(_ id: ConnectionID, _ failure: HandshakeLink.Failure, at now: Moment) {
        guard let neighbour = neighbours.removeValue(forKey: id.packed) else { return }
        if case .noWay(let error) = failure { ownTrouble = error } else { neighbour.attempt?.failed(at: now) }
        tell(neighbour, .failed(failure.words))
        complain(of: neighbour, failure.words, wasReached: failure.wasReached)
    }

    /// A connection has ended, or never began. `isFetching`: there is something that we want of others.
    func gone(_ id: ConnectionID, _ reason: CloseReason, at now: Moment, isFetching: Bool) {
        guard let neighbour = neighbours.removeValue(forKey: id.packed) else { return }
        tell(neighbour, neighbour.isConnected ? .left(reason.words) : .failed(reason.words))
        if case .protocolViolation(let violation) = reason {
            owner?.notice(
                "peer_misbehaved", "peer \(neighbour.endpoint) broke the protocol: \(violation.words)", isDetail: true)
        }
        if let since = neighbour.connectedAt, now - since >= Self.lastingTime { return stayed(neighbour) }
        guard reason.isItsFault(afterConnecting: neighbour.isConnected, isFetching: isFetching) else { return }
        complain(
            of: neighbour, reason.words, wasReached: neighbour.isConnected || reason == .wrongTorrent,
            isForGood: reason == .ourself || reason == .banned)
    }

    func forgetAll() { neighbours = [:] }

    // MARK: Who is waited for

    /// Whoever waits for a peer that the user named wants to hear why it does not come.
    func userNamed(_ endpoints: [Endpoint]) { named.append(UserNamedPeer(endpoints: endpoints)) }

    /// There is no connection any more. Named peers are tried again and again: that is no news each time.
    func becameLonely() {
        guard !isLonely else { return }
        isLonely = true
        owner?.notice("no_peers", "no peers yet", isDetail: true)
    }

    /// Why those who were named are not there, a clause each, for people: "peer 10.0.0.1:6881: connection refused".
    var missing: [String] { named.compactMap(\.absence) }

    private func stayed(_ neighbour: Neighbour) {
        isLonely = false
        shortStay = nil
        for position in named.indices where named[position].endpoints.contains(neighbour.endpoint) {
            named[position].stayed()
        }
    }

    /// Whoever waits for this peer hears why it is not there, and whoever looks why nothing moves.
    private func complain(of neighbour: Neighbour, _ why: String, wasReached: Bool, isForGood: Bool = false) {
        let endpoint = neighbour.endpoint
        if wasReached, !neighbour.isIncoming {
            shortStay = ShortStay(endpoint: endpoint, why: why)
        } else if shortStay?.endpoint == endpoint {
            shortStay = nil
        }
        guard let position = named.firstIndex(where: { $0.endpoints.contains(endpoint) }),
            named[position].failed(at: endpoint, why)
        else { return }
        let code = neighbour.isConnected ? "peer_lost" : "peer_unreachable"
        owner?.notice(code, "peer \(endpoint): \(why)\(isForGood ? "" : "; trying again")")
    }

    // MARK: What is said

    func tell(_ message: PeerMessage, isOurs: Bool, over id: ConnectionID) {
        guard detail > .connections else { return }
        switch message {
        case .choke: tell(id, isOurs ? whyChoked(id) : .chokesUs)
        case .unchoke: tell(id, isOurs ? whyUnchoked(id) : .unchokesUs)
        default: break
        }
        tell(.message(message), isOurs: isOurs, over: id)
    }

    private func whyChoked(_ id: ConnectionID) -> PeerNews.Kind {
        neighbours[id.packed]?.turn = nil
        guard case .choked(let reason) = owner?.standing(of: id)?.standing else { return .choked(nil) }
        return .choked(reason)
    }

    private func whyUnchoked(_ id: ConnectionID) -> PeerNews.Kind {
        let known = owner?.standing(of: id)
        guard let known, case .unchoked(let reason) = known.standing else { return .unchoked(nil, gives: 0) }
        neighbours[id.packed]?.turn = reason
        return .unchoked(reason, gives: known.gives)
    }

    /// We let it ask, and how many bytes a second it gives us: told where it was for another reason before, of which
    /// there is no message.
    func keepsTurn(_ id: ConnectionID, _ reason: UnchokeReason, gives rate: Double) {
        guard detail > .connections, let before = neighbours[id.packed]?.turn, before != reason else { return }
        neighbours[id.packed]?.turn = reason
        tell(id, .keepsTurn(reason, gives: rate))
    }

    private func tell(_ id: ConnectionID, _ kind: PeerNews.Kind) {
        if let neighbour = neighbours[id.packed] { tell(neighbour, kind) }
    }

    func tell(_ word: @autoclosure () -> PeerWord.Kind?, isOurs: Bool, over id: ConnectionID) {
        guard detail == .words, let neighbour = neighbours[id.packed], let word = word() else { return }
        onEvent(.word(infoHash, PeerWord(neighbour.endpoint, isOurs: isOurs, word)))
    }

    private func tell(_ neighbour: Neighbour, _ kind: PeerNews.Kind) {
        let news = PeerNews(neighbour.endpoint, client: neighbour.client, origin: neighbour.origin, kind)
        onEvent(.peer(infoHash, news))
    }
}

extension PeerFigures {
    fileprivate init(_ neighbour: Neighbour) {
        self.init(
            neighbour.endpoint, client: neighbour.client, origin: neighbour.origin, isIncoming: neighbour.isIncoming)
    }
}

extension CloseReason {
    /// What we decide ourselves, for a reason of ours, is no fault of a peer that somebody waits for.
    fileprivate func isItsFault(afterConnecting wasConnected: Bool, isFetching: Bool) -> Bool {
        switch self {
        case .protocolViolation: true
        // Who has all that it wants waits for nobody: others leave it when they are done.
        case .remoteClosed, .networkError: !wasConnected || isFetching
        case .stopping, .duplicate, .tooMany: false
        default: !wasConnected
        }
    }
}
