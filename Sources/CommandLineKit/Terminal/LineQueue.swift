internal import Glibc

/// Takes lines without ever waiting and writes them, in order, on a thread of its own. What there is no room for is
/// dropped and counted.
///
/// A thread, since nothing less is sure not to wait: others may fill a pipe between poll(2) and write(2), a file may
/// lie on a server that is gone, and O_NONBLOCK would be set for all who share the stream, the shell among them.
// @unchecked: all that changes is behind `monitor`.
final class LineQueue: @unchecked Sendable {
    /// Some bytes, and how many lines they are.
    private struct Entry {
        let bytes: [UInt8]
        let lines: Int
        let descriptor: Int32

        /// Counts for an empty one, too: entries take memory themselves.
        var cost: Int { bytes.count + 64 }
    }

    /// Most bytes that may wait; a longer line is taken if the queue is empty. A thousand torrents that begin at once
    /// say half of that before the thread has run.
    private static let limit = 1 << 20
    /// Whole lines up to so many bytes are written at once: of a pipe that others write to as well, no line is torn.
    private static let portion = 4_096
    /// At the end, how long whoever reads may be at a standstill, and how long it may take in all; nanoseconds.
    private static let standstill: Int64 = 1_000_000_000
    private static let farewell: Int64 = 3_000_000_000

    private let monitor = Monitor()
    private var entries: [Entry] = []
    /// Entries before this one are written.
    private var first = 0
    private var cost = 0
    private var isWriting = false
    /// Lines that were dropped and have not been reported.
    private var lost = 0
    /// Nothing is taken until half of what waits is written, so that one hole does not become many.
    private var isFull = false
    /// Somebody wants to hear when nothing waits.
    private var isAwaited = false
    /// When a byte was last written, or a write begun.
    private var movedAt = Monitor.now()
    // Set before the first line comes.
    private let whenRoom: @Sendable () -> Void

    /// `whenRoom` is called, on the queue's thread, when there is room again after lines were dropped, and when nothing
    /// waits any more after somebody asked for that.
    init(whenRoom: @escaping @Sendable () -> Void) {
        self.whenRoom = whenRoom
        Monitor.detachThread { [self] in writeForEver() }
    }

    /// Takes the bytes of `lines` lines for `descriptor`. False if they are dropped.
    func put(_ bytes: [UInt8], lines: Int, to descriptor: Int32) -> Bool {
        monitor.withLock {
            let entry = Entry(bytes: bytes, lines: lines, descriptor: descriptor)
            guard !isFull, cost == 0 || cost + entry.cost <= Self.limit else {
                isFull = true
                lost += lines
                return false
            }
            entries.append(entry)
            cost += entry.cost
            monitor.wake()
            return true
        }
    }

    /// How many lines were dropped since this was last asked; 0 also as long as there is no room to say it.
    func takeLost() -> Int {
        monitor.withLock {
            defer { if !isFull { lost = 0 } }
            return isFull ? 0 : lost
        }
    }

    /// True if nothing waits.
    var isIdle: Bool { monitor.withLock { cost == 0 && !isWriting } }

    /// True if nothing waits; if not, `whenRoom` is called when nothing does.
    func isIdleOrTells() -> Bool {
        monitor.withLock {
            isAwaited = cost > 0 || isWriting
            return !isAwaited
        }
    }

    /// Returns when all is written, or whoever reads has been at a standstill for too long.
    func flush() {
        monitor.withLock {
            let end = Monitor.now() + Self.farewell
            while cost > 0 || isWriting {
                // A thread that has not even begun waits for a processor, not for a reader.
                let deadline = isWriting ? min(end, movedAt + Self.standstill) : end
                guard Monitor.now() < deadline else { return }
                monitor.wait(until: deadline)
            }
        }
    }

    // MARK: The thread

    private func writeForEver() {
        let lineFeed = UInt8(ascii: "\n")
        // An error cut off a line: the next begins a new one.
        var isTorn = false
        while true {
            let batch = nextBatch()
            var end = isTorn ? 1 : 0
            let bytes = Array(repeating: lineFeed, count: end) + batch.flatMap(\.bytes)
            let written = write(bytes, to: batch[0].descriptor)
            if written > 0 { isTorn = written < bytes.count && bytes[written - 1] != lineFeed }
            var lost = 0
            for entry in batch {
                end += entry.bytes.count
                if end > written { lost += entry.lines }
            }
            note(batch, lost: lost)
        }
    }

    private func nextBatch() -> [Entry] {
        monitor.withLock {
            isWriting = false
            monitor.wake()
            while first == entries.count { monitor.wait() }
            isWriting = true
            movedAt = Monitor.now()
            // A thread in `flush` may have an earlier deadline now.
            monitor.wake()
            var end = first + 1
            var size = entries[first].bytes.count
            while end < entries.count, entries[end].descriptor == entries[first].descriptor,
                size + entries[end].bytes.count <= Self.portion
            {
                size += entries[end].bytes.count
                end += 1
            }
            let batch = Array(entries[first..<end])
            first = end
            // Removed from the array now and then, not each time.
            if first == entries.count || first > 1_024 {
                entries.removeSubrange(..<first)
                first = 0
            }
            return batch
        }
    }

    private func write(_ bytes: [UInt8], to descriptor: Int32) -> Int {
        var written = 0
        while written < bytes.count {
            let part = bytes[written..<min(bytes.count, written + Self.portion)]
            let (count, error) = Platform.write(part, to: descriptor)
            written += count
            if count > 0 { monitor.withLock { movedAt = Monitor.now() } }
            if error != nil { break }
        }
        return written
    }

    private func note(_ batch: [Entry], lost: Int) {
        let hasRoomAgain = monitor.withLock {
            for entry in batch { cost -= entry.cost }
            self.lost += lost
            let isIdleNow = isAwaited && cost == 0
            // Known at once: whoever asked a moment later would wait for the end of a write that is over.
            if cost == 0 { (isAwaited, isWriting) = (false, false) }
            guard isFull, cost <= Self.limit / 2 else { return isIdleNow }
            isFull = false
            return true
        }
        if hasRoomAgain { whenRoom() }
    }
}
