import TorrentCore

/// Future events, soonest first; of several at one moment the one that was pushed first.
///
/// The heap moves only small trivial entries; the events stay where they are in an array beside it.
struct EventQueue<Event> {
    private struct Entry: BitwiseCopyable {
        let time: Int64
        let number: UInt64
        let place: Int

        @inline(__always)
        func isBefore(_ other: Entry) -> Bool {
            time != other.time ? time < other.time : number < other.number
        }
    }

    private var heap: [Entry] = []
    private var events: [Event?] = []
    private var free: [Int] = []
    private var nextNumber: UInt64 = 0

    /// Children of each entry of the heap.
    private static var width: Int { 4 }

    mutating func push(_ event: Event, at time: Moment) {
        let place = free.popLast() ?? events.count
        if place == events.count { events.append(event) } else { events[place] = event }
        let entry = Entry(time: time.nanoseconds, number: nextNumber, place: place)
        nextNumber += 1
        heap.append(entry)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / Self.width
            guard entry.isBefore(heap[parent]) else { break }
            heap[child] = heap[parent]
            child = parent
        }
        heap[child] = entry
    }

    mutating func pop() -> (time: Moment, event: Event)? {
        guard let first = heap.first, let event = events[first.place] else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty { sink(last) }
        events[first.place] = nil
        free.append(first.place)
        return (Moment(nanoseconds: first.time), event)
    }

    /// Puts `entry` where it belongs, starting at the top.
    private mutating func sink(_ entry: Entry) {
        var parent = 0
        while true {
            let first = Self.width * parent + 1
            guard first < heap.count else { break }
            var least = first
            for child in first + 1..<max(first + 1, min(first + Self.width, heap.count))
            where heap[child].isBefore(heap[least]) {
                least = child
            }
            guard heap[least].isBefore(entry) else { break }
            heap[parent] = heap[least]
            parent = least
        }
        heap[parent] = entry
    }
}
