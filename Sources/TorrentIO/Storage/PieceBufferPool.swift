import Glibc
import Synchronization

/// Memory for pieces, page by page from the system, used again and again, within a budget. From any thread.
package final class PieceBufferPool: Sendable {
    // @unchecked: an address range; what is in it belongs to who holds the mapping.
    struct Mapping: @unchecked Sendable {
        let base: UnsafeMutableRawPointer
        /// Whole pages, bytes.
        let bytes: Int
    }

    /// How much memory is in use, and how much is idle.
    package struct Figures: Hashable, Sendable {
        /// Bytes in buffers that somebody holds.
        package var used = 0
        /// Bytes in buffers that wait for their next use.
        package var idle = 0

        package init(used: Int = 0, idle: Int = 0) {
            self.used = used
            self.idle = idle
        }
    }

    private struct State {
        var idle: [Mapping] = []
        var figures = Figures() {
            didSet { mostUsed = max(mostUsed, figures.used) }
        }
        var mostUsed = 0

        /// Takes the buffers that lay idle longest off the list until at most `bytes` lie there.
        mutating func dropIdle(to bytes: Int) -> [Mapping] {
            var dropped: [Mapping] = []
            while figures.idle > bytes, !idle.isEmpty {
                let mapping = idle.removeFirst()
                figures.idle -= mapping.bytes
                dropped.append(mapping)
            }
            return dropped
        }
    }

    /// Bytes that may be mapped in all.
    package let budget: Int
    /// Bytes that may lie idle; what comes back beyond goes to the system.
    package let idleLimit: Int
    /// Whole pages from the system, or nil if it has no more; a test may be short of them.
    private let map: @Sendable (Int) -> UnsafeMutableRawPointer?
    private let state = Mutex(State())
    private static let page = Int(sysconf(Int32(_SC_PAGESIZE)))

    package convenience init(budget: Int, idleLimit: Int) {
        self.init(budget: budget, idleLimit: idleLimit) { bytes in
            let base = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            return base == MAP_FAILED ? nil : base
        }
    }

    init(budget: Int, idleLimit: Int, map: @escaping @Sendable (Int) -> UnsafeMutableRawPointer?) {
        self.budget = budget
        self.idleLimit = idleLimit
        self.map = map
    }

    deinit { trim() }

    /// For tests, which hold the memory against its budget.
    package var figures: Figures { state.withLock { $0.figures } }
    /// The most bytes that were ever in use at once.
    package var mostUsed: Int { state.withLock { $0.mostUsed } }

    /// A buffer of `length` bytes, their content anything; nil if that would break the budget, or the system has no
    /// more. `evenOverBudget` is for the few buffers without which nothing moves at all.
    package func take(_ length: Int, evenOverBudget: Bool = false) -> PieceBuffer? {
        precondition(length > 0)
        let bytes = (length + Self.page - 1) / Self.page * Self.page
        let (recycled, discarded, mayMap) = state.withLock { state -> (Mapping?, [Mapping], Bool) in
            // The one used last is most likely still in the processor's caches.
            if let position = state.idle.lastIndex(where: { $0.bytes == bytes }) {
                state.figures.idle -= bytes
                state.figures.used += bytes
                return (state.idle.remove(at: position), [], false)
            }
            guard state.figures.used + bytes <= budget || evenOverBudget else { return (nil, [], false) }
            state.figures.used += bytes
            // Idle buffers of other sizes make room.
            return (nil, state.dropIdle(to: max(0, budget - state.figures.used)), true)
        }
        for mapping in discarded { Self.unmap(mapping) }
        if let recycled { return PieceBuffer(recycled, length: length, pool: self) }
        guard mayMap else { return nil }
        guard let base = map(bytes) else {
            state.withLock { $0.figures.used -= bytes }
            return nil
        }
        return PieceBuffer(Mapping(base: base, bytes: bytes), length: length, pool: self)
    }

    /// Gives what lies idle to the system.
    package func trim() {
        let discarded = state.withLock { $0.dropIdle(to: 0) }
        for mapping in discarded { Self.unmap(mapping) }
    }

    func takeBack(_ mapping: Mapping) {
        let discarded = state.withLock { state in
            state.figures.used -= mapping.bytes
            state.figures.idle += mapping.bytes
            state.idle.append(mapping)
            return state.dropIdle(to: min(idleLimit, max(0, budget - state.figures.used)))
        }
        for mapping in discarded { Self.unmap(mapping) }
    }

    private static func unmap(_ mapping: Mapping) { munmap(mapping.base, mapping.bytes) }
}
