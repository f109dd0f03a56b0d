import Dispatch
import Glibc

/// Turns the signals that ask a process to do something into ordinary calls, for as long as it lives.
package final class SignalWatcher: Sendable {
    /// The signals that ask a process to end or to look again.
    package enum Signal: Int32, Sendable, CaseIterable {
        case hangUp = 1
        /// Ctrl-C.
        case interrupt = 2
        case terminate = 15
    }

    private let queue: DispatchQueue
    // A dispatch source may be cancelled from any thread.
    private nonisolated(unsafe) let sources: [any DispatchSourceSignal]

    /// From now on `signals` do nothing of their own; `body` is called for each, one at a time, on a queue of the
    /// watcher's.
    package init(_ signals: [Signal], _ body: @escaping @Sendable (Signal) -> Void) {
        let queue = DispatchQueue(label: "p2p.signals")
        self.queue = queue
        // A source hears nothing until it is registered, which takes a moment on another thread.
        let registered = DispatchSemaphore(value: 0)
        sources = signals.map { signal in
            Glibc.signal(signal.rawValue, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: signal.rawValue, queue: queue)
            source.setEventHandler { body(signal) }
            source.setRegistrationHandler { registered.signal() }
            source.activate()
            return source
        }
        for _ in signals { registered.wait() }
    }

    deinit { cancel() }

    /// The signals are ignored from now on.
    package func cancel() {
        for source in sources { source.cancel() }
    }
}
