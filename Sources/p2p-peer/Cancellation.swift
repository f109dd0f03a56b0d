internal import CommandLineKit
internal import Synchronization
internal import TorrentIO

/// Lets Ctrl-C end a long job between two steps, so that nothing half done is left behind.
final class Cancellation: Sendable {
    private let flag: Flag
    private let watcher: SignalWatcher

    /// What the signals' queue and the job share.
    private final class Flag: Sendable {
        let isSet = Atomic(false)
    }

    init() {
        let flag = Flag()
        self.flag = flag
        watcher = SignalWatcher(SignalWatcher.Signal.allCases) { _ in
            flag.isSet.store(true, ordering: .relaxed)
        }
    }

    var isRequested: Bool { flag.isSet.load(ordering: .relaxed) }

    /// What follows the job, such as a write that nobody reads, can be interrupted as usual.
    deinit { watcher.release() }
}

/// What a long piece of work asks now and then, and whom it tells how far it is.
struct LongWork {
    let isCancelled: @Sendable () -> Bool
    /// Nil: it draws on the terminal itself.
    let frame: ProgressReporter.Frame?

    /// Ctrl-C ends it.
    static func untilSignal() -> LongWork {
        let cancellation = Cancellation()
        return LongWork(isCancelled: { cancellation.isRequested }, frame: nil)
    }
}
