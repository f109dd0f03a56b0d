import PeerEvents
import Synchronization
import TorrentIO

/// The latest progress of every torrent of a node, told once a second while anything moves, and once when that ends.
///
/// Torrents update it from whichever reactor they live on. A timer of the node's first reactor reports it; when nothing
/// moves there is no timer, and memory is given back to the system.
final class ProgressBoard: Sendable {
    /// A torrent's place: none is used twice.
    struct Place: Hashable, Sendable {
        fileprivate let number: Int
    }

    private struct State {
        var torrents: [Place: TorrentProgress] = [:]
        var lastNumber = 0
        var isTicking = false
        var hasChanged = false

        /// In the order in which they came.
        var all: [TorrentProgress] {
            torrents.sorted { $0.key.number < $1.key.number }.map(\.value)
        }
    }

    private let state = Mutex(State())
    private let reactor: Reactor
    private let onEvent: @Sendable (PeerEvent) -> Void
    private let onQuiet: @Sendable () -> Void

    static let interval = Duration.seconds(1)

    /// `onQuiet` is called on the reactor when nothing moves any more.
    init(
        reactor: Reactor, onQuiet: @escaping @Sendable () -> Void = {}, onEvent: @escaping @Sendable (PeerEvent) -> Void
    ) {
        self.reactor = reactor
        self.onQuiet = onQuiet
        self.onEvent = onEvent
    }

    /// A place for one more torrent; reports keep the order of places.
    func add(_ progress: TorrentProgress) -> Place {
        state.withLock { state in
            state.lastNumber += 1
            let place = Place(number: state.lastNumber)
            state.torrents[place] = progress
            return place
        }
    }

    /// Does nothing once the place was removed.
    func put(_ progress: TorrentProgress, at place: Place) {
        change { state in
            guard let before = state.torrents[place], before != progress else { return false }
            state.torrents[place] = progress
            return true
        }
    }

    /// The last of a torrent, for whoever asks: it is no news.
    func settle(_ progress: TorrentProgress, at place: Place) {
        state.withLock { if $0.torrents[place] != nil { $0.torrents[place] = progress } }
    }

    func remove(_ place: Place) {
        change { $0.torrents.removeValue(forKey: place) != nil }
    }

    func progress(at place: Place) -> TorrentProgress? {
        state.withLock { $0.torrents[place] }
    }

    private func change(_ body: (inout State) -> Bool) {
        let begins = state.withLock { state in
            guard body(&state) else { return false }
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
            return state.hasChanged ? state.all : nil
        }
        guard let torrents else {
            onQuiet()
            return ProcessLimits.returnIdleMemory()
        }
        onEvent(.progress(torrents))
        reactor.setTimer(after: Self.interval) { [weak self] in self?.tick() }
    }
}
