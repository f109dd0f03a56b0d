import Dispatch

/// Counts things that other threads do, and lets a test wait for them with a deadline.
final class Latch: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func signal() { semaphore.signal() }

    /// True once `count` signals have come; false after ten seconds.
    func wait(for count: Int = 1) -> Bool {
        let deadline = DispatchTime.now() + .seconds(10)
        for _ in 0..<count where semaphore.wait(timeout: deadline) == .timedOut { return false }
        return true
    }
}
