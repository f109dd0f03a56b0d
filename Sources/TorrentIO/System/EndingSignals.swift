import Synchronization
import TorrentCore

/// Listens for signals that ask the process to end, and for a second Ctrl-C that asks it to end at once.
///
/// The SIGTERM and then SIGHUP that systems send when they shut down count as one request. Only a second Ctrl-C on the
/// terminal is impatience, and not within half a second of the first: keys repeat.
package final class EndingSignals: Sendable {
    private let watcher: SignalWatcher

    /// How soon after the first a second Ctrl-C still belongs to it.
    private static let oneWish: Duration = .milliseconds(500)

    /// `onImpatience` is called for each later Ctrl-C on the terminal, `onEnd` for every other signal.
    package init(
        onEnd: @escaping @Sendable (SignalWatcher.Signal) -> Void, onImpatience: @escaping @Sendable () -> Void
    ) {
        let firstInterrupt = Mutex<Moment?>(nil)
        watcher = SignalWatcher(arrivalsOf: SignalWatcher.Signal.allCases) { arrival in
            guard arrival.signal == .interrupt else { return onEnd(arrival.signal) }
            let now = MonotonicClock.now()
            let first = firstInterrupt.withLock { first in
                defer { first = first ?? now }
                return first
            }
            if let first, arrival.isFromTerminal, now - first >= Self.oneWish { return onImpatience() }
            onEnd(.interrupt)
        }
    }

    /// The signals are ignored from now on.
    package func cancel() { watcher.cancel() }
}
