import CPosixShims
import Dispatch
import Glibc
import Synchronization

/// Turns the signals that ask a process to do something into ordinary calls, for as long as it lives.
///
/// A handler writes each signal into a pipe, which a thread of its own reads. Dispatch's own signal sources lose one
/// now and then, when it meets a thread that does not block it (one Ctrl-C in 150 on a busy machine), and the sources
/// that wait for a descriptor trap where the system has no descriptor or memory left for them.
package final class SignalWatcher: Sendable {
    /// The signals that ask a process to end or to look again.
    package enum Signal: Int32, Sendable, CaseIterable {
        /// The terminal is gone, or somebody asks to look again.
        case hangUp = 1
        /// Ctrl-C.
        case interrupt = 2
        /// Somebody asks the process to end.
        case terminate = 15
    }

    /// A signal that came.
    package struct Arrival: Sendable {
        package let signal: Signal
        /// Nobody sent it but the terminal, as for Ctrl-C.
        package let isFromTerminal: Bool
    }

    private let signals: [Signal]
    private let isWatching: Bool
    private let hasLeft = Atomic(false)

    /// Whom the signals are told.
    private static let listener = Mutex<(@Sendable (Arrival) -> Void)?>(nil)

    // For the life of the process, since a handler may still be at it: the writing end, nonblocking. Nil without a
    // descriptor to spare; then signals do what they always do.
    private static let pipe: Int32? = {
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        let reading = ends[0]
        DispatchQueue(label: "p2p.signals").async { passOn(from: reading) }
        return ends[1]
    }()

    private static func passOn(from reading: Int32) {
        let ignored = ignoredFromTheStart
        var byte: UInt8 = 0
        while true {
            guard read(reading, &byte, 1) == 1 else {
                guard errno == EINTR else { return }
                continue
            }
            let isFromTerminal = Int32(byte) & Int32(P2P_SIGNAL_FROM_SYSTEM) != 0
            guard let signal = Signal(rawValue: Int32(byte) & ~Int32(P2P_SIGNAL_FROM_SYSTEM)) else { continue }
            if isFromTerminal, ignored.contains(signal) { continue }
            listener.withLock(\.self)?(Arrival(signal: signal, isFromTerminal: isFromTerminal))
        }
    }

    /// Signals that the process was started with ignored, as by `nohup`. Looked up before the first of them is watched.
    private static let ignoredFromTheStart = Signal.allCases.filter { p2p_signal_is_ignored($0.rawValue) != 0 }

    /// From now on `signals` do nothing of their own; `body` is called for each, one at a time, on a queue of the
    /// watcher's. What was ignored when the process started stays ignored. There is at most one watcher at a time.
    package convenience init(_ signals: [Signal], _ body: @escaping @Sendable (Signal) -> Void) {
        self.init(arrivalsOf: signals) { body($0.signal) }
    }

    /// The same, with what is known of each arrival.
    package init(arrivalsOf signals: [Signal], _ body: @escaping @Sendable (Arrival) -> Void) {
        let ignored = Self.ignoredFromTheStart
        // A shell without job control has what runs in the background ignore Ctrl-C, which is meant for others then. A
        // SIGINT that a process sends to this one is meant for it.
        self.signals = signals.filter { $0 == .interrupt || !ignored.contains($0) }
        guard let pipe = Self.pipe else {
            isWatching = false
            return
        }
        isWatching = true
        Self.listener.withLock { $0 = body }
        for signal in self.signals { _ = p2p_signal_to_pipe(signal.rawValue, pipe) }
    }

    deinit { cancel() }

    /// The signals are ignored from now on: the process is at its end and nothing shall change how it ends.
    package func cancel() { leave { _ in true } }

    /// The signals do again what they did when the process started.
    package func release() {
        leave { Self.ignoredFromTheStart.contains($0) }
    }

    private func leave(ignoring isIgnored: (Signal) -> Bool) {
        guard isWatching, !hasLeft.exchange(true, ordering: .relaxed) else { return }
        for signal in signals { Glibc.signal(signal.rawValue, isIgnored(signal) ? SIG_IGN : SIG_DFL) }
        Self.listener.withLock { $0 = nil }
    }
}
