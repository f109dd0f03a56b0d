import Dispatch

/// A share of a `PayloadScanner`'s work: reads and hashes in turns, on a thread of its own.
struct ScanWorker: Sendable {
    let scanner: PayloadScanner
    let output: ScanOutput
    let label: String
    /// Who hashes holds one of these. Where there are fewer than workers, the others read meanwhile: what has been read
    /// is hashed by the same processor, out of its own cache.
    let permits: DispatchSemaphore

    func run(in group: DispatchGroup) {
        DispatchQueue(label: label).async(group: group) {
            var feeder = ScanFeeder(scanner, output: output)
            var hasher = ScanHasher(scanner, output: output)
            let turn = scanner.makeTurn()
            while true {
                feeder.fill(turn)
                if turn.pieces.isEmpty { return }
                permits.wait()
                hasher.hash(turn)
                permits.signal()
            }
        }
    }
}
