import SwarmEngine
import TorrentCore
import TorrentIO

/// Whom a connection, made or being made, leads to.
struct Neighbour {
    let endpoint: Endpoint
    let isIncoming: Bool
    /// Hands have been shaken.
    var isConnected: Bool
    /// What it calls itself (BEP 10).
    var client: String?
}

/// A peer that the user named: whoever waits for it wants to hear why it does not come, once, though it is tried again
/// and again.
struct UserNamedPeer {
    /// Those of its name.
    let endpoints: [Endpoint]
    /// Why nobody was reached there, in the order of `endpoints`.
    private var failures: [String?]
    /// What has been said of each.
    private var said: [String?]

    init(endpoints: [Endpoint]) {
        self.endpoints = endpoints
        failures = endpoints.map { _ in nil }
        said = failures
    }

    mutating func connected() {
        self = UserNamedPeer(endpoints: endpoints)
    }

    /// True if that is news: none of its addresses can be reached, for a reason that has not been said.
    mutating func failed(at endpoint: Endpoint, _ why: String) -> Bool {
        guard let position = endpoints.firstIndex(of: endpoint) else { return false }
        failures[position] = why
        guard failures.allSatisfy({ $0 != nil }), said[position] != why else { return false }
        said[position] = why
        return true
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

    func tellConnected(_ id: ConnectionID) {
        neighbours[id.packed]?.isConnected = true
        isLonely = false
        guard let neighbour = neighbours[id.packed] else { return }
        for position in named.indices where named[position].endpoints.contains(neighbour.endpoint) {
            named[position].connected()
        }
        tell(neighbour, .connected(isIncoming: neighbour.isIncoming))
    }

    /// It has ended, or never began.
    func tellGone(_ id: ConnectionID, _ why: String, isForGood: Bool = false, saysWhy: Bool = true) {
        guard let neighbour = neighbours.removeValue(forKey: id.packed) else { return }
        tell(neighbour, neighbour.isConnected ? .left(why) : .failed(why))
        guard !neighbour.isConnected, saysWhy,
            let position = named.firstIndex(where: { $0.endpoints.contains(neighbour.endpoint) }),
            named[position].failed(at: neighbour.endpoint, why)
        else { return }
        notice("peer_unreachable", "peer \(neighbour.endpoint): \(why)\(isForGood ? "" : "; trying again")")
    }

    func tellGone(_ id: ConnectionID, _ reason: CloseReason) {
        // Hands were shaken, with nobody whom we wanted to meet.
        if [.ourself, .wrongTorrent].contains(reason) { neighbours[id.packed]?.isConnected = false }
        // What we decide ourselves, for a reason of ours, is no fault of a peer that somebody waits for.
        let isOurs = [.stopping, .duplicate].contains(reason)
        tellGone(id, reason.words, isForGood: reason == .ourself || reason == .banned, saysWhy: !isOurs)
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
        case .protocolViolation(let violation): "it broke the protocol: \(violation)"
        case .banned: "it is banned"
        case .duplicate: "it is connected already"
        case .ourself: "this is our own address"
        case .idle: "nothing came for too long"
        case .notUseful: "neither has anything for the other"
        case .stopping: "we stop"
        case .wrongTorrent: "it is at work on another torrent"
        }
    }
}

extension HandshakeLink.Failure {
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
