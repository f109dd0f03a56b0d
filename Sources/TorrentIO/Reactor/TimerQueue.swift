import TorrentCore

/// Names a timer that was set; never used twice.
package struct TimerID: Hashable, Sendable, BitwiseCopyable {
    let number: UInt64
}

/// Thousands of timers, the next one at hand: a binary heap, in which cancelled entries lie until they surface.
struct TimerQueue {
    private struct Entry {
        var moment: Moment
        var number: UInt64

        // Timers of one moment fire in the order in which they were set.
        static func < (left: Entry, right: Entry) -> Bool {
            left.moment != right.moment ? left.moment < right.moment : left.number < right.number
        }
    }

    private var heap: [Entry] = []
    // Holds exactly the timers that are neither fired nor cancelled.
    private var bodies: [UInt64: () -> Void] = [:]
    private var lastNumber: UInt64 = 0

    var count: Int { bodies.count }

    mutating func set(at moment: Moment, _ body: @escaping () -> Void) -> TimerID {
        lastNumber += 1
        bodies[lastNumber] = body
        heap.append(Entry(moment: moment, number: lastNumber))
        siftUp(from: heap.count - 1)
        return TimerID(number: lastNumber)
    }

    mutating func cancel(_ id: TimerID) {
        guard bodies.removeValue(forKey: id.number) != nil else { return }
        // Sessions set and cancel far more timers than fire: dead entries may not pile up behind a distant one.
        guard heap.count > 64, heap.count > 2 * bodies.count else { return }
        heap.removeAll { bodies[$0.number] == nil }
        for position in stride(from: heap.count / 2 - 1, through: 0, by: -1) { siftDown(from: position) }
    }

    /// When the next timer is due.
    mutating func next() -> Moment? {
        while let first = heap.first {
            if bodies[first.number] != nil { return first.moment }
            removeFirst()
        }
        return nil
    }

    /// The earliest timer due at `now`, taken out.
    mutating func popDue(at now: Moment) -> (() -> Void)? {
        guard let moment = next(), moment <= now else { return nil }
        let number = heap[0].number
        removeFirst()
        return bodies.removeValue(forKey: number)
    }

    mutating func removeAll() {
        heap = []
        bodies = [:]
    }

    private mutating func removeFirst() {
        let last = heap.removeLast()
        guard !heap.isEmpty else { return }
        heap[0] = last
        siftDown(from: 0)
    }

    private mutating func siftUp(from start: Int) {
        var position = start
        while position > 0 {
            let parent = (position - 1) / 2
            guard heap[position] < heap[parent] else { return }
            heap.swapAt(position, parent)
            position = parent
        }
    }

    private mutating func siftDown(from start: Int) {
        var position = start
        while true {
            var smallest = position
            for child in [2 * position + 1, 2 * position + 2] where child < heap.count && heap[child] < heap[smallest] {
                smallest = child
            }
            if smallest == position { return }
            heap.swapAt(position, smallest)
            position = smallest
        }
    }
}
