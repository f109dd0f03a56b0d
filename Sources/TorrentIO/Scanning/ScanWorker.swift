import Dispatch

/// A share of a `PayloadScanner`'s work: a feeder and a hasher, on one thread in turns or on two beside each other.
struct ScanWorker: Sendable {
    let scanner: PayloadScanner
    let output: ScanOutput
    let label: String

    /// One thread reads and hashes in turns.
    func runOnOneThread(in group: DispatchGroup) {
        DispatchQueue(label: label).async(group: group) {
            var feeder = ScanFeeder(scanner, output: output)
            var hasher = ScanHasher(scanner, output: output)
            let turn = scanner.makeTurn()
            while true {
                feeder.fill(turn)
                if turn.pieces.isEmpty { return }
                hasher.hash(turn)
            }
        }
    }

    /// One thread reads what the other hashes.
    func runOnTwoThreads(in group: DispatchGroup) {
        let relay = ScanRelay((0..<ScanRelay.depth).map { _ in scanner.makeTurn() })
        DispatchQueue(label: label + ".read").async(group: group) {
            var feeder = ScanFeeder(scanner, output: output)
            relay.fill { feeder.fill($0) }
        }
        DispatchQueue(label: label).async(group: group) {
            var hasher = ScanHasher(scanner, output: output)
            relay.drain { hasher.hash($0) }
        }
    }
}

/// Hands turns from the thread that reads to the one that hashes, and back: a fixed number goes round, in order.
private final class ScanRelay: Sendable {
    /// One is filled while another is hashed; a third evens out what takes longer now and then.
    static let depth = 3

    private let turns: [ScanTurn]
    private let empty = DispatchSemaphore(value: 0)
    private let full = DispatchSemaphore(value: 0)

    init(_ turns: [ScanTurn]) {
        self.turns = turns
        for _ in turns { empty.signal() }
    }

    /// Until `body` leaves a turn without pieces.
    func fill(_ body: (ScanTurn) -> Void) {
        var number = 0
        while true {
            let turn = turns[number % turns.count]
            empty.wait()
            body(turn)
            let isEnd = turn.pieces.isEmpty
            full.signal()
            if isEnd { return }
            number += 1
        }
    }

    /// Until a turn comes without pieces.
    func drain(_ body: (ScanTurn) -> Void) {
        var number = 0
        while true {
            let turn = turns[number % turns.count]
            full.wait()
            if turn.pieces.isEmpty { return }
            body(turn)
            empty.signal()
            number += 1
        }
    }
}
