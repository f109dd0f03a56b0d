import Synchronization
import TorrentCore

/// Hears that the process is to end, and when somebody cannot wait for it.
///
/// What systems send in a row when they shut down (SIGTERM and then SIGHUP) is one wish. Only a second Ctrl-C on the
/// terminal is impatience, and not one within half a second: a finger stays on the keys so long.
package final class EndingSignals: Sendable {
    private let watcher: SignalWatcher

    /// How soon after the first a second Ctrl-C still belongs to it.
    private static let oneWish: Duration = .milliseconds(500)

    /// `onEnd` is called for each signal, the first and those after; `onImpatience` at most once in a while.
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
