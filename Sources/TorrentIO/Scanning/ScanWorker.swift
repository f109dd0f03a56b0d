import Dispatch

/// A share of a `PayloadScanner`'s work: reads and hashes in batches, on a thread of its own.
struct ScanWorker: Sendable {
    let scanner: PayloadScanner
    let output: ScanOutput
    let label: String
    /// A worker holds one of these while it hashes. Where there are fewer than workers, the others read meanwhile: each
    /// hashes what it has read, out of its own processor's cache.
    let permits: DispatchSemaphore

    func run(in group: DispatchGroup) {
        DispatchQueue(label: label).async(group: group) {
            var feeder = ScanFeeder(scanner, output: output)
            var hasher = ScanHasher(scanner, output: output)
            let batch = scanner.makeBatch()
            while true {
                feeder.fill(batch)
                if batch.pieces.isEmpty { return }
                permits.wait()
                hasher.hash(batch)
                permits.signal()
            }
        }
    }
}
