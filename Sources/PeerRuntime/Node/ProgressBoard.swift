import PeerEvents
import Synchronization
import TorrentIO

/// The latest progress of every torrent of a node, told once a second while anything moves, and once when that ends.
///
/// Torrents update it from whichever reactor they live on. A timer of the node's first reactor reports it; when nothing
/// moves there is no timer, and memory is given back to the system.
final class ProgressBoard: Sendable {
    private struct State {
        var torrents: [TorrentProgress] = []
        var isTicking = false
        var hasChanged = false
    }

    private let state = Mutex(State())
    private let reactor: Reactor
    private let onEvent: @Sendable (PeerEvent) -> Void

    static let interval = Duration.seconds(1)

    init(reactor: Reactor, onEvent: @escaping @Sendable (PeerEvent) -> Void) {
        self.reactor = reactor
        self.onEvent = onEvent
    }

    /// A position for one more torrent; reports keep the order of positions.
    func add(_ progress: TorrentProgress) -> Int {
        state.withLock { state in
            state.torrents.append(progress)
            return state.torrents.count - 1
        }
    }

    func put(_ progress: TorrentProgress, at place: Int) {
        let begins = state.withLock { state in
            guard state.torrents[place] != progress else { return false }
            state.torrents[place] = progress
            state.hasChanged = true
            defer { state.isTicking = true }
            return !state.isTicking
        }
        if begins { reactor.perform { self.tick() } }
    }

    private func tick() {
        let torrents = state.withLock { state -> [TorrentProgress]? in
            defer { state.hasChanged = false }
            state.isTicking = state.hasChanged
            return state.hasChanged ? state.torrents : nil
        }
        guard let torrents else { return ProcessLimits.returnIdleMemory() }
        onEvent(.progress(torrents))
        reactor.setTimer(after: Self.interval) { [weak self] in self?.tick() }
    }
}
