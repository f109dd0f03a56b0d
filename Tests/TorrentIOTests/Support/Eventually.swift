import Dispatch
import Synchronization

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

/// A value that several threads add to.
final class Recorder<Element: Sendable>: Sendable {
    private let state = Mutex<[Element]>([])

    func add(_ element: Element) { state.withLock { $0.append(element) } }
    var all: [Element] { state.withLock { $0 } }
}
