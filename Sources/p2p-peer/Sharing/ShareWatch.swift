internal import PeerEvents
internal import PeerRuntime
internal import Synchronization
internal import TorrentCore
internal import TorrentIO
internal import TransferReporting

/// Watches who fetches what is shared, on a thread of its own, and ends the node when it is enough.
final class ShareWatch: Sendable {
    private let view: TransferView
    private let ends: ShareEnds
    private let reactor: Reactor
    private let state = Mutex(State())

    private struct State {
        var node: PeerNode?
        var isEnding = false
        var hasStopped = false
        /// Announces at the tracker here that nobody has looked at yet.
        var heard: [(announce: AnnounceRequest, address: IPAddress)] = []
    }

    /// How often it is looked who is connected, and how far.
    private static let interval = Duration.milliseconds(500)
    /// Announces that wait. Anybody may send as many as he likes: further ones are passed over, and who is connected is
    /// seen without them.
    private static let mostHeard = 256
    /// Those who have just got everything tell the tracker so before it is gone.
    private static let farewell = Duration.seconds(1)

    init(_ view: TransferView, _ ends: ShareEnds) throws(PeerFailure) {
        self.view = view
        self.ends = ends
        do throws(SystemError) {
            reactor = try Reactor(name: "p2p.share")
        } catch {
            throw PeerFailure(.io, "cannot start: \(error)")
        }
    }

    /// Looks from now on at these torrents of `node`, and ends it in time.
    func begin(_ node: PeerNode, _ infoHashes: [InfoHash]) {
        state.withLock { $0.node = node }
        if let time = ends.time { reactor.setTimer(after: time) { [self] in end(after: .zero) } }
        look(at: infoHashes)
        reactor.start()
    }

    /// To be called at the end; it may be called again.
    func stop() {
        let isFirst = state.withLock { state in
            defer { state.hasStopped = true }
            state.node = nil
            return !state.hasStopped
        }
        if isFirst { reactor.stop() }
    }

    private func look(at infoHashes: [InfoHash]) {
        guard let node = state.withLock(\.node) else { return }
        for infoHash in infoHashes {
            node.peers(of: infoHash) { [self] peers in
                view.change { $0.see(peers, of: infoHash) }
                endIfSatisfied()
            }
        }
        reactor.setTimer(after: Self.interval) { [self] in look(at: infoHashes) }
    }

    // MARK: From any thread

    /// What the node tells.
    func note(_ event: PeerEvent) {
        guard case .peer(let infoHash, let news) = event else { return }
        view.change { $0.hear(news, of: infoHash) }
        endIfSatisfied()
    }

    /// Somebody else has announced itself at the tracker here, whose thread waits, and everybody else with it: so it is
    /// looked at elsewhere.
    func note(_ announce: AnnounceRequest, from address: IPAddress) {
        let isFirst = state.withLock { state in
            guard state.heard.count < Self.mostHeard else { return false }
            state.heard.append((announce, address))
            return state.heard.count == 1
        }
        if isFirst { reactor.perform { [self] in takeHeard() } }
    }

    private func takeHeard() {
        let heard = state.withLock { state in
            defer { state.heard = [] }
            return state.heard
        }
        view.change { audience in heard.flatMap { audience.hear($0.announce, from: $0.address) } }
        endIfSatisfied()
    }

    private func endIfSatisfied() {
        if view.isSatisfied { end(after: Self.farewell) }
    }

    private func end(after delay: Duration) {
        let isFirst = state.withLock { state in
            defer { state.isEnding = true }
            return !state.isEnding
        }
        guard isFirst else { return }
        reactor.perform { [self] in
            reactor.setTimer(after: delay) { [self] in state.withLock(\.node)?.stop() }
        }
    }
}
