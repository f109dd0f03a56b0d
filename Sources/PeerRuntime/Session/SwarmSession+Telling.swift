import PeerEvents
import SwarmEngine
import TorrentCore
import TorrentIO

/// Whom a connection, made or being made, leads to.
struct Neighbour {
    let endpoint: Endpoint
    let isIncoming: Bool
    /// When hands had been shaken, and the brain kept the connection.
    var connectedAt: Moment?
    /// What it calls itself (BEP 10).
    var client: String?

    var isConnected: Bool { connectedAt != nil }
}

/// A peer that was reached and was gone again at once.
struct ShortStay {
    let endpoint: Endpoint
    let why: String
}

/// A peer that the user named: whoever waits for it wants to hear why it does not come, or does not stay. Once,
/// though it is tried again and again.
struct UserNamedPeer {
    /// Those of its name.
    let endpoints: [Endpoint]
    /// Why nobody is connected there, in the order of `endpoints`.
    private var failures: [String?]
    /// What has been said of each since a connection lasted.
    private var said: [Set<String>]

    init(endpoints: [Endpoint]) {
        self.endpoints = endpoints
        failures = endpoints.map { _ in nil }
        said = endpoints.map { _ in [] }
    }

    /// Whether it stays is to be seen.
    mutating func connected(at endpoint: Endpoint) {
        if let position = endpoints.firstIndex(of: endpoint) { failures[position] = nil }
    }

    /// A connection lasted: whatever happens from now on is news.
    mutating func stayed() {
        self = UserNamedPeer(endpoints: endpoints)
    }

    /// True if that is news: there is nobody at any of its addresses, here for a reason that has not been said.
    mutating func failed(at endpoint: Endpoint, _ why: String) -> Bool {
        guard let position = endpoints.firstIndex(of: endpoint) else { return false }
        failures[position] = why
        guard failures.allSatisfy({ $0 != nil }) else { return false }
        return said[position].insert(why).inserted
    }
}

// What goes on in the connections, told to whoever shows it. Where nobody wants to hear of each message, that costs a
// comparison a message and nothing else.
extension SwarmSession {
    func tell(_ news: TrackerNews) {
        context.onEvent(.tracker(content.metainfo.infoHash, news))
    }

    private func tell(_ neighbour: Neighbour, _ kind: PeerNews.Kind) {
        context.onEvent(
            .peer(content.metainfo.infoHash, PeerNews(neighbour.endpoint, client: neighbour.client, kind)))
    }

    /// A connection that lasted so long did some good; after a shorter one the peer might as well not have come.
    private static let lastingTime = Duration.seconds(10)

    /// Hands have been shaken, and the brain keeps the connection.
    func tellConnected(_ id: ConnectionID) {
        neighbours[id.packed]?.connectedAt = reactor.now
        guard let neighbour = neighbours[id.packed] else { return }
        for position in named.indices { named[position].connected(at: neighbour.endpoint) }
        tell(neighbour, .connected(isIncoming: neighbour.isIncoming))
    }

    /// An attempt came to nothing.
    func tellGone(_ id: ConnectionID, _ failure: HandshakeLink.Failure) {
        guard let neighbour = neighbours.removeValue(forKey: id.packed) else { return }
        tell(neighbour, .failed(failure.words))
        complain(of: neighbour, failure.words, wasReached: failure.wasReached)
    }

    /// A connection has ended, or never began.
    func tellGone(_ id: ConnectionID, _ reason: CloseReason) {
        guard let neighbour = neighbours.removeValue(forKey: id.packed) else { return }
        tell(neighbour, neighbour.isConnected ? .left(reason.words) : .failed(reason.words))
        if case .protocolViolation(let violation) = reason {
            notice(
                "peer_misbehaved", "peer \(neighbour.endpoint) broke the protocol: \(violation.words)", isDetail: true)
        }
        if let since = neighbour.connectedAt, reactor.now - since >= Self.lastingTime {
            return noteThatItStayed(neighbour)
        }
        guard isItsFault(reason, afterConnecting: neighbour.isConnected) else { return }
        complain(
            of: neighbour, reason.words, wasReached: neighbour.isConnected || reason == .wrongTorrent,
            isForGood: reason == .ourself || reason == .banned)
    }

    /// What we decide ourselves, for a reason of ours, is no fault of a peer that somebody waits for.
    private func isItsFault(_ reason: CloseReason, afterConnecting wasConnected: Bool) -> Bool {
        switch reason {
        case .protocolViolation: true
        // Who has all that it wants waits for nobody: others leave it when they are done.
        case .remoteClosed, .networkError: !wasConnected || swarm.isFetching
        case .stopping, .duplicate, .tooMany: false
        default: !wasConnected
        }
    }

    private func noteThatItStayed(_ neighbour: Neighbour) {
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
        notice(code, "peer \(endpoint): \(why)\(isForGood ? "" : "; trying again")")
    }

    func tell(_ message: PeerMessage, isOurs: Bool, over link: UInt64) {
        guard let neighbour = neighbours[link] else { return }
        switch message {
        case .choke: tell(neighbour, isOurs ? .choked : .chokesUs)
        case .unchoke: tell(neighbour, isOurs ? .unchoked : .unchokesUs)
        default: break
        }
        tell(.message(message), isOurs: isOurs, over: link)
    }

    func tell(_ word: PeerWord.Kind, isOurs: Bool, over link: UInt64) {
        guard detail == .words, let neighbour = neighbours[link] else { return }
        context.onEvent(.word(content.metainfo.infoHash, PeerWord(neighbour.endpoint, isOurs: isOurs, word)))
    }
}

extension CloseReason {
    /// For people.
    var words: String {
        switch self {
        case .remoteClosed: "it closed the connection"
        case .connectFailed: "no connection"
        case .handshakeFailed: "no handshake"
        case .networkError: "the connection broke"
        case .protocolViolation(let violation): "it broke the protocol: \(violation.words)"
        case .banned: "it is banned"
        case .duplicate: "another connection leads to it"
        case .ourself: "this is our own address"
        case .idle: "nothing came for too long"
        case .notUseful: "neither has anything for the other"
        case .stopping: "we stop"
        case .wrongTorrent: "it is at work on another torrent"
        case .tooMany: "there are to be fewer connections"
        }
    }
}

extension Violation {
    /// For people.
    var words: String {
        switch self {
        case .pieceOutOfRange: "it named a piece that there is not"
        case .blockOutOfRange: "it named a block that there is not"
        case .blockTooLong: "it asked for a block that is too long"
        case .badBitfield: "its list of pieces does not fit this torrent"
        case .unaskedFast: "it sent messages of an extension that was not agreed on"
        case .malformedFrame: "its messages make no sense"
        case .unaskedBlocks: "it sent too many blocks that nobody asked for"
        case .requestFlood: "it asked for too many blocks at once"
        }
    }
}

extension HandshakeLink.Failure {
    /// Somebody was there, and is no use.
    var wasReached: Bool {
        switch self {
        case .connect, .timeout: false
        case .dropped, .malformed: true
        }
    }

    /// For people.
    var words: String {
        switch self {
        case .connect(let error): error.text.lowercased()
        case .timeout: "no answer in time"
        case .dropped: "it hung up at the handshake: it may require encryption, or not have this torrent"
        case .malformed: "what it says is not BitTorrent, or encrypted"
        }
    }
}
