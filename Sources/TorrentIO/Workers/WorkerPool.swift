import Dispatch
import Synchronization

/// A fixed number of worker queues with one list of jobs, which they take in batches. No worker, no thread when idle.
final class WorkerPool<Job: Sendable>: Sendable {
    private struct State {
        var jobs: [Job] = []
        var idleWorkers: [Int]
    }

    private let queues: [DispatchQueue]
    private let batch: Int
    private let process: @Sendable (inout [Job]) -> Void
    private let state: Mutex<State>
    private let running = DispatchGroup()

    /// `process` is called with 1 to `batch` jobs at once, on several workers at a time. It may drop each job, with
    /// what the job owns, before it answers.
    init(name: String, workers: Int, batch: Int, process: @escaping @Sendable (inout [Job]) -> Void) {
        precondition(workers > 0 && batch > 0)
        queues = (0..<workers).map { DispatchQueue(label: "\(name).\($0)") }
        self.batch = batch
        self.process = process
        state = Mutex(State(idleWorkers: Array((0..<workers).reversed())))
    }

    func add(_ job: Job) {
        let worker = state.withLock { state -> Int? in
            state.jobs.append(job)
            // A second worker is worth its while when a whole batch waits: full batches are what makes hashing fast.
            let isQuiet = state.idleWorkers.count == queues.count
            guard isQuiet || state.jobs.count >= batch else { return nil }
            return state.idleWorkers.popLast()
        }
        guard let worker else { return }
        queues[worker].async(group: running) { [self] in work(worker) }
    }

    /// Jobs that no worker has taken yet.
    var waiting: Int { state.withLock { $0.jobs.count } }

    /// Waits until every job is done. More may be added afterwards.
    func waitUntilIdle() { running.wait() }

    private func work(_ worker: Int) {
        while true {
            var jobs = state.withLock { state in
                let jobs = Array(state.jobs.prefix(batch))
                state.jobs.removeFirst(jobs.count)
                if jobs.isEmpty { state.idleWorkers.append(worker) }
                return jobs
            }
            if jobs.isEmpty { return }
            process(&jobs)
        }
    }
}
