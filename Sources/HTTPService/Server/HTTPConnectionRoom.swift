import Synchronization

/// How many connections the servers of a process, one on each reactor, may have together, and how many they have.
package final class HTTPConnectionRoom: Sendable {
    private let open = Atomic(0)
    /// Most of them.
    package let limit: Int

    package init(limit: Int) { self.limit = limit }

    /// Open ones.
    package var count: Int { open.load(ordering: .relaxed) }

    var isFull: Bool { count >= limit }

    /// False when connections run short: then none is kept open for what might come.
    var hasRoomForIdle: Bool { count < limit / 4 * 3 }

    func enter() { open.add(1, ordering: .relaxed) }
    func leave() { open.subtract(1, ordering: .relaxed) }
}
