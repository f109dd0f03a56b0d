/// Calls somebody when a time has come, on a thread of its own, which begins with the first call that is asked for.
// @unchecked: all that changes is behind `monitor`.
package final class Alarm: @unchecked Sendable {
    private let monitor = Monitor()
    /// The moment on the clock of `monitor`, and whom to call.
    private var next: (due: Int64, body: @Sendable () -> Void)?
    private var hasThread = false

    package init() {}

    /// Calls `body` once after so long. Where a call is waited for already, there is one for both, the sooner one.
    package func set(after wait: Duration, _ body: @escaping @Sendable () -> Void) {
        let due = Monitor.now() + Int64(max(0, min(1e18, wait / .nanoseconds(1))))
        let begins = monitor.withLock {
            if let next, next.due <= due { return false }
            next = (due, body)
            monitor.wake()
            defer { hasThread = true }
            return !hasThread
        }
        if begins { Monitor.detachThread { [self] in callForEver() } }
    }

    private func callForEver() {
        while true { nextCall()() }
    }

    /// Waits until one is due.
    private func nextCall() -> @Sendable () -> Void {
        monitor.withLock {
            while true {
                guard let next else {
                    monitor.wait()
                    continue
                }
                if next.due <= Monitor.now() {
                    self.next = nil
                    return next.body
                }
                monitor.wait(until: next.due)
            }
        }
    }
}
