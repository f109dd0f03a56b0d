internal import ByteStrings
internal import CommandLineKit

/// Lines that somebody types, or that a script holds, in order: readers put them in on their threads, the console
/// carries them out on its own.
// @unchecked: all that changes is behind `monitor`.
final class ConsoleInput: @unchecked Sendable {
    /// A line, and which of the script it is.
    struct Line {
        let text: ByteString
        let number: Int
    }

    private let monitor = Monitor()
    private var lines: [Line] = []
    private var count = 0
    private var isComplete = false
    private var hasEnded = false
    private var isInterrupted = false
    /// A command is being carried out.
    private var isAtWork = false
    /// Ends what the command at work waits for.
    private var canceller: (@Sendable () -> Void)?
    /// What else is to be done at the end; once.
    private var farewell: (@Sendable () -> Void)?

    /// Most lines that wait.
    static let mostWaiting = 256

    /// Where there is no room for it, waits if `waits`, else returns false.
    @discardableResult
    func put(_ text: ByteString, waits: Bool) -> Bool {
        monitor.withLock {
            while waits, lines.count >= Self.mostWaiting, !hasEnded { monitor.wait() }
            guard lines.count < Self.mostWaiting else { return false }
            count += 1
            lines.append(Line(text: text, number: count))
            monitor.wake()
            return true
        }
    }

    /// No more lines come; those that wait are carried out.
    func complete() {
        monitor.withLock {
            isComplete = true
            monitor.wake()
        }
    }

    /// The command at work is to end, and no other begins.
    func end() {
        let (cancel, farewell) = monitor.withLock {
            hasEnded = true
            monitor.wake()
            defer { self.farewell = nil }
            return (canceller, self.farewell)
        }
        cancel?()
        farewell?()
    }

    /// Called when the end is asked for, from whichever thread that is.
    func onEnd(_ body: @escaping @Sendable () -> Void) { monitor.withLock { farewell = body } }

    /// Ctrl-C: the command at work is to end, and what was typed behind it is forgotten. False if there is nothing.
    func interrupt() -> Bool {
        let (wasOfUse, cancel) = monitor.withLock {
            defer { lines = [] }
            isInterrupted = isAtWork
            monitor.wake()
            return (isAtWork || !lines.isEmpty, canceller)
        }
        cancel?()
        return wasOfUse
    }

    /// While a command waits elsewhere: what ends that. Called at once if it is to end already.
    func onCancel(_ body: (@Sendable () -> Void)?) {
        let isOver = monitor.withLock {
            canceller = body
            return isInterrupted || hasEnded
        }
        if isOver { body?() }
    }

    /// Waits for the next line; nil if there is none any more.
    func next() -> Line? {
        monitor.withLock {
            (isAtWork, isInterrupted) = (false, false)
            while lines.isEmpty, !isComplete, !hasEnded { monitor.wait() }
            guard !hasEnded, !lines.isEmpty else { return nil }
            isAtWork = true
            monitor.wake()
            return lines.removeFirst()
        }
    }

    /// Waits for the answer to a question of the command at work; nil if none comes, or that is to end.
    func answer() -> Line? {
        monitor.withLock {
            while lines.isEmpty, !isComplete, !hasEnded, !isInterrupted { monitor.wait() }
            guard !hasEnded, !isInterrupted, !lines.isEmpty else { return nil }
            monitor.wake()
            return lines.removeFirst()
        }
    }

    /// The command at work is to end.
    var isCancelled: Bool { monitor.withLock { isInterrupted || hasEnded } }

    /// Something that a command may wait for has happened.
    func poke() { monitor.withLock { monitor.wake() } }

    /// Waits until `isDone`, looking again whenever something happens; false if `limit` passed or the command was
    /// cancelled before.
    func wait(for limit: Duration?, until isDone: () -> Bool) -> Bool {
        let deadline = limit.map { Monitor.now() + Int64(min(1e18, $0 / .nanoseconds(1))) }
        while true {
            if isDone() { return true }
            let isOver = monitor.withLock { () -> Bool in
                let now = Monitor.now()
                if isInterrupted || hasEnded { return true }
                if let deadline, now >= deadline { return true }
                monitor.wait(until: min(deadline ?? .max, now + 200_000_000))
                return false
            }
            if isOver { return isDone() }
        }
    }
}
