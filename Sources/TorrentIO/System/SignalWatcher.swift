import CPosixShims
import Dispatch
import Glibc

/// Turns the signals that ask a process to do something into ordinary calls, for as long as it lives.
///
/// A handler writes each signal into a pipe. Dispatch's own signal sources lose one now and then, when it meets a
/// thread that does not block it: one Ctrl-C in 150 on a busy machine.
package final class SignalWatcher: Sendable {
    /// The signals that ask a process to end or to look again.
    package enum Signal: Int32, Sendable, CaseIterable {
        case hangUp = 1
        /// Ctrl-C.
        case interrupt = 2
        case terminate = 15
    }

    private let signals: [Signal]
    // A dispatch source may be cancelled from any thread.
    private nonisolated(unsafe) let source: (any DispatchSourceRead)?

    // For the life of the process, since a handler may still be at it: both ends, nonblocking. Nil without a
    // descriptor to spare; then signals do what they always do.
    private static let pipe: (reading: Int32, writing: Int32)? = {
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else { return nil }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        return (ends[0], ends[1])
    }()

    /// From now on `signals` do nothing of their own; `body` is called for each, one at a time, on a queue of the
    /// watcher's. There is at most one watcher at a time.
    package init(_ signals: [Signal], _ body: @escaping @Sendable (Signal) -> Void) {
        self.signals = signals
        guard let pipe = Self.pipe else {
            source = nil
            return
        }
        let source = DispatchSource.makeReadSource(
            fileDescriptor: pipe.reading, queue: DispatchQueue(label: "p2p.signals"))
        source.setEventHandler {
            var number: UInt8 = 0
            while read(pipe.reading, &number, 1) == 1 {
                if let signal = Signal(rawValue: Int32(number)) { body(signal) }
            }
        }
        source.activate()
        self.source = source
        for signal in signals { _ = p2p_signal_to_pipe(signal.rawValue, pipe.writing) }
    }

    deinit { cancel() }

    /// The signals are ignored from now on.
    package func cancel() {
        guard let source else { return }
        for signal in signals { Glibc.signal(signal.rawValue, SIG_IGN) }
        source.cancel()
    }
}
