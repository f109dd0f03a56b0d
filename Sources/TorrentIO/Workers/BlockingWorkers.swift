/// Threads for work that may block: cold reads, records, names to resolve. A fixed number, which take jobs in order.
package final class BlockingWorkers: Sendable {
    private let pool: WorkerPool<@Sendable () -> Void>

    /// `count` threads, which begin when there is work; `name` is for debuggers.
    package init(name: String, count: Int) {
        pool = WorkerPool(name: name, workers: count, batch: 1) { jobs in
            for job in jobs { job() }
        }
    }

    /// Runs `job` when a worker is free.
    package func perform(_ job: @escaping @Sendable () -> Void) { pool.add(job) }

    /// Runs `work` when a worker is free, and sends its result through `reply`.
    package func perform<Answer: Sendable>(
        reply: Reply<Answer>, _ work: @escaping @Sendable () -> Answer
    ) {
        pool.add { reply.send(work()) }
    }

    /// Jobs that no worker has taken yet.
    package var waiting: Int { pool.waiting }

    /// Waits until every job is done; for tests.
    package func waitUntilIdle() { pool.waitUntilIdle() }
}
