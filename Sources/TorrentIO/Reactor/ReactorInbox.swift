import CPosixShims
import Glibc
import Synchronization

/// What other threads want done on a reactor: one wake-up a batch, however many jobs it has.
final class ReactorInbox: Sendable {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        // A wake-up is on its way and the jobs have not been taken since.
        var isWaking = false
        var isClosed = false
    }

    private let state = Mutex(State())
    let wakeDescriptor: Descriptor

    init() throws(SystemError) {
        wakeDescriptor = Descriptor(owning: try retrying("eventfd") { p2p_eventfd() })
    }

    func add(_ job: @escaping @Sendable () -> Void) {
        let wakes = state.withLock { state in
            guard !state.isClosed else { return false }
            state.jobs.append(job)
            defer { state.isWaking = true }
            return !state.isWaking
        }
        if wakes { wake() }
    }

    /// Swaps all waiting jobs, in order, with the emptied `jobs`.
    func take(into jobs: inout [@Sendable () -> Void]) {
        jobs.removeAll(keepingCapacity: true)
        state.withLock { state in
            swap(&state.jobs, &jobs)
            state.isWaking = false
        }
    }

    /// Later jobs are dropped.
    func close() {
        // Released outside the lock: what a job captured may send another job when it is destroyed.
        let dropped = state.withLock { state in
            defer { state.jobs = [] }
            state.isClosed = true
            return state.jobs
        }
        _ = dropped
    }

    /// Makes the descriptor readable.
    func wake() {
        var one: UInt64 = 1
        _ = write(wakeDescriptor.number, &one, 8)
    }

    /// Makes it unreadable again; must come before `take`, or a wake-up gets lost.
    func clearWake() {
        var count: UInt64 = 0
        _ = read(wakeDescriptor.number, &count, 8)
    }
}
