internal import Dispatch
internal import Glibc

/// Calls back when the process is asked to end: by Ctrl-C, `kill`, or a terminal that was closed.
final class Interrupts {
    private let sources: [any DispatchSourceSignal]

    /// `action` gets the signal's number, as often as it comes.
    init(_ action: @escaping @Sendable (Int32) -> Void) {
        let queue = DispatchQueue(label: "p2p-peer.interrupts")
        sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { action(number) }
            source.resume()
            return source
        }
    }
}
