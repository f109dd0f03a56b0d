import Synchronization

/// Room for what waits on account of many clients together: how many, and their bytes.
final class WaitingRoom: Sendable {
    private let limit: (count: Int, bytes: Int)
    private let taken = Mutex((count: 0, bytes: 0))

    init(count: Int, bytes: Int) { limit = (count, bytes) }

    /// How many are in it.
    var count: Int { taken.withLock { $0.count } }

    /// False if there is no room.
    func enter(_ bytes: Int) -> Bool {
        taken.withLock { taken in
            guard taken.count < limit.count, bytes <= limit.bytes - taken.bytes else { return false }
            taken = (taken.count + 1, taken.bytes + bytes)
            return true
        }
    }

    func leave(_ bytes: Int) { taken.withLock { $0 = ($0.count - 1, $0.bytes - bytes) } }
}
